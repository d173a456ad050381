"""The registry, read once a process however many stages and sources ask for it."""

from functools import lru_cache
from pathlib import Path

from trends.pipeline.parts import State, state_below
from trends.registry import Registry, load_registry


def reviewed(folder: Path) -> Registry:
    """The registry of a folder, read anew once somebody touches a file of it.

    To read thousands of benchmarks takes seconds, and each copy of them a tenth of a
    GiB.

    Raises:
        RegistryError: it is not valid.
    """
    return _reviewed(folder, state_below(folder, ".yaml"))


@lru_cache(maxsize=2)
def _reviewed(folder: Path, _state: State) -> Registry:
    return load_registry(folder)
