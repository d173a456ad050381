"""The page: what holds, how it was measured, every number."""

from collections.abc import Iterator, Mapping, Sequence
from string import Template

from trends.coverage.count import GROWTH_LEVELS, NOMINAL
from trends.coverage.experiments import Cell
from trends.coverage.frontiers import Ceilings
from trends.coverage.markdown import (
    bare,
    described,
    named,
    percent,
    table,
    told_apart,
    with_error,
)
from trends.coverage.methods import N_DRAWS
from trends.coverage.powers import Believed
from trends.coverage.said_tables import (
    bands_table,
    levels_table,
    nevers_of,
    powers_table,
    stands_of,
    stood_table,
)
from trends.coverage.situations import (
    HIGHEST,
    LOWEST,
    SITUATIONS,
    Cells,
    Situation,
    misses,
)
from trends.coverage.words import (
    ASKED,
    BANDS_SAID,
    BESIDE,
    HEADLINE,
    LEVELS,
    METHOD,
    POWERS_HELD,
    QUICK,
    READING,
    STANDS,
    TITLES,
)
from trends.coverage.worlds import (
    LEADS_YEARS,
)
from trends.fits import quantile, sigmoid
from trends.fits.quantile import MIN_ITEMS


def report(
    cells: Cells,
    believed: Mapping[Ceilings, Believed],
    *,
    n_simulations: int,
    n_of_records: int,
    quick: bool,
) -> str:
    """The page, in Markdown.

    Args:
        cells: of every group in ``words.TITLES``.
        believed: what came of each power of the evidence of ceilings.
        n_simulations: behind each cell.
        n_of_records: the same where it is asked what is said of the record.
        quick: whether there are too few for any number to mean something.
    """
    parts = ["# Coverage of the published intervals", ""]
    if quick:
        parts += [QUICK, ""]
    parts += [
        HEADLINE,
        "",
        ASKED,
        "",
        _summary_table(cells, is_promised=True),
        "",
        BESIDE,
        "",
        _summary_table(cells, is_promised=False),
        "",
        READING,
        "",
        Template(METHOD).substitute(
            n_simulations=n_simulations,
            n_of_records=n_of_records,
            n_draws=N_DRAWS,
            sigmoid_records=sigmoid.MIN_RECORDS,
            quantile_models=quantile.MIN_MODELS,
            quantile_items=MIN_ITEMS,
        ),
        "",
    ]
    for group, (title, text) in TITLES.items():
        parts += [f"## {title}", "", text, ""]
        for method in _methods(cells[group]):
            parts += [f"### {method}", "", _dates_table(cells[group], method), ""]
        if cells[group][0].counts.growth:
            parts += ["### Growth rates", "", _growth_table(cells[group]), ""]
    parts += _said_of_records(cells)
    parts += ["## How far to believe what scores say of a ceiling", "", POWERS_HELD, ""]
    parts += [powers_table(believed), ""]
    parts += ["## By distance of the bar", "", _leads_table(cells)]
    return "\n".join(parts) + "\n"


def _said_of_records(cells: Cells) -> Iterator[str]:
    """What is said of the record itself, beside what came."""
    own, under = cells["of_records"], cells["under_ceilings"]
    wrong = cells["wrong_for_records"]
    everything = [*own, *under, *wrong]
    yield from ("## Records that stand, and how high the next ones are", "", STANDS, "")
    yield from (stood_table(everything), "", LEVELS, "", levels_table(everything), "")
    said = {
        "the record stands, own world": stands_of(own),
        "the record stands, wrong worlds": stands_of(wrong),
    }
    said |= {
        f"the bar is never reached, {named(cell)}": nevers_of(cell) for cell in under
    }
    yield from ("## Said and come", "", BANDS_SAID, "", bands_table(said), "")


def _summary_table(cells: Cells, *, is_promised: bool) -> str:
    return table(
        [
            "family",
            "what",
            "90% intervals cover, %",
            "cells in 86 to 94",
            "holds within 2 MC errors",
        ],
        [
            [one.method, one.words, *_verdict(one, cells)]
            for one in SITUATIONS
            if one.is_promised is is_promised
        ],
    )


def _verdict(situation: Situation, cells: Cells) -> list[str]:
    values = [share.value for _, share in situation.shares(cells)]
    if not values:
        return ["no interval", "", ""]
    inside = sum(LOWEST <= value <= HIGHEST for value in values)
    missed = [share.value for _, share in misses(situation, cells)]
    narrow = sum(value < LOWEST for value in missed)
    wide = len(missed) - narrow
    words = [f"{narrow} too narrow"] * (narrow > 0) + [f"{wide} too wide"] * (wide > 0)
    return [
        f"{percent(min(values))} to {percent(max(values))}",
        f"{inside} of {len(values)}",
        f"**no**: {', '.join(words)}" if missed else "yes",
    ]


def _dates_table(cells: Sequence[Cell], method: str) -> str:
    cells = [cell for cell in cells if method in cell.counts.dates]
    headings, worlds = told_apart(cells)
    rows = []
    for cell, world in zip(cells, worlds, strict=True):
        tally = cell.counts.dates[method]
        rows.append(
            [
                *world,
                *(with_error(tally.covered(level)) for level in NOMINAL),
                bare(tally.before(0.9)),
                bare(tally.after(0.9)),
                percent(tally.not_estimated),
            ]
        )
    return table(
        [
            *headings,
            *(f"{level:.0%} covers" for level in NOMINAL),
            "truth before 90%",
            "truth after 90%",
            "not estimated",
        ],
        rows,
    )


def _growth_table(cells: Sequence[Cell]) -> str:
    headings, worlds = told_apart(cells)
    rows = [
        [
            method,
            *world,
            *(with_error(tally.covered(level)) for level in GROWTH_LEVELS),
            bare(tally.before(0.95)),
            bare(tally.after(0.95)),
            percent(tally.not_estimated),
        ]
        for cell, world in zip(cells, worlds, strict=True)
        for method, tally in cell.counts.growth.items()
    ]
    return table(
        [
            "family",
            *headings,
            *(f"{level:.0%} covers" for level in GROWTH_LEVELS),
            "truth slower than 95%",
            "truth faster than 95%",
            "not estimated",
        ],
        rows,
    )


def _leads_table(cells: Cells) -> str:
    """Coverage of nominal 90% by bar, and how often the bar is open.

    Bars under ceilings stand at scores, not at a distance.
    """
    rows = []
    for situation in SITUATIONS:
        if situation.growth or situation.group == "under_ceilings":
            continue
        for cell, tally in situation.tallies(cells):
            rows.append(
                [
                    situation.method,
                    situation.words,
                    described(cell),
                    *(with_error(tally.covered(0.9, k)) for k in range(3)),
                    *(percent(tally.open_share(k)) for k in range(3)),
                ]
            )
    return table(
        [
            "family",
            "what",
            "cell",
            *(f"{lead} years" for lead in LEADS_YEARS),
            *(f"open at {lead}" for lead in LEADS_YEARS),
        ],
        rows,
    )


def _methods(cells: Sequence[Cell]) -> list[str]:
    """Names of the methods asked in any of these cells, in order."""
    return list(dict.fromkeys(name for cell in cells for name in cell.counts.dates))
