"""How fast and how exact the fitting engine is, beside the loops it replaces.

``python -m trends.bench`` measures everything in one run: a table on stdout, progress
on stderr, and ``.bench/bench.json``. Nothing else in the project imports this package.
"""
