"""The trend of every headline that names none: the one line of ``headline.yaml``."""

from typing import Final, Literal

from trends.registry.models import Entry, Owner, Text, TrendFamily

FILE: Final = "headline.yaml"
KEY: Final = "headline_trend"
"""What a threshold calls its own, where it has another one."""


class Headline(Entry):
    """``headline.yaml``: which trend dates headlines, and why.

    It decides nothing by itself: each threshold is read as if it named the trend.

    Attributes:
        owner: team that answers for the choice.
        trend: family of every threshold that names no other.
        rule: by which it is chosen.
        decided_by: what was measured when it was.
    """

    schema_version: Literal[1]
    owner: Owner
    trend: TrendFamily
    rule: Text
    decided_by: Text

    @property
    def default(self) -> dict[str, str]:
        """What a threshold file is taken to say where it does not."""
        return {KEY: self.trend.value}
