"""Warnings that somebody has looked at, and why they stand.

An entry accepts its standing warnings with a reason, so that the next one is seen. What
is accepted and occurs no more is a warning itself: an acceptance cannot outlive its
cause.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, get_args

from trends.registry.documents import Document
from trends.registry.faults import Location
from trends.registry.models import Acceptance
from trends.registry.models.benchmarks import BenchmarkAcceptance
from trends.registry.models.thresholds import BarAcceptance
from trends.registry.problems import Problem

IN_VAIN: Final = "accepted_in_vain"
"""Code of the warning about an acceptance that no warning needs."""

ACCEPTABLE: Final = frozenset(
    {
        code
        for kind in (BarAcceptance, BenchmarkAcceptance)
        for code in get_args(kind.model_fields["warning"].annotation)
    }
)
"""Codes of the warnings that an entry can accept."""

HOW_TO_ACCEPT: Final = (
    "a warning that stands for good is accepted in its entry, with the reason: "
    "accepts: [{warning: CODE, why: ...}], of a threshold with bars: [ID] as well"
)


class Doubt(NamedTuple):
    """Something of an entry that is worth a look: its code, its place, what it is."""

    code: str
    at: Location
    message: str
    bar: str = ""


def unaccepted(
    doubts: Sequence[Doubt],
    acceptances: Sequence[Acceptance],
    document: Document,
    *,
    at: Location = (),
) -> Iterator[Problem]:
    """Warnings that nobody has accepted, and acceptances that nothing needs.

    Args:
        doubts: about one entry.
        acceptances: of that entry.
        document: where it stands.
        at: the entry's place there.
    """
    accepted = {(one.warning, bar) for one in acceptances for bar in one.subjects}
    for doubt in doubts:
        if (doubt.code, doubt.bar) not in accepted:
            place = (*at, *doubt.at)
            yield document.problem(
                place, doubt.message, level="warning", code=doubt.code
            )
    occurs = {(doubt.code, doubt.bar) for doubt in doubts}
    for i, one in enumerate(acceptances):
        for j, bar in enumerate(one.subjects):
            if (one.warning, bar) not in occurs:
                of = f" of bar {bar}" if bar else ""
                inside: Location = ("bars", j) if bar else ("warning",)
                yield document.problem(
                    (*at, "accepts", i, *inside),
                    f"accepts {one.warning}{of}, which does not occur: delete it",
                    level="warning",
                    code=IN_VAIN,
                )
