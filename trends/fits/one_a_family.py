"""Which series speaks for its family when others learn from it."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from trends.registry.series import Series


class Watched(Protocol):
    """What a series shows, as far as it decides whether it votes."""

    @property
    def series(self) -> Series:
        """Whose figures they are."""

    @property
    def scale(self) -> str:
        """On which it is compared with others."""

    @property
    def exposure_years(self) -> float:
        """How long it has been watched."""


Vote = TypeVar("Vote", bound=Watched)


def one_vote_a_family(watched: Iterable[Vote]) -> list[Vote]:
    """The longest-observed whole benchmark of each family that AI models move.

    Views and versions of one benchmark share their news; counting each would sell
    one family's luck as agreement.

    Returns:
        One for each scale and family, by their names.
    """
    longest: dict[tuple[str, str], Vote] = {}
    for one in sorted(watched, key=lambda one: one.series.series_id):
        benchmark = one.series.benchmark
        if not one.series.is_whole_benchmark or benchmark.mover != "models":
            continue
        key = (one.scale, benchmark.family_id)
        standing = longest.get(key)
        if standing is None or one.exposure_years > standing.exposure_years:
            longest[key] = one
    return [longest[key] for key in sorted(longest)]
