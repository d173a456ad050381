"""``python -m trends.bench``: pins linear algebra to one thread, then measures."""

import argparse
import gc
import os
from importlib import import_module
from pathlib import Path

from trends import defaults


def main() -> None:
    """Parse the arguments and run the benchmark.

    The pins must be in place before numpy is imported: on matrices this narrow two
    BLAS threads are several times slower than one.
    """
    parser = argparse.ArgumentParser(prog="python -m trends.bench", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="a small run that proves it works"
    )
    parser.add_argument(
        "--output", type=Path, default=Path(".bench"), help="folder of bench.json"
    )
    arguments = parser.parse_args()
    for name in ("OPENBLAS", "MKL", "OMP", "BLIS", "VECLIB_MAXIMUM"):
        os.environ[f"{name}_NUM_THREADS"] = "1"
    # as a command does
    gc.set_threshold(defaults.COLLECT_AFTER)
    os.environ.setdefault("POLARS_MAX_THREADS", str(defaults.POLARS_THREADS))
    import_module("trends.bench.run").run(
        output=arguments.output, quick=arguments.quick
    )


if __name__ == "__main__":
    main()
