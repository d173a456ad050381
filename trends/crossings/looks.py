"""What the figures of one series show, looked at once by all who ask of it."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

import polars as pl

from trends.fits.redated import History, drawn_histories
from trends.fits.redraws import REDRAWN_FROM, LineDraws, redraw_line
from trends.registry.series import Series

FitRow = Mapping[str, Any]

_T = TypeVar("_T")


@dataclass(frozen=True, eq=False)
class Looks:
    """The figures of one series, and what was made of them.

    The bars of its thresholds, the influence of the pool on them and the forecast of
    its scores ask the same. What is kept is kept under all that it was made from.

    Attributes:
        series: the series.
        scores: its SERIES_SCORES rows.
        records: its FRONTIER rows.
    """

    series: Series
    scores: pl.DataFrame
    records: pl.DataFrame

    @cached_property
    def histories(self) -> list[History]:
        """From ``drawn_histories``."""
        return drawn_histories(self.series, self.scores, self.records)

    def shown(
        self, fit: FitRow, look: Callable[[Series, History, float | None, date], _T]
    ) -> list[_T]:
        """What each history shows under a row's ceiling, whatever the row leans on.

        Nothing where there is but one: the row itself says what that shows.

        Args:
            fit: a TREND_FITS row of the series, whose epoch is the last look.
            look: at one history, under a ceiling, up to the last look.
        """
        drawn = self.histories if len(self.histories) > 1 else []
        under = fit["ceiling"], fit["epoch_date"]
        return self.once(
            (look, *under), lambda: [look(self.series, one, *under) for one in drawn]
        )

    def lines(self, fit: FitRow, *, seed: int, n_draws: int, place: int) -> LineDraws:
        """``redraw_line`` of a row."""
        line = tuple(fit[name] for name in REDRAWN_FROM)
        return self.once(
            (*line, seed, n_draws, place),
            lambda: redraw_line(
                self.series,
                fit,
                self.scores,
                seed=seed,
                n_draws=n_draws,
                place=place,
            ),
        )

    def once(self, what: Hashable, make: Callable[[], _T]) -> _T:
        """What was made of these figures under this name, or is made now."""
        if what not in self._made:
            self._made[what] = make()
        found: _T = self._made[what]
        return found

    @cached_property
    def _made(self) -> dict[Hashable, Any]:
        return {}
