"""The figures of an ingest, read back only where they are what names it."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import polars as pl

from trends.pipeline.errors import PartError
from trends.pipeline.fingerprints import fingerprint, fingerprint_rows
from trends.pipeline.parts import Content, read_frame, read_json
from trends.registry.looks import Looks, looks_of
from trends.tables import OBSERVATIONS, QUARANTINE


@dataclass(frozen=True)
class Ingest:
    """The figures of an ingest, and what names it.

    Attributes:
        observations: accepted OBSERVATIONS rows of all sources.
        quarantine: rejected QUARANTINE rows.
        sources: report of each source.
        code: fingerprint of the code that made it.
    """

    observations: pl.DataFrame
    quarantine: pl.DataFrame
    sources: dict[str, dict[str, object]]
    code: str

    @property
    def looks(self) -> Looks:
        """When publishers' own files showed what is carried, by benchmark."""
        found: dict[str, Any] = {}
        for report in self.sources.values():
            found |= cast("dict[str, Any]", report.get("looks", {}))
        return looks_of(found)

    @property
    def refused(self) -> dict[str, str]:
        """Files of publishers whose content is not in use, each with the reason."""
        return {
            f"{source_id}/{name}": why
            for source_id, report in self.sources.items()
            for name, why in cast("dict[str, str]", report.get("refused", {})).items()
        }

    @property
    def stopped(self) -> dict[str, str]:
        """Sources without figures, each with the reason."""
        return {
            source_id: str(report["stopped"])
            for source_id, report in self.sources.items()
            if report["stopped"] is not None
        }

    def contents(self) -> dict[str, Content]:
        """Its files, from which ``load_ingest`` reads it."""
        return {
            "observations.parquet": self.observations,
            "quarantine.parquet": self.quarantine,
            "ingest.json": {
                "sources": self.sources,
                "sha256": self.sha256,
                "code": self.code,
            },
        }

    @cached_property
    def sha256(self) -> str:
        """Fingerprint of all of it."""
        return fingerprint(
            fingerprint_rows(self.observations),
            fingerprint_rows(self.quarantine),
            self.sources,
            self.code,
        )


def load_ingest(folder: Path) -> Ingest:
    """An ingest, read from its folder.

    Raises:
        PartError: it is not there as it was written.
    """
    about = read_json(folder / "ingest.json")
    sources = about.get("sources")
    if not isinstance(sources, dict):
        raise PartError(f"{folder} is no ingest: run `trends ingest` again")
    return Ingest(
        observations=read_frame(folder, OBSERVATIONS),
        quarantine=read_frame(folder, QUARANTINE),
        sources=sources,
        code=str(about.get("code")),
    )


def is_named_by_its_content(folder: Path) -> bool:
    """Whether an ingest is what it was named by: nobody put other figures there."""
    try:
        return folder.name == load_ingest(folder).sha256[:12]
    except PartError:
        return False
