"""When do published AI benchmarks cross the bars that matter for automated R&D?

Figures flow one way, as ``trends.pipeline`` spells out: sources -> observations ->
validation -> frontier -> fits -> crossings -> outputs. Each stage is a function from
tables to tables (``trends.tables``); what is judged by people lives in data/registry
(``trends.registry``).
"""

import os

# what polars has freed it else keeps for itself; read as it is first imported
os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:500,muzzy_decay_ms:0")
