"""Tables of what is said of the record, beside what came."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from trends.coverage.experiments import Cell
from trends.coverage.frontiers import Ceilings
from trends.coverage.markdown import (
    bare,
    facts_of,
    named,
    percent,
    table,
    with_error,
)
from trends.coverage.methods import RECORDS
from trends.coverage.powers import HELD, WHOLE, Believed
from trends.coverage.standing import LEADS_DAYS, Said
from trends.fits.links import Floats

_MONTHS: Final = ("3 months", "6 months", "12 months")
_LEADS: Final = range(len(LEADS_DAYS))

HIGH_NEVER: Final = 0.7


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


def powers_table(believed: Mapping[Ceilings, Believed]) -> str:
    """What each power foretells, and how *never* comes with it."""
    rows = []
    for world, of in believed.items():
        for place, power in enumerate(HELD):
            high = of.never[place].at_least(HIGH_NEVER)
            said, came = (
                ("", "") if high is None else (percent(high[0]), with_error(high[1]))
            )
            rows.append(
                [
                    str(facts_of(world)["truth"]),
                    f"{world.mean:g}",
                    f"{power:g}",
                    _less_whole(of.foretold, place, 1),
                    _less_whole(of.squares, place, 100),
                    said,
                    came,
                ]
            )
    columns = ["world", "judged", "power", "foretold", "never, squares"]
    high_never = f"never of {HIGH_NEVER:.0%} or more"
    return table([*columns, f"{high_never}: said", f"{high_never}: came"], rows)


def _less_whole(of: Floats, place: int, factor: float) -> str:
    """Mean over simulations less that of power 1, with its error."""
    if place == WHOLE:
        return "0"
    less = (of[:, place] - of[:, WHOLE]) * factor
    less = less[np.isfinite(less)]
    error = less.std() / np.sqrt(max(len(less), 1))
    return f"{less.mean():+.3f} ± {error:.3f}" if len(less) else ""


def _said_and_came(said: Said) -> list[str]:
    found = (said.at(lead) for lead in _LEADS)
    return [
        text for chance, share in found for text in (percent(chance), with_error(share))
    ]
