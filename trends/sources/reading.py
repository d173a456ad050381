"""What every reader of published files shares: what it is asked, what it gives.

A reader is pure, and makes no decision about a figure: a row becomes a score whose
cells are the text that was published, or it is dropped with the reason. What a cell
may not hold (a number that is none, a character that nobody sees) stays in it, and the
gate rejects the row by name. A file whose structure is not known is refused whole.
"""

import json
import re
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any, Final, NamedTuple, Protocol, TypeVar

import polars as pl
from pydantic import ValidationError

from trends.characters import MAX_LENGTH, escape_unseen, quote
from trends.registry import Entry, SourceFile
from trends.sources import SourceError
from trends.tables import RAW_SCORES

MAX_BYTES: Final = 32 * 1024 * 1024
"""Size of one published file, eight times the largest that we know."""

MAX_ROWS: Final = 20_000
"""Rows of one file, ten times the most that we know."""

MAX_FAULTY: Final = (3, 0.05)
"""Rows, or share of a file's rows, that may lack a field before it is another file."""

_DECIMAL: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?", re.ASCII)
_EXACT: Final = Context(prec=250, rounding=ROUND_HALF_EVEN)
_MILLIONTH: Final = Decimal("0.000001")
_NUMBERS: Final = {"score", "standard_error", "ci_low", "ci_high"}
_HALF_A_CHARACTER: Final = re.compile("[\ud800-\udfff]")
_LONGEST_NUMBER: Final = 60

OptionsT = TypeVar("OptionsT", bound=Entry)


class Dropped(NamedTuple):
    """A row of the file that gives no score.

    Attributes:
        row: where it begins, as ``source_row`` of a row that gives one.
        reason: why, in words.
        cells: what it holds, as JSON; what is unseen is escaped, what is long is cut.
    """

    row: int
    reason: str
    cells: str


class Reading(NamedTuple):
    """What a file gives: its scores, and each row that gives none.

    ``rows.height + len(dropped)`` are the rows of the file; one that feeds two
    benchmarks counts for each.

    Attributes:
        rows: RAW_SCORES rows, in the order of the file; ``source_row`` differs in all.
        dropped: the other rows, in the order of the file.
    """

    rows: pl.DataFrame
    dropped: tuple[Dropped, ...]


class ReadRequest(NamedTuple):
    """Whose file is read, as what.

    Attributes:
        source_id: publisher, as in sources.yaml.
        file: its entry there, with the reader's options.
        name: what ``source_file`` of each row says.
    """

    source_id: str
    file: SourceFile
    name: str


class Reader(Protocol):
    """Reads the files of one publisher in one format."""

    def recognises(self, content: bytes) -> bool:
        """Whether the content looks like such a file; says it in a moment."""

    def read(self, content: bytes, request: ReadRequest) -> Reading:
        """The scores of the file.

        Raises:
            SourceError: it is not such a file, or gives no score at all.
        """


class Rows:
    """Takes the rows of one file in its order, and gives the reading.

    Each row ends in one ``score`` a benchmark, in ``drop`` or in ``fault``.
    """

    def __init__(self, request: ReadRequest, *, name: str | None = None) -> None:
        """Begin a file; ``name`` where rows come from a member of it."""
        self._request = request
        self._name = name or request.name
        self._scores: list[dict[str, object]] = []
        self._first_with: dict[tuple[object, ...], int] = {}
        self._dropped: list[Dropped] = []
        self._faults: list[tuple[int, str]] = []

    @property
    def count(self) -> int:
        """How many rows were taken so far."""
        return len(self._scores) + len(self._dropped)

    def score(
        self, row: int, benchmark_id: str, /, published: object, **cells: str | None
    ) -> None:
        """A row that gives a score.

        Args:
            row: line on which it begins; a line feeds one score only.
            benchmark_id: the benchmark.
            published: the row as it was read, for the case that it repeats another.
            cells: columns of RAW_SCORES; an empty text is null, and numbers lose
                their exponents.
        """
        filled = {
            column: (plain(cell) if column in _NUMBERS else cell) or None
            for column, cell in cells.items()
            if cell is not None
        }
        if broken := next(filter(None, map(_broken, filled.values())), None):
            self.drop(row, f"{quote(broken)} has one half of a character", published)
            return
        same = (benchmark_id, *sorted(filled.items()))
        if (first := self._first_with.setdefault(same, row)) != row:
            self.drop(row, f"repeats row {first} word for word", published)
            return
        self._require_room(row)
        origin = {
            "source_id": self._request.source_id,
            "benchmark_id": benchmark_id,
            "source_file": self._name,
            "source_row": row,
        }
        self._scores.append(origin | filled)

    def drop(self, row: int, reason: str, published: object) -> None:
        """A row that is right and gives no score here, or is of no use to anybody."""
        self._require_room(row)
        self._dropped.append(Dropped(row, reason, cells_of(published)))

    def fault(self, row: int, reason: str, published: object) -> None:
        """A row that lacks what rows of this format have; ``reason`` names the field.

        One costs the row. Many are another format, and cost the file.
        """
        self._faults.append((row, reason))
        self.drop(row, reason, published)

    def reading(self) -> Reading:
        """What the file gave.

        Raises:
            SourceError: it gave no score, or too many rows were at fault.
        """
        most = max(MAX_FAULTY[0], MAX_FAULTY[1] * self.count)
        if self._faults and (not self._scores or len(self._faults) > most):
            row, reason = self._faults[0]
            others = len(self._faults) - 1
            more = f"; so do {others} more of {self.count} rows" if others else ""
            raise SourceError(
                f"{self._name}:{row}: {reason}{more}. The publisher has changed the "
                "format: compare the file with its reader",
                file=self._name,
                line=row,
            )
        if not self._scores:
            why = (
                f"; the first, row {self._dropped[0].row}: {self._dropped[0].reason}"
                if self._dropped
                else ""
            )
            raise SourceError(
                f"{self._name}: none of its {self.count} rows gives a score{why}. "
                "Nothing was taken from it",
                file=self._name,
            )
        return Reading(RAW_SCORES.frame(self._scores), tuple(self._dropped))

    def _require_room(self, row: int) -> None:
        if self.count >= MAX_ROWS:
            raise SourceError(
                f"{self._name}:{row}: more than {MAX_ROWS:,} rows: is this a table of "
                "single answers?",
                file=self._name,
                line=row,
            )


def decode(content: bytes, name: str) -> str:
    """The text of a published file that has some.

    Raises:
        SourceError: it is empty, too large or not UTF-8.
    """
    text = text_of(content, name)
    if not text.strip():
        raise SourceError(
            f"{name} is empty: the publisher's copy or the download is broken; nothing "
            "was taken from it",
            file=name,
        )
    return text


def text_of(content: bytes, name: str) -> str:
    """The text of a file; a byte order mark is tolerated.

    Raises:
        SourceError: it is too large or not UTF-8.
    """
    if len(content) > MAX_BYTES:
        raise SourceError(
            f"{name}: {len(content):,} bytes, and {MAX_BYTES:,} are the most: is this "
            "the file that sources.yaml means?",
            file=name,
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SourceError(
            f"{name}:{line}: byte {content[error.start]:#04x} is not UTF-8; names "
            "would be garbled, so save the file as UTF-8",
            file=name,
            line=line,
        ) from error


def percent(fraction: str) -> str:
    """A published fraction in percent, by decimal arithmetic."""
    return scaled(fraction, Decimal(100))


def scaled(number: str, factor: Decimal) -> str:
    """A published number in another unit, by decimal arithmetic.

    Digits beyond a millionth of the new unit are noise of the publisher's binary
    arithmetic, and rounded away: 0.5630000000000001 is 56.3 percent. A text that is no
    finite number stays as it is, for the gate to reject.
    """
    value = _decimal(number)
    if value is None:
        return number
    return _plain(_EXACT.quantize(_EXACT.multiply(value, factor), _MILLIONTH))


def plain(number: str) -> str:
    """A published number without exponent (5e-05 is 0.00005); other text as it is."""
    value = _decimal(number)
    return number if value is None or "e" not in number.lower() else _plain(value)


def one_line(text: str | None) -> str | None:
    """Text whose line breaks, tabs and runs of spaces are one space each."""
    return None if text is None else re.sub(r"[ \t\r\n]+", " ", text).strip()


def cells_of(published: object) -> str:
    """What a row holds, as JSON on one line, to be shown."""
    text = json.dumps(published, ensure_ascii=False, default=str, skipkeys=True)
    return escape_unseen(text if len(text) <= MAX_LENGTH else f"{text[:MAX_LENGTH]}...")


def options(request: ReadRequest, kind: type[OptionsT]) -> OptionsT:
    """The options that sources.yaml gives the reader.

    Raises:
        SourceError: they are not what the reader takes.
    """
    try:
        return kind.model_validate(request.file.options)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, one['loc'])) or 'options'}: {one['msg']} "
            f"(got {quote(one['input'])})"
            for one in error.errors()
        )
        raise SourceError(
            f"sources.yaml: options of file {request.file.id!r} of "
            f"{request.source_id}: {problems}",
            file="sources.yaml",
        ) from error


def require_benchmarks(request: ReadRequest, named: set[str]) -> None:
    """Options may name benchmarks of the file's entry only.

    Raises:
        SourceError: they name another one.
    """
    if stray := sorted(named - set(request.file.benchmarks)):
        raise SourceError(
            f"sources.yaml: options of file {request.file.id!r} of "
            f"{request.source_id} name {stray}, not among its benchmarks",
            file="sources.yaml",
        )


def only_benchmark(request: ReadRequest) -> str:
    """The benchmark of a file that can feed one only.

    Raises:
        SourceError: its entry names several.
    """
    if len(request.file.benchmarks) == 1:
        return request.file.benchmarks[0]
    raise SourceError(
        f"sources.yaml: file {request.file.id!r} of {request.source_id} names "
        f"{len(request.file.benchmarks)} benchmarks, and reader "
        f"{request.file.reader!r} feeds one: which?",
        file="sources.yaml",
    )


def _decimal(text: str) -> Decimal | None:
    text = text.strip()
    if len(text) > _LONGEST_NUMBER or not _DECIMAL.fullmatch(text):
        return None
    return Decimal(text)


def _plain(number: Decimal) -> str:
    text = format(number, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def _broken(cell: Any) -> str | None:
    return cell if cell is not None and _HALF_A_CHARACTER.search(cell) else None
