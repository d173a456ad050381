"""What came of contests: ``contest.yaml``, which ``trends contest`` writes.

A forecast reads none of it. Runs publish it, so that report and terminal say who won.
"""

from collections.abc import Iterator
from io import StringIO
from typing import Annotated, Any, Final, Literal

from pydantic import Field
from ruamel.yaml import YAML

from trends.registry.faults import Fault
from trends.registry.models import Entry, Text
from trends.registry.weights import Count, Share, one_a_line

FILE: Final = "contest.yaml"

_HEAD: Final = """\
# yaml-language-server: $schema=schemas/contest.schema.json
#
# Written by `trends contest --write-results`; not edited by hand. Cuts of 2025-26 together.
"""

Score = Annotated[float, Field(ge=0)]


class ContestResult(Entry):
    """How one forecaster did on one target, the cuts of 2025-26 together.

    ``held80`` is what its central 80% intervals held, ``claimed80`` what its own laws give
    them: one that begins at the standing record holds more. ``less_headline`` is its CRPS
    less the headline's on the cases that both answered, above 0 where the headline is
    better, with a 90% interval over benchmark families; null for the headline itself.
    """

    target: Literal["record", "top3"]
    forecaster: Text
    label: Text
    n_cases: Count
    n_families: Count
    crps: Score
    rmse: Score
    held80: Share
    claimed80: Share
    less_headline: float | None
    less_headline_low: float | None
    less_headline_high: float | None


class PlayedContest(Entry):
    """A contest on one panel: what was played, by which code, and what came of it."""

    panel: Text
    panel_sha256: Text
    code_sha256: Text
    headline_trend: Text
    verdict: Text
    n_held_out: Count
    peers_left_out: Text | None
    results: list[ContestResult]


class Contests(Entry):
    """``contest.yaml``: the last contest on each panel."""

    schema_version: Literal[1]
    contests: list[PlayedContest]

    def faults(self) -> Iterator[Fault]:
        """Each panel stands once, in it each forecaster once a target."""
        panels = [one.panel for one in self.contests]
        for i, one in enumerate(self.contests):
            if one.panel in panels[:i]:
                yield ("contests", i, "panel"), f"{one.panel} stands twice"
            rows = [(row.target, row.forecaster) for row in one.results]
            for k, (target, forecaster) in enumerate(rows):
                if (target, forecaster) in rows[:k]:
                    yield (
                        ("contests", i, "results", k, "forecaster"),
                        f"{forecaster} stands twice on {target}",
                    )

    def with_played(self, played: PlayedContest) -> "Contests":
        """With another contest, which takes the place of the last one on its panel."""
        others = [one for one in self.contests if one.panel != played.panel]
        both = sorted([*others, played], key=lambda one: one.panel)
        return Contests(schema_version=1, contests=both)


def dump_contests(contests: Contests) -> str:
    """The text of ``contest.yaml``; each result stands on one line."""
    content: dict[str, Any] = contests.model_dump(mode="json")
    for one in content["contests"]:
        one["results"] = one_a_line(one["results"])
    yaml = YAML()
    yaml.width = 1000
    text = StringIO()
    yaml.dump(content, text)
    return _HEAD + text.getvalue()
