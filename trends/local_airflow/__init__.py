"""Airflow on one machine, for one checkout: what `make run` and `make ui` start.

Airflow runs as child processes and is spoken to over HTTP, so nothing here imports
it, and a broken Airflow can be reported instead of breaking the reporter.
"""
