"""Entries of sources.yaml."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from trends.registry.models.fields import Entry, HostName, Identifier, Text, Url


class Reviewed(Entry):
    """A content of a file that somebody looked at after a guard had held it back."""

    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{12,64}$")]
    """SHA-256 of the content, or its first 12 digits or more."""
    reason: Text
    """Why it is right although so many rows are gone."""


class SourceFile(Entry):
    """A published file from which benchmarks of a source can be refreshed.

    ``hosts`` are further hosts that a redirect of ``address`` may lead to. ``options``
    are the reader's, which checks them: which published name is which benchmark, and
    what the file does not say of its rows. ``reviewed`` are contents that are right
    although so many rows are gone that they were held back. A file is made ``by_hand``
    where its publisher gives the board at no one address: publishers are not asked for
    it, and a copy is read where copies are.
    """

    id: Identifier
    address: Url
    reader: Literal[
        "metr",
        "epoch_hub",
        "epoch_index",
        "swe_bench",
        "aider",
        "mle_bench",
        "modded_nanogpt",
        "posttrainbench",
        "hal",
        "tau2_bench",
        "terminal_bench",
        "every_eval_ever",
        "table",
    ]
    benchmarks: Annotated[list[Identifier], Field(min_length=1)]
    hosts: list[HostName] = Field(default=[])
    by_hand: bool = False
    reviewed: list[Reviewed] = Field(default=[])
    options: dict[str, Any] = Field(default={})


class Source(Entry):
    """A publisher whose scores enter together, and pass or fail together."""

    title: Text
    """Name of the publisher, or of its list."""
    reader: Literal["shipped_figures"]
    """Figures in data/observations are always the base."""
    benchmarks: Annotated[list[Identifier], Field(min_length=1)]
    """Benchmarks whose figures are its own: each has a file."""
    licence: Text
    """Licence of the publisher's files, or ``none stated``."""
    reuse_restricted: bool = False
    """Whether its files may not be copied freely: a restrictive licence, or none
    stated.
    """
    citation: Text
    """How to cite it."""
    url: Url
    """Its page."""
    retrieved_on: date | None = None
    """Day on which its figures were read, where that is evidenced."""
    files: list[SourceFile] = Field(default=[])
    """Published files from which its benchmarks can be refreshed."""
    note: Text | None = None
    """What else to know of it."""
