"""Tables of what is said of the record, beside what came."""

from collections.abc import Mapping, Sequence
from typing import Final

from trends.coverage.experiments import Cell
from trends.coverage.markdown import (
    bare,
    named,
    percent,
    table,
    with_error,
)
from trends.coverage.methods import RECORDS
from trends.coverage.standing import LEADS_DAYS, Said

_MONTHS: Final = ("3 months", "6 months", "12 months")
_LEADS: Final = range(len(LEADS_DAYS))


def stood_table(cells: Sequence[Cell]) -> str:
    """How likely records were to stand, and the share that stood."""
    rows = [
        [method, named(cell), *_said_and_came(said)]
        for cell in cells
        for method, said in cell.counts.stood.items()
    ]
    columns = [f"{months}: {what}" for months in _MONTHS for what in ("said", "stood")]
    return table(["family", "world", *columns], rows)


def levels_table(cells: Sequence[Cell]) -> str:
    """Where frontiers lay from 80% intervals of them."""
    rows = [
        [
            method,
            named(cell),
            *(with_error(tally.covered(0.8, lead)) for lead in _LEADS),
            *(
                f"{bare(tally.before(0.8, lead))}, {bare(tally.after(0.8, lead))}"
                for lead in _LEADS
            ),
        ]
        for cell in cells
        for method, tally in cell.counts.levels.items()
    ]
    columns = [f"{months}: 80% covers" for months in _MONTHS]
    columns += [f"{months}: below, above" for months in _MONTHS]
    return table(["family", "world", *columns], rows)


def bands_table(said: Mapping[str, Said]) -> str:
    """Probabilities in bands, beside the share in which they came."""
    rows = [
        [
            words,
            f"{band.low:.0%} to {band.high:.0%}",
            str(band.n),
            percent(band.said),
            with_error(band.came),
        ]
        for words, one in said.items()
        for band in one.bands()
    ]
    return table(["what", "band", "cases", "said", "came"], rows)


def stands_of(cells: Sequence[Cell]) -> Said:
    """What `records` says of the records of several cells."""
    return Said.joined([cell.counts.stood[RECORDS.name] for cell in cells])


def nevers_of(cell: Cell) -> Said:
    """What `records` says of bars that may lie above the ceiling."""
    return cell.counts.never[RECORDS.name]


def _said_and_came(said: Said) -> list[str]:
    found = (said.at(lead) for lead in _LEADS)
    return [
        text for chance, share in found for text in (percent(chance), with_error(share))
    ]
