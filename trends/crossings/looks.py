"""What the figures of one series show, looked at once by all who ask of it."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import polars as pl

from trends.fits.redated import History, drawn_histories
from trends.fits.redraws import LineDraws, redraw_line
from trends.registry.series import Series

FitRow = Mapping[str, Any]

_T = TypeVar("_T")


@dataclass(frozen=True)
class Looks:
    """The figures of one series, and what was made of them.

    The bars of its thresholds, the influence of the pool on them and the forecast of
    its scores ask the same.

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
        self, fit: FitRow, look: Callable[[FitRow, Series, Sequence[History]], list[_T]]
    ) -> list[_T]:
        """What the histories show under a row's ceiling.

        Args:
            fit: a TREND_FITS row of the series.
            look: at the histories; it takes of the row what is the same in all rows of
                its family under that ceiling.
        """
        under = look, fit["ceiling"], fit["epoch_date"]
        return self.once(under, lambda: look(fit, self.series, self.histories))

    def lines(self, fit: FitRow, *, seed: int, n_draws: int, place: int) -> LineDraws:
        """``redraw_line`` of a row."""
        line = fit["trend"], fit["ceiling"], fit["intercept"], fit["slope_per_year"]
        drawn = *line, seed, n_draws, place
        return self.once(
            drawn,
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
