"""What is run and what breaks meanwhile, drawn from a seed."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

DRAWS: Final = "200"

RUN: Final = ("run", "--draws", DRAWS, "--as-of")


@dataclass(frozen=True)
class Step:
    """One command of a scenario, at noon of a day, after an edit of the figures."""

    words: tuple[str, ...]
    day: str
    edit: str | None = None


@dataclass(frozen=True)
class Scenario:
    """Commands that follow one another.

    Attributes:
        name: of the scenario.
        published: whether a run is published before.
        steps: the commands.
        shared: whether it is a machine of several, which share a store.
    """

    name: str
    published: bool
    steps: tuple[Step, ...]
    shared: bool = False

    @property
    def takes_back(self) -> bool:
        """Whether nothing is published for a while, and rightly so."""
        return any(step.words[0] == "unpublish" for step in self.steps)


_D0, _D1, _D2 = "2026-01-31", "2026-02-28", "2026-03-31"
PUBLISHED_STEP: Final = Step((*RUN, _D0), _D0)
STAGES: Final = "stages"

SCENARIOS: Final = (
    Scenario("first", False, (Step(("ingest",), _D0), Step((*RUN, _D0), _D0))),
    Scenario("next", True, (Step((*RUN, _D1), _D1),)),
    Scenario("two", True, (Step((*RUN, _D1), _D1), Step((*RUN, _D2), _D2))),
    Scenario("older", True, (Step((*RUN, "2025-12-31"), _D1),)),
    Scenario("draft", True, (Step((*RUN, _D1, "--draft"), _D1),)),
    Scenario("revised", True, (Step((*RUN, _D1), _D1, edit="revised"),)),
    Scenario("as tasks", True, (Step((STAGES, _D1), _D1),)),
    Scenario(
        "taken back",
        True,
        (
            Step(("unpublish", _D0, "--why", "a wrong figure"), _D1),
            Step((*RUN, _D0), _D1),
        ),
    ),
    Scenario(
        "cleaned",
        True,
        (Step(("clean", "--keep", "0", "--yes"), _D1), Step((*RUN, _D1), _D1)),
    ),
    Scenario(
        "filled in",
        True,
        (Step(("backfill", "2025-12-31", _D0, "--draws", DRAWS), _D1),),
    ),
    Scenario(
        "shared, first",
        False,
        (Step(("ingest",), _D0), Step((*RUN, _D0), _D0)),
        shared=True,
    ),
    Scenario(
        "shared, two",
        True,
        (Step((*RUN, _D1), _D1), Step((*RUN, _D2), _D2)),
        shared=True,
    ),
    Scenario("shared, as tasks", True, (Step((STAGES, _D1), _D1),), shared=True),
    Scenario(
        "shared, taken back",
        True,
        (
            Step(("unpublish", _D0, "--why", "a wrong figure"), _D1),
            Step((*RUN, _D0), _D1),
        ),
        shared=True,
    ),
)

KINDS: Final = {
    "kill": 7,
    "no space": 2,
    "full disk": 3,
    "file limit": 2,
    "read-only": 2,
    "clock": 1,
    "twice": 2,
    "killed beside": 2,
    "beside": 2,
    "source": 3,
    "source edited": 2,
    "registry edited": 2,
}
"""What can go wrong, and how often beside the others."""

SHARED_KINDS: Final = {
    "store says 503": 8,
    "store drops the question": 4,
    "store drops the answer": 6,
    "machine lost": 6,
}
"""What can go wrong besides where machines share a store."""

LOOSE: Final = {"clock", "source", "source edited", "registry edited", "beside"}
"""After which other runs may rightly stand beside those of a world without faults."""


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong, with numbers in [0, 1) that say where."""

    kind: str
    at: float
    size: float
    choice: float
    number: int

    def pick(self, *options: Any) -> Any:
        """One of the options."""
        return options[int(self.choice * len(options))]

    def __str__(self) -> str:
        """In short."""
        return f"{self.kind} at {self.at:.3f} ({self.choice:.2f}, {self.size:.2f})"


@dataclass(frozen=True)
class Schedule:
    """A scenario, and the faults of each of its steps, met one after the other."""

    seed: int
    scenario: Scenario
    faults: list[list[Fault]] = field(default_factory=list)

    @property
    def strict(self) -> bool:
        """Whether what comes out is the same to the last byte."""
        return not self.kinds & LOOSE

    @property
    def kinds(self) -> set[str]:
        """What goes wrong."""
        return {one.kind for step in self.faults for one in step}


def draw(seed: int) -> Schedule:
    """The schedule of a seed; each has one fault at least."""
    numbers = random.Random(seed)
    scenario = numbers.choice(SCENARIOS)
    kinds = KINDS | (SHARED_KINDS if scenario.shared else {})
    faults = [
        [_fault(numbers, kinds) for _ in range(numbers.choice((1, 1, 2, 3)))]
        for _ in scenario.steps
    ]
    return Schedule(seed, scenario, faults)


def _fault(numbers: random.Random, kinds: Mapping[str, int]) -> Fault:
    [kind] = numbers.choices(list(kinds), weights=list(kinds.values()))
    return Fault(
        kind,
        numbers.random(),
        numbers.random(),
        numbers.random(),
        numbers.randrange(1 << 30),
    )


def noon(day: str, *, days_off: int = 0) -> str:
    """Noon of a day by a clock that is wrong by some days."""
    return f"{date.fromisoformat(day) + timedelta(days_off)}T12:00:00+00:00"
