"""What previews keep in data/work: figures, fits and laws, by what they are made from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Final

from trends.pipeline.fingerprints import (
    code_fingerprint,
    fingerprint,
    library_versions,
)
from trends.pipeline.ingest import read_sources
from trends.pipeline.ingested import Ingest, load_ingest
from trends.pipeline.parts import Content, once, read_frame, read_json
from trends.pipeline.shards import LEFT_OUT
from trends.pipeline.source_part import figures_fingerprint, figures_untouched
from trends.previews.laws import Fits, Laws, fit_all, laws_of
from trends.previews.run import Run
from trends.previews.sides import Settings, Side, fitted_entry
from trends.snapshots import pull
from trends.tables import AUTOMATION, CROSSING_CDF, CROSSING_SUMMARY, TREND_FITS
from trends.workspace import Workspace

MADE_FOR_IT: Final = "fits made for this comparison"


@dataclass(frozen=True)
class Shelf:
    """What a checkout has at hand, and how it is told of what is made.

    Attributes:
        workspace: the checkout.
        today: UTC day; the cut-off where no run is at hand.
        progress: told what is done.
    """

    workspace: Workspace
    today: date
    progress: Callable[[str], None]

    @property
    def folder(self) -> Path:
        """Where it lies; safe to delete."""
        return self.workspace.work / "previews"

    @cached_property
    def run(self) -> Run | None:
        """The latest published run."""
        return Run.latest(self.workspace)

    def figures(self, of: Workspace) -> Ingest:
        """The figures of a checkout, read unless they are kept.

        Raises:
            RegistryError: figures refute a date in its registry.
            EditedError: somebody edits them meanwhile.
            StoreError: the store does not answer.
        """

        def read() -> Mapping[str, Content]:
            self.progress("figures: reading every source (once; kept in data/work)")
            found = read_sources(of, progress=self.progress).contents()
            ask_untouched()
            return found

        # what other machines hold belongs to what they are named by
        pull(of.snapshots, of.store, root=of.snapshots)
        ask_untouched = figures_untouched(of)
        name = figures_fingerprint(of)[:12]
        folder = self.folder / "figures" / name
        return load_ingest(once(folder, read, root=self.folder))

    def laws(
        self,
        side_of: Callable[[Settings], Side],
        figures: Ingest,
        as_of: date | None = None,
    ) -> tuple[Laws, str]:
        """Laws of a published run if it is of these figures, else of a side, made once.

        Args:
            side_of: the side on a day.
            figures: its figures.
            as_of: the run's vintage, by default that of the latest run.

        Returns:
            The laws, and where they are from, in words.
        """
        run = self.run if as_of is None else Run.of_day(self.workspace, as_of)
        found = run.laws(figures) if run is not None else None
        if run is not None and found is not None:
            return found, f"fits of run {run.run_id}"
        return self.laws_made_once(side_of(Settings(as_of or self.today))), MADE_FOR_IT

    def laws_made_once(self, side: Side) -> Laws:
        """The laws of a side, worked out unless they are kept."""
        name = fingerprint(_facts(side), side.registry.content_sha256)[:12]
        folder = self.folder / "laws" / name

        def work_out() -> Mapping[str, Content]:
            laws = laws_of(side, None, self._fits(side))
            return {
                f"{TREND_FITS.name}.parquet": laws.fits,
                f"{CROSSING_SUMMARY.name}.parquet": laws.summary,
                f"{CROSSING_CDF.name}.parquet": laws.cdf,
                f"{AUTOMATION.name}.parquet": laws.automation,
                LEFT_OUT: dict(laws.left_out),
            }

        once(folder, work_out, root=self.folder)
        return Laws(
            side=side,
            fits=read_frame(folder, TREND_FITS),
            left_out=_reasons(folder),
            summary=read_frame(folder, CROSSING_SUMMARY),
            cdf=read_frame(folder, CROSSING_CDF),
            automation=read_frame(folder, AUTOMATION),
        )

    def _fits(self, side: Side) -> Fits:
        """Fits of a side; moving a bar leaves them as they are."""
        entries = {
            name: fitted_entry(one) for name, one in side.registry.benchmarks.items()
        }
        series = [one.series_id for one in side.series]
        name = fingerprint(_facts(side), entries, series)[:12]

        def fit() -> Mapping[str, Content]:
            self.progress(
                "fits: no run of these figures and this code is at hand: fitting "
                "every series (once; kept in data/work)"
            )
            fits, left_out = fit_all(side, {})
            return {f"{TREND_FITS.name}.parquet": fits, LEFT_OUT: dict(left_out)}

        folder = once(self.folder / "fits" / name, fit, root=self.folder)
        return read_frame(folder, TREND_FITS), _reasons(folder)


def _facts(side: Side) -> list[object]:
    """What the numbers of a side depend on, besides its entries."""
    weights = side.registry.weights
    return [
        code_fingerprint(),
        library_versions(),
        side.figures.write_csv(),
        side.quarantine.write_csv(),
        side.stopped,
        side.settings,
        None if weights is None else weights.model_dump(mode="json"),
    ]


def _reasons(folder: Path) -> dict[str, str]:
    """Series left out, as they were written."""
    return {name: str(why) for name, why in read_json(folder / LEFT_OUT).items()}
