"""The compiled kernels, imported when the first fit is asked for, not before.

Numba takes a second to import, for which who looks at a table need not wait.
"""

from functools import cache
from importlib import import_module
from typing import Any


@cache
def kernels() -> Any:
    """Of the fitting engine: ``trends.fits.kernels``."""
    return import_module("trends.fits.kernels")


@cache
def break_kernels() -> Any:
    """Of the break test: ``trends.fits.break_kernels``."""
    return import_module("trends.fits.break_kernels")


@cache
def record_kernels() -> Any:
    """Of the law of records: ``trends.fits.record_kernels``."""
    return import_module("trends.fits.record_kernels")


@cache
def level_kernels() -> Any:
    """Of laws of levels: ``trends.fits.level_kernels``."""
    return import_module("trends.fits.level_kernels")


@cache
def walk_kernels() -> Any:
    """Of simulated walks: ``trends.fits.walk_kernels``."""
    return import_module("trends.fits.walk_kernels")
