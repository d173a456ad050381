"""``python -m trends.coverage``: pins linear algebra to one thread, then measures."""

import argparse
import os
from importlib import import_module
from pathlib import Path


def main() -> None:
    """Parse the arguments, simulate, and write the page.

    The pins must be in place before numpy is imported: on matrices this narrow two
    BLAS threads are several times slower than one.
    """
    parser = argparse.ArgumentParser(
        prog="python -m trends.coverage",
        description="Measure how often published intervals hold simulated truths, "
        "and write the page that says so.",
    )
    parser.add_argument(
        "--quick", action="store_true", help="a small run that proves it works"
    )
    parser.add_argument(
        "--output",
        type=Path,
        help="the page (default docs/coverage.md; with --quick, standard output)",
    )
    arguments = parser.parse_args()
    for name in ("OPENBLAS", "MKL", "OMP", "BLIS", "VECLIB_MAXIMUM"):
        os.environ[f"{name}_NUM_THREADS"] = "1"
    import_module("trends.coverage.run").run(
        output=arguments.output, quick=arguments.quick
    )


if __name__ == "__main__":
    main()
