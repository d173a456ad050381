"""What moves of an answer, and how far: when, if ever, and how likely never is."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from trends.words.moves import DAYS_OF_NEVER


@dataclass(frozen=True)
class Amount:
    """Two numbers of one answer, or by how much they differ between two; exact.

    Attributes:
        value: the date given that the bar is ever crossed, in days; or the probability
            of a crossing by some day.
        never: the probability that it is never crossed.
    """

    value: Fraction = Fraction(0)
    never: Fraction = Fraction(0)

    def __add__(self, other: "Amount") -> "Amount":
        """Both numbers added."""
        return Amount(self.value + other.value, self.never + other.never)

    def __sub__(self, other: "Amount") -> "Amount":
        """Both numbers taken away."""
        return Amount(self.value - other.value, self.never - other.never)

    def __truediv__(self, by: int) -> "Amount":
        """Both numbers divided."""
        return Amount(self.value / by, self.never / by)

    def __bool__(self) -> bool:
        """Whether either is not 0."""
        return bool(self.value or self.never)

    def settled_on(self, other: "Amount", within: Fraction) -> "Amount":
        """The same with each number that is as near as that taken from ``other``."""
        return Amount(
            *(
                there if abs(here - there) < within else here
                for here, there in (
                    (self.value, other.value),
                    (self.never, other.never),
                )
            )
        )

    def size(self, unit: str) -> Fraction:
        """How large a move it is, either way, in the unit of ``value``.

        Args:
            unit: ``days``, in which never counts by ``DAYS_OF_NEVER``, or
                ``probability``.
        """
        weight = DAYS_OF_NEVER if unit == "days" else 1
        return max(abs(self.value), weight * abs(self.never))


def total(amounts: Iterable[Amount]) -> Amount:
    """Their sum."""
    return sum(amounts, Amount())


def mean_effect(alone: Amount, without: Amount, ends: tuple[Amount, Amount]) -> Amount:
    """What one cause did: the mean of coming first and of coming last.

    Args:
        alone: the old state with this cause of the new one.
        without: the new state without it.
        ends: the old and the new state.
    """
    old, new = ends
    return ((alone - old) + (new - without)) / 2
