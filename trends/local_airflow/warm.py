"""Starts Airflow with the libraries of this project's tasks imported already.

Each task is a fork of the process that starts it. Great Expectations alone takes three
seconds of CPU to import, which every task that checks a table would spend again. The
project's own modules stay out: they may be edited while Airflow is up, and a task must
run what its run id says.

    python -m trends.local_airflow.warm airflow scheduler --skip-serve-logs
"""

import importlib
import logging
import multiprocessing
import runpy
import sys
from typing import Final

LIBRARIES: Final = (
    "altair",
    "great_expectations",
    "httpx",
    "numba",
    "polars",
    "pyarrow",
    "statsmodels.regression.linear_model",
    "vl_convert",
)
"""None may work in threads of its own before a fork: Polars does once it is used."""


def main() -> None:
    """Import, then be the program that the first argument names."""
    if multiprocessing.get_start_method() == "fork":  # elsewhere tasks import anew
        logging.getLogger("great_expectations").setLevel(logging.WARNING)
        for name in LIBRARIES:
            importlib.import_module(name)
    del sys.argv[0]
    runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
