"""What a published run was made from, as far as its numbers depend on it."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import polars as pl
from pydantic import ValidationError

from trends.outputs import NotCarriedError, read_internal, read_manifest, read_table
from trends.registry import Registry, restore_registry
from trends.tables import OBSERVATIONS, TableError

REGISTRY_FILE: Final = "registry.json"
"""File of a run's ``internal/`` folder that holds the registry it used."""


class InputsError(ValueError):
    """A run cannot be made again from what it carries."""


@dataclass(frozen=True)
class Inputs:
    """Everything that decides a run's numbers, except the code.

    Attributes:
        observations: OBSERVATIONS rows known as of the vintage.
        registry: the reviewed entries.
        as_of: information cut-off.
        seed: seed of the draws.
        n_draws: parameter draws of each line fit.
    """

    observations: pl.DataFrame
    registry: Registry
    as_of: date
    seed: int
    n_draws: int


def load_inputs(run: Path) -> Inputs:
    """Inputs of a run, read from its folder.

    Raises:
        InputsError: an older version wrote the run without some input, so that a
            change from it cannot be split.
        OutputError: the run is damaged.
    """
    try:
        manifest = read_manifest(run)
        registry = restore_registry(read_internal(run, REGISTRY_FILE))
        observations = read_table(run, OBSERVATIONS)
    except (NotCarriedError, TableError, ValidationError) as error:
        raise InputsError(f"run {run.name} cannot be made again: {error}") from error
    return Inputs(
        observations=observations,
        registry=registry,
        as_of=manifest.as_of,
        seed=int(str(manifest.provenance["seed"])),
        n_draws=int(str(manifest.provenance["draws"])),
    )
