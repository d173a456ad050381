"""Where things are: the folders of one checkout, and nothing else."""

import os
from dataclasses import dataclass
from pathlib import Path

from trends.store import Store, store_of

HOME_VARIABLE = "TRENDS_HOME"


@dataclass(frozen=True)
class Workspace:
    """Folders of one project checkout (or of a copy made for a test)."""

    root: Path

    @classmethod
    def find(cls) -> "Workspace":
        """The checkout named by TRENDS_HOME, else the one this package lies in."""
        named = os.environ.get(HOME_VARIABLE)
        root = Path(named) if named else Path(__file__).parent.parent
        return cls(root.resolve())

    @classmethod
    def around(cls, path: Path) -> "Workspace":
        """The checkout in whose data/work/ or data/results/ a path lies.

        Raises:
            ValueError: the path lies in none.
        """
        for folder in path.parents:
            if folder.name in {"work", "results"} and folder.parent.name == "data":
                return cls(folder.parent.parent)
        raise ValueError(f"{path} lies in no data/work/ or data/results/")

    @property
    def store(self) -> Store | None:
        """What it shares with other machines; None where it has only its disk."""
        return store_of(self.root / "data")

    @property
    def registry(self) -> Path:
        """Reviewed entries: benchmarks, models, thresholds, corrections, sources."""
        return self.root / "data" / "registry"

    @property
    def observations(self) -> Path:
        """Figures that ship with the project."""
        return self.root / "data" / "observations"

    @property
    def expectations(self) -> Path:
        """Great Expectations suites, one YAML file a table."""
        return self.root / "expectations"

    @property
    def ledger(self) -> Path:
        """Forecasts of record, frozen and committed."""
        return self.root / "data" / "ledger"

    @property
    def work(self) -> Path:
        """Intermediate files, named by what they were made from; safe to delete."""
        return self.root / "data" / "work"

    @property
    def snapshots(self) -> Path:
        """What publishers sent, named by content; deleting it loses vintages."""
        return self.root / "data" / "snapshots"

    @property
    def results(self) -> Path:
        """Published runs and latest.json."""
        return self.root / "data" / "results"

    @property
    def backtests(self) -> Path:
        """Backtests, each in a folder named by what it was made from."""
        return self.results / "backtests"
