"""An exact split of a change among the inputs that made it."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import combinations
from math import factorial

Coalition = frozenset[str]


def coalitions(players: Sequence[str]) -> list[Coalition]:
    """Every set of players, the empty one first."""
    return [
        frozenset(some)
        for size in range(len(players) + 1)
        for some in combinations(players, size)
    ]


def shapley(
    players: Sequence[str], value: Callable[[Coalition], Fraction]
) -> dict[str, Fraction]:
    """Shapley's value: what each player adds, averaged over all orders of joining.

    sum over S without i of |S|! (n - |S| - 1)!/n! (v(S + i) - v(S)) (Shapley 1953).
    It sums to v(all) - v(none), treats equal players equally, and gives nothing to
    one who changes nothing; no other split does. In fractions it does so exactly.

    Args:
        players: names.
        value: worth of each coalition, in any unit.
    """
    n = len(players)
    parts = dict.fromkeys(players, Fraction(0))
    for player in players:
        for others in coalitions([one for one in players if one != player]):
            weight = Fraction(
                factorial(len(others)) * factorial(n - len(others) - 1), factorial(n)
            )
            parts[player] += weight * (value(others | {player}) - value(others))
    return parts
