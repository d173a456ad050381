"""What this project adds to Airflow's own processes: the only package that imports it.

Airflow finds it by the entry point in pyproject.toml, in every one of its processes.
"""
