"""How scores are drawn: shares from 0 to 100%, scores without bound by powers of ten."""

import math
from dataclasses import dataclass
from typing import Final

from trends.report.charts.chart import Row, Spec, rounded

HEIGHT: Final = 280
"""Pixels down the plot of scores."""

UNITS: Final[dict[str, str]] = {
    "minutes": "minutes",
    "usd": "US dollars",
    "x_speedup": "times as fast",
    "x_2025_mean": "times the mean of 2025",
    "ratio": "ratio",
}
"""Words for the units of scores without bound."""


@dataclass(frozen=True)
class Scale:
    """How scores of a unit are drawn."""

    unit: str

    @property
    def bounded(self) -> bool:
        """Whether scores are shares; else they are drawn by their powers of ten."""
        return self.unit == "fraction"

    def has(self, score: float) -> bool:
        """Whether a score has a place: nothing up to zero is a power of ten."""
        return self.bounded or score > 0

    def domain(
        self, points: list[Row], fan: list[Row], bars: list[Row]
    ) -> tuple[float, float]:
        """Lowest and highest score drawn.

        Of a fan without bound the upper bands may run out of the plot; points, bars
        and its median do not.
        """
        if self.bounded:
            return 0.0, 1.0
        drawn = [row["s"] for row in [*points, *bars]]
        drawn += [row["m"] for row in fan]
        return min(drawn) / 1.3, max(drawn) * 1.6

    def place(self, score: float, domain: tuple[float, float]) -> float:
        """Pixels of a score below the top of the plot."""
        low, high = domain
        if not self.bounded:
            score, low, high = math.log(score), math.log(low), math.log(high)
        return HEIGHT * (high - score) / (high - low)

    def axis(self, domain: tuple[float, float]) -> Spec:
        """Scale and axis of scores."""
        if self.bounded:
            scale: Spec = {"type": "linear", "domain": list(domain)}
            axis: Spec = {"format": ".0%", "title": None, "tickCount": 5}
        else:
            scale = {"type": "log", "domain": [rounded(end) for end in domain]}
            title = f"{UNITS.get(self.unit, self.unit)}, by powers of ten"
            low, high = (math.log10(end) for end in domain)
            every = math.ceil((high - low) / 6)
            powers = range(math.ceil(low), math.floor(high) + 1, every)
            ticks = [10.0**power for power in powers]
            axis = {"format": ",.3~f", "title": title, "values": ticks}
        return {"scale": scale, "axis": axis}
