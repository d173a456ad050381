"""Published names that no model of the registry has: which model follows by rule.

A rule knows how publishers spell (separators, case, effort, the day of a snapshot, the
vendor in front) and nothing about models. Where it leads to two models, or to none, a
person decides: two models under one name would be one curve.
"""

from trends.names.matching import Match, Spellings
from trends.names.unknown import Decision, NamedRow, NewModel, Proposals, propose

__all__ = [
    "Decision",
    "Match",
    "NamedRow",
    "NewModel",
    "Proposals",
    "Spellings",
    "propose",
]
