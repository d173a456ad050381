"""What the set-up compiles, and what its cache can know of."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import trends

PACKAGE = Path(trends.__path__[0])
KERNELS = sorted((PACKAGE / "fits").glob("*kernels.py"))

ASKED = re.compile(r"\b(\w*kernels)\(\)\.([a-z]\w+)")
"""As ``trends.fits.compiled`` gives a kernel to who calls it."""

UNCOMPILED = """
import importlib, runpy, sys
runpy.run_module("trends.fits.compile", run_name="__main__")
for asked in sys.argv[1:]:
    module, name = asked.split(".")
    kernel = getattr(importlib.import_module(f"trends.fits.{module}"), name)
    if not kernel.signatures:
        print(asked)
"""


def test_no_kernel_is_left_for_the_first_forecast_to_compile() -> None:
    asked = sorted(
        {
            ".".join(found)
            for path in PACKAGE.rglob("*.py")
            for found in ASKED.findall(path.read_text())
        }
    )
    assert {"kernels.resample_lines", "walk_kernels.realised_variance"} < {*asked}
    told = subprocess.run(
        [sys.executable, "-c", UNCOMPILED, *asked],
        capture_output=True,
        check=True,
        text=True,
    )
    # asked with starts of one's own, for data that are no benchmark
    assert told.stdout.split() == ["kernels.best_sigmoid"]


@pytest.mark.parametrize("path", KERNELS, ids=lambda path: path.stem)
def test_kernels_call_none_of_another_file(path: Path) -> None:
    """Numba would read the caller from its cache after the callee has changed."""
    taken = [
        name
        for one in ast.walk(ast.parse(path.read_text()))
        for name in (
            [one.module or "."]
            if isinstance(one, ast.ImportFrom)
            else [name.name for name in one.names]
            if isinstance(one, ast.Import)
            else []
        )
    ]
    assert "numba" in taken
    assert not [name for name in taken if name.startswith(("trends", "."))]
