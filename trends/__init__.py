"""When do published AI benchmarks cross the bars that matter for automated R&D?

Figures flow one way, as ``trends.pipeline`` spells out: sources -> observations ->
validation -> frontier -> fits -> crossings -> outputs. Each stage is a function from
tables to tables (``trends.tables``); what is judged by people lives in data/registry
(``trends.registry``).
"""
