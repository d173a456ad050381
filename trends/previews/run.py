"""Laws of the latest published run, where they are what today's code would make."""

from datetime import date

from pydantic import ValidationError

from trends.changes import REGISTRY_FILE, InputsError, load_inputs
from trends.outputs import (
    LatestRun,
    OutputError,
    find_published,
    read_internal,
    read_latest,
    read_manifest,
    read_table,
)
from trends.pipeline import RequestError
from trends.pipeline.fingerprints import code_fingerprint, library_versions
from trends.pipeline.ingested import Ingest
from trends.previews.laws import Laws
from trends.previews.sides import Settings, Side
from trends.registry import Registry, restore_registry
from trends.tables import (
    AUTOMATION,
    CROSSING_CDF,
    CROSSING_SUMMARY,
    QUARANTINE,
    TREND_FITS,
    TableError,
)
from trends.workspace import Workspace


class Run:
    """The latest published run, as far as a preview can take laws from it."""

    def __init__(self, published: LatestRun) -> None:
        """Read what it was made of.

        Raises:
            OutputError: it is damaged.
        """
        self.run_id = published.run_id
        self.path = published.path
        self._manifest = read_manifest(published.path)

    @classmethod
    def latest(cls, workspace: Workspace) -> "Run | None":
        """None where nothing is published, or where the latest run is damaged."""
        try:
            published = read_latest(workspace.results)
            return None if published is None else cls(published)
        except OutputError:
            return None

    @classmethod
    def of_day(cls, workspace: Workspace, day: date) -> "Run | None":
        """The published run of a vintage; None where there is none, or a damaged one."""
        try:
            return cls(find_published(workspace.results, day.isoformat()))
        except OutputError:
            return None

    @property
    def settings(self) -> Settings:
        """Its cut-off and draws."""
        facts = self._manifest.provenance
        return Settings(
            as_of=self._manifest.as_of,
            seed=int(str(facts["seed"])),
            n_draws=int(str(facts["draws"])),
        )

    @property
    def _left_out(self) -> dict[str, str]:
        found = self._manifest.provenance.get("left_out")
        reasons = found if isinstance(found, dict) else {}
        return {name: str(why) for name, why in reasons.items()}

    def is_of(self, ingest: Ingest) -> bool:
        """Whether today's code made it of these figures."""
        facts = self._manifest.provenance
        made_of = [facts.get(name) for name in ("inputs", "code", "libraries")]
        return made_of == [ingest.sha256, code_fingerprint(), library_versions()]

    def registry(self) -> Registry | None:
        """Its registry; None where today's code does not know such entries."""
        try:
            return restore_registry(read_internal(self.path, REGISTRY_FILE))
        except (OutputError, ValidationError):
            return None

    def laws(self, ingest: Ingest) -> Laws | None:
        """What it says, where that is what today's code makes of the figures."""
        registry = self.registry()
        if registry is None or not self.is_of(ingest):
            return None
        try:
            return Laws(
                side=Side.of(registry, ingest, self.settings),
                fits=read_table(self.path, TREND_FITS),
                left_out=self._left_out,
                summary=read_table(self.path, CROSSING_SUMMARY),
                cdf=read_table(self.path, CROSSING_CDF),
                automation=read_table(self.path, AUTOMATION),
            )
        except (OutputError, TableError):
            return None

    def side(self) -> Side:
        """Its own registry and figures, for today's code.

        Raises:
            RequestError: an older version wrote it without some of them.
        """
        try:
            inputs = load_inputs(self.path)
        except InputsError as error:
            raise RequestError(f"{error}; name a commit with --base") from error
        return Side(
            registry=inputs.registry,
            figures=inputs.observations,
            quarantine=read_table(self.path, QUARANTINE),
            stopped={},
            settings=self.settings,
        )
