"""What the backtest taught: weights of the ensemble, coverage, spread, dependence.

``trends backtest --write-weights`` writes the file; forecasts read it and never fit
any of it again.
"""

from collections.abc import Iterator
from datetime import date
from io import StringIO
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import Field
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from trends.registry.faults import Fault
from trends.registry.models import Entry, Text, TrendFamily

Scale = Literal["bounded", "unbounded"]
CutOn = Literal["reported_on", "release_date"]
"""Day on which a score enters past forecasts."""
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]

SMALLEST_WEIGHT: Final = 0.05
"""No family of the ensemble has less."""

USABLE_WITHIN: Final = 0.05
"""Coverage of families left out may differ from nominal by so much."""

_HEAD: Final = """\
# yaml-language-server: $schema=schemas/weights.schema.json
#
# Written by `trends backtest --write-weights`; not edited by hand.
# Forecasts read it and fit none of it again. What it rests on stands beside each number.
"""

POOLED_FAMILIES: Final[dict[Scale, tuple[TrendFamily, ...]]] = {
    "bounded": (TrendFamily.DRIFT, TrendFamily.LOGISTIC, TrendFamily.QUANTILE),
    "unbounded": (TrendFamily.DRIFT, TrendFamily.EXPONENTIAL, TrendFamily.QUANTILE),
}
"""Families of the ensemble on each link scale."""


class FamilyWeight(Entry):
    """Weight of one family in the ensemble, and what it rests on.

    ``stacked`` scored best in the backtest; ``weight`` is that shrunk to equal weights
    and kept from under 5%.
    """

    scale: Scale
    trend: TrendFamily
    weight: Annotated[float, Field(ge=SMALLEST_WEIGHT - 1e-9, le=1)]
    stacked: Share
    n_forecasts: Count
    n_families: Count


class LevelBand(Entry):
    """Coverage of a family's intervals of frontier scores, all lead times together.

    ``central_level`` is the level whose intervals held ``nominal`` of what came, null
    with too few benchmark families; ``coverage_left_out`` what it held of families
    that had no say in it.
    """

    scale: Scale
    trend: TrendFamily
    nominal: Share
    central_level: Share | None
    coverage: Share
    coverage_left_out: Share | None
    n_forecasts: Count
    n_families: Count

    @property
    def usable_level(self) -> float | None:
        """``central_level`` if it held of families left out what it is to hold."""
        held = self.coverage_left_out
        if held is None or abs(held - self.nominal) > USABLE_WITHIN:
            return None
        return self.central_level


class DateInterval(Entry):
    """Coverage of a family's 80% intervals of crossing dates.

    Dates still to come count as later than they were watched (Kaplan-Meier); null
    where no bar was watched to the end of its interval. ``came_before`` is the share
    of dates that came before the interval, 0.1 where it is right. ``lower_level`` and
    ``upper_level`` are the quantiles between which ``nominal`` came, null where too few
    benchmark families or too short a watch cannot tell; ``_left_out`` is what came
    beyond them of families that had no say in them. ``family`` is the only family that
    the row speaks of, null for all of the scale; ``sigma_factor`` that of the forecasts
    that were made, and ``n_origins`` the days on which those of dates that came were.
    """

    scale: Scale
    trend: TrendFamily
    nominal: Share
    coverage: Share | None
    came_before: Share | None
    lower_level: Share | None = None
    upper_level: Share | None = None
    came_before_left_out: Share | None = None
    came_after_left_out: Share | None = None
    n_forecasts: Count
    n_crossed: Count
    n_families: Count
    family: Text | None = None
    sigma_factor: Annotated[float, Field(gt=0)] = 1.0
    n_origins: Count | None = None

    @property
    def at_most(self) -> float | None:
        """The share that was held, or what it cannot exceed; null if unknown."""
        if self.coverage is not None or self.came_before is None:
            return self.coverage
        return 1 - self.came_before


class RecordsStood(Entry):
    """Share of records that stood so many months, beside what was said of them.

    ``said`` is the mean probability that the headline's trend gave to no new record,
    ``stood`` the share that none came to, each benchmark family counted once;
    ``difference_low`` and ``_high`` the 95% interval of the first less the second over
    families, null under five. ``cut_on`` says on which day scores entered.
    """

    scale: Scale
    trend: TrendFamily
    cut_on: CutOn
    lead_months: Annotated[int, Field(gt=0)]
    said: Share
    stood: Share
    difference_low: float | None
    difference_high: float | None
    n_forecasts: Count
    n_families: Count


class HighBars(Entry):
    """How often bars of 90% and 95% were reached, beside how likely that was said to be.

    Of bounded benchmarks that were below them, by months ahead and by what was said:
    from ``said_from`` to under ``said_to``. ``said`` is the mean probability that the
    headline's trend gave, ``reached`` the share of forecasts, one a bar and past day,
    that came true; ``difference_low`` and ``_high`` the 95% interval of the first less
    the second over families, null under five.
    """

    trend: TrendFamily
    lead_months: Annotated[int, Field(gt=0)]
    said_from: Share
    said_to: Share
    said: Share
    reached: Share
    difference_low: float | None
    difference_high: float | None
    n_forecasts: Count
    n_families: Count
    n_families_reached: Count


class PublishedWidth(Entry):
    """How forecasts did as they are published: dates, records that stood, high bars.

    Intervals of records, and of the drift with the factor of its sigma; families with
    enough dates of their own have a row of their own. ``trends backtest
    --write-coverage`` writes it.
    """

    backtest_id: Annotated[str, Field(pattern=r"^[0-9a-f]{12}$")]
    first_origin: date
    last_origin: date
    date_intervals: list[DateInterval]
    records_stood: tuple[RecordsStood, ...] = ()
    high_bars: tuple[HighBars, ...] = ()


Scored = TypeVar("Scored", LevelBand, DateInterval)


class DriftSpread(Entry):
    """Factor of the drift's sigma that scored best, and that shrunk to 1.

    ``low`` and ``high`` are the extremes of the best when one benchmark family at a
    time is left out.
    """

    scale: Scale
    factor: Annotated[float, Field(gt=0)]
    best: Annotated[float, Field(gt=0)]
    low: Annotated[float, Field(gt=0)]
    high: Annotated[float, Field(gt=0)]
    n_forecasts: Count
    n_families: Count


class LeadDependence(Entry):
    """Correlation of two benchmark families' errors so many months ahead.

    Of a one-factor Gaussian copula: the median of what it may be, its 80% interval, and
    values that are equally likely, rising, over which forecasts average; with none of
    them they use the median.
    """

    lead_months: Annotated[int, Field(gt=0)]
    rho: Annotated[float, Field(ge=0, lt=1)]
    low: Annotated[float, Field(ge=0, lt=1)]
    high: Annotated[float, Field(ge=0, lt=1)]
    n_origins: Count
    n_families: Count
    equally_likely: tuple[Annotated[float, Field(ge=0, lt=1)], ...] = ()


class Weights(Entry):
    """``weights.yaml``: one backtest's lessons, and which backtest."""

    schema_version: Literal[1]
    backtest_id: Annotated[str, Field(pattern=r"^[0-9a-f]{12}$")]
    inputs_sha256: Text
    code_sha256: Text
    first_origin: date
    last_origin: date
    ensemble: list[FamilyWeight]
    level_bands: list[LevelBand]
    date_intervals: list[DateInterval]
    drift_spread: list[DriftSpread]
    dependence: list[LeadDependence]
    published_width: PublishedWidth | None = None

    def faults(self) -> Iterator[Fault]:
        """Each scale has its families, of weight 1 together; rho as many values."""
        for scale, families in POOLED_FAMILIES.items():
            given = [one for one in self.ensemble if one.scale == scale]
            if sorted(one.trend for one in given) != sorted(families):
                message = (
                    f"the ensemble of {scale} scores pools {', '.join(families)}, each "
                    f"once; found {[one.trend.value for one in given]}"
                )
                yield ("ensemble",), message
            total = sum(one.weight for one in given)
            if abs(total - 1) > 1e-6:
                message = f"weights of {scale} scores sum to {total:g}, not 1"
                yield ("ensemble",), message
        lengths = {len(one.equally_likely) for one in self.dependence}
        if len(lengths) > 1:
            message = (
                "every lead time has as many equally likely values of rho; found "
                f"{', '.join(map(str, sorted(lengths)))}"
            )
            yield ("dependence",), message
        for i, one in enumerate(self.dependence):
            if list(one.equally_likely) != sorted(one.equally_likely):
                message = f"values of rho {list(one.equally_likely)} do not rise"
                yield ("dependence", i, "equally_likely"), message

    def of_ensemble(self, scale: Scale) -> dict[TrendFamily, float]:
        """Weight of each family on one link scale."""
        return {one.trend: one.weight for one in self.ensemble if one.scale == scale}

    def sigma_factor(self, scale: Scale) -> float:
        """By how much sigma of the drift is multiplied on one link scale."""
        return next(
            (one.factor for one in self.drift_spread if one.scale == scale), 1.0
        )

    def date_interval(
        self, scale: Scale, trend: TrendFamily, family: str
    ) -> DateInterval | None:
        """What is known of a trend's date intervals; None if it was not scored.

        At the published width where that was measured, and of the benchmark family
        alone where it has enough dates.
        """
        measured = self.published_width
        wide = [] if measured is None else measured.date_intervals
        own = [one for one in wide if one.family == family]
        of_all = [one for one in wide if one.family is None]
        return _of_family([*own, *of_all, *self.date_intervals], scale, trend)

    def level_band(self, scale: Scale, trend: TrendFamily) -> LevelBand | None:
        """What is known of a family's intervals of scores; None if not scored."""
        return _of_family(self.level_bands, scale, trend)


def _of_family(found: list[Scored], scale: Scale, trend: TrendFamily) -> Scored | None:
    return next(
        (one for one in found if one.scale == scale and one.trend is trend), None
    )


def dump_weights(weights: Weights) -> str:
    """The text of ``weights.yaml``; entries of a list stand on one line each."""
    content: dict[str, Any] = weights.model_dump(mode="json")
    wide = content.pop("published_width")
    lists = {key: value for key, value in content.items() if isinstance(value, list)}
    yaml = YAML()
    yaml.width = 1000
    text = StringIO()
    yaml.dump({k: v for k, v in content.items() if k not in lists}, text)
    for key, entries in lists.items():
        yaml.dump({key: one_a_line(entries)}, text)
    if wide is not None:
        for key in ("date_intervals", "records_stood", "high_bars"):
            wide[key] = one_a_line(wide[key])
        yaml.dump({"published_width": wide}, text)
    return _HEAD + text.getvalue()


_AS_EVER: Final[dict[str, Any]] = {
    "family": None,
    "sigma_factor": 1.0,
    "n_origins": None,
    "equally_likely": [],
}
"""Not written: a row of all families, of forecasts with sigma as it was fitted; a rho
that is one number."""


def one_a_line(entries: list[dict[str, Any]]) -> CommentedSeq:
    """Entries of a list for YAML, each on a line of its own."""
    rows = CommentedSeq(
        CommentedMap((k, v) for k, v in entry.items() if _AS_EVER.get(k, ...) != v)
        for entry in entries
    )
    for row in rows:
        row.fa.set_flow_style()
    return rows


def scale_of(*, is_bounded: bool) -> Scale:
    """Name of a link scale in this file."""
    return "bounded" if is_bounded else "unbounded"
