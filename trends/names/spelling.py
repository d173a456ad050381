"""How publishers spell a model: its words, and what they hang on them.

Only what changes no model is taken off: a setting (effort, thinking budget) and the day
of a snapshot. "mini", "pro", "preview" and a version are words of the name.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Final, NamedTuple

Key = tuple[str, ...]
"""Words and numbers of a name without case and separators."""

_SEPARATORS: Final = re.compile(r"[\s\-_.:,/()\[\]]+")
_BEFORE_A_NUMBER: Final = re.compile(r"(?<=[^\W\d_])(?=\d)")

_LEVELS: Final = {
    "minimal": "minimal",
    "low": "low",
    "med": "medium",
    "medium": "medium",
    "high": "high",
    "xhigh": "xhigh",
    "x high": "xhigh",
    "extra high": "xhigh",
    "max": "max",
    "maximum": "max",
}
_SETTINGS: Final = _LEVELS | {
    "unknown": "effort unknown",
    "none": "none",
    "no reasoning": "no reasoning",
    "non reasoning": "no reasoning",
    "nonreasoning": "no reasoning",
    "reasoning": "reasoning",
    "think": "thinking",
    "thinking": "thinking",
    "no think": "no thinking",
    "nothink": "no thinking",
    "no thinking": "no thinking",
    "nothinking": "no thinking",
    "non thinking": "no thinking",
    "nonthinking": "no thinking",
    "think high": "think high",
    "think max": "think max",
    "n=1": "one sample",
}
_OF_A_LEVEL: Final = re.compile(
    r"^(?:reasoning |thinking )?(?:effort )?(?P<level>.+?)"
    r"(?: (?:reasoning|thinking))?(?: effort)?$"
)
_BUDGET: Final = re.compile(r"^(\d+)k(?: think(?:ing)?)?(?: tokens?| budget)*$")

_APART: Final = (
    re.compile(r"^(?P<base>.+?)\s*[(\[](?P<said>[^()\[\]]+)[)\]]$"),
    # where every separator is an underscore, the last one says nothing
    re.compile(r"^(?P<base>[^_]+)_(?P<said>[^_]+)$"),
    re.compile(r"^(?P<base>.+?)(?: [-\u2013\u2014] |,\s*|@|:)(?P<said>[^,@:]+)$"),
)
"""A setting that the publisher itself sets apart from the name."""

# "max", "thinking" and "none" are words of names too (Qwen3-Max, Kimi-K2-Thinking), and
# so is an effort behind a name that has no version (Mistral Medium)
_ATTACHED: Final = re.compile(
    r"^(?P<base>.*\d.*?)[\s\-_](?P<said>(?:minimal|low|medium|high|x-?high)"
    r"(?:[\s\-_](?:reasoning|effort|reasoning[\s\-_]effort))?)$",
    re.IGNORECASE,
)

_MONTHS: Final = [
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
]
_YEAR, _MONTH, _DAY = r"(?P<y>20\d\d)", r"(?P<m>0[1-9]|1[0-2])", r"(?P<d>[0-3]\d)"
_STAMPS: Final = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_YEAR}(?P<s>[-_.]?){_MONTH}(?P=s){_DAY}",
        rf"{_MONTH}-{_YEAR}",
        rf"{_YEAR}-{_MONTH}",
        rf"{_MONTH}-?{_DAY}",
        rf"(?P<yy>2\d){_MONTH}",
        rf"(?P<mon>{'|'.join(_MONTHS)})[a-z]*\.? (?:(?P<d>\d\d?), )?{_YEAR}",
    )
]
_STAMPS_ATTACHED: Final = [
    re.compile(rf"^(?P<base>.*[^\W_])[\s\-_@](?P<said>{one.pattern})$")
    for one in _STAMPS[:5]
]


class Stamp(NamedTuple):
    """The day or month of a snapshot, as far as the name says it."""

    year: int | None
    month: int
    day: int | None

    @property
    def on(self) -> date | None:
        """The day, where year, month and day are said and there is such a day."""
        if self.year is None or self.day is None:
            return None
        try:
            return date(self.year, self.month, self.day)
        except ValueError:
            return None

    def is_of(self, day: date) -> bool:
        """Whether all that is said is so of ``day``."""
        return (
            self.month == day.month
            and self.year in (None, day.year)
            and self.day in (None, day.day)
        )

    def agrees(self, other: "Stamp") -> bool:
        """Whether nothing that both say differs, and both say a day or neither."""
        return (
            self.month == other.month
            and self.day == other.day
            and (None in (self.year, other.year) or self.year == other.year)
        )


class Reading(NamedTuple):
    """One way to read a spelling: the name that is left, and what was taken off.

    ``is_apart`` is whether the last setting stood apart from the name, so that a name
    which only looks like the whole spelling is another one.
    """

    base: str
    settings: tuple[str, ...] = ()
    stamp: Stamp | None = None
    rules: tuple[str, ...] = ()
    is_apart: bool = False


def key_of(name: str) -> Key:
    """Words and numbers of ``name``: GPT-4.1 mini and gpt_4-1-Mini have one key."""
    words = _SEPARATORS.split(_BEFORE_A_NUMBER.sub(" ", name.casefold()))
    kept: list[str] = []
    for word in filter(None, words):
        # 3.0 is 3
        if not (word == "0" and kept and kept[-1].isdigit()):
            kept.append(word)
    return tuple(kept)


def shorter(reading: Reading) -> Iterator[Reading]:
    """The readings with one more setting or stamp taken off the end."""
    base = reading.base.strip()
    for pattern in _APART:
        found = pattern.match(base)
        if found is None:
            continue
        if said := setting_of(found["said"]):
            yield _with_setting(reading, found["base"], said, is_apart=True)
        elif reading.stamp is None and (stamp := stamp_of(found["said"])):
            yield _with_stamp(reading, found["base"], stamp)
    if found := _ATTACHED.match(base):
        said = setting_of(found["said"])
        if said is not None:
            yield _with_setting(reading, found["base"], said, is_apart=False)
    for pattern in _STAMPS_ATTACHED if reading.stamp is None else ():
        found = pattern.match(base)
        if found and (stamp := stamp_of(found["said"])):
            yield _with_stamp(reading, found["base"], stamp)


def setting_of(said: str) -> str | None:
    """The setting in the registry's words, or None where it says something else."""
    parts = [_one_setting(part) for part in re.split(r"\s*[,;+]\s*", said.strip())]
    known = [one for one in parts if one is not None]
    return ", ".join(known) if len(known) == len(parts) else None


def stamp_of(said: str) -> Stamp | None:
    """The day or month that ``said`` is, or None."""
    for pattern in _STAMPS:
        found = pattern.fullmatch(said.strip().removeprefix("v"))
        if found is None:
            continue
        named = {name: text for name, text in found.groupdict().items() if text}
        year = named.get("y") or ("20" + named["yy"] if "yy" in named else None)
        month = (
            _MONTHS.index(named["mon"].lower()) + 1
            if "mon" in named
            else int(named["m"])
        )
        day = int(named["d"]) if "d" in named else None
        if day is None or 1 <= day <= 31:
            return Stamp(None if year is None else int(year), month, day)
    return None


def _one_setting(said: str) -> str | None:
    words = " ".join(filter(None, re.split(r"[\s\-_.]+", said.casefold())))
    if words in _SETTINGS:
        return _SETTINGS[words]
    if budget := _BUDGET.match(words):
        return f"{budget[1]}k thinking" if "think" in words else f"{budget[1]}K"
    level = _OF_A_LEVEL.match(words)
    return _LEVELS.get(level["level"]) if level else None


def _with_setting(
    reading: Reading, base: str, setting: str, *, is_apart: bool
) -> Reading:
    return reading._replace(
        base=base.strip(),
        settings=(setting, *reading.settings),
        rules=(*reading.rules, "effort"),
        is_apart=is_apart,
    )


def _with_stamp(reading: Reading, base: str, stamp: Stamp) -> Reading:
    return reading._replace(
        base=base.strip(), stamp=stamp, rules=(*reading.rules, "date")
    )
