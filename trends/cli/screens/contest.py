"""The tables of a contest for a terminal."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from trends.cli.screens.console import (
    Column,
    Grid,
    bold,
    italic,
    plain_console,
    print_lines,
    print_paragraph,
)
from trends.contest.outcome import Contest
from trends.contest.summary import PEERS, POOLED
from trends.contest.words import (
    PEER_PRINTED,
    TITLES,
    difference,
    name_of,
)
from trends.words.numbers import percent, points

Row = Mapping[str, Any]
Cells = Sequence[tuple[str, str, str]]

CAVEATS: Final = (
    (
        "CRPS in shares of 1, lower is better; a difference is over the cases that "
        "both answered, with a 90% interval from resampling benchmark families. Cases "
        "of one benchmark overlap: read families (in brackets), not n. A line answers "
        "only where it can be fitted."
    ),
    (
        "An interval that begins at a record holds every record that stands, so that "
        "one of 80% holds more by its own account: `of` is what the forecaster gave it."
    ),
)

_EXISTED: Final = {True: "public", False: "later", None: "not said"}


def print_contest(contest: Contest) -> None:
    """Print verdict, results, differences, lead times and what was left out."""
    console = plain_console()
    print_paragraph(console, contest.verdict)
    for heading, grid in _sections(contest):
        if not grid.is_empty:
            console.print("\n", heading, sep="")
            print_lines(console, grid.lines(console.width))
    console.print()
    for line in (*_notes(contest), *CAVEATS):
        print_paragraph(console, line, hang=2)


def _sections(contest: Contest) -> Iterator[tuple[Any, Grid]]:
    for target, title in TITLES.items():
        yield bold(f"{title}, cuts of 2025-26"), _results(contest, target)
        yield italic("difference of the CRPS"), _less(contest, target, "drift")
        yield italic("the same to the peer's models"), _less(contest, target, *PEERS)
        yield italic("CRPS by cut"), _by_cut(contest, target)
        yield italic("CRPS by months ahead, cuts of 2025-26"), _by_lead(contest, target)
        yield (
            italic(
                "CRPS where benchmarks were public at the cut, or filled in later, 2025-26"
            ),
            _existed(contest, target),
        )
    yield (
        bold("Records that stood, and what was said, cuts of 2025-26"),
        _stood(contest),
    )


def _results(contest: Contest, target: str) -> Grid:
    grid = Grid(
        Column("forecaster"),
        Column("CRPS", "right"),
        Column("RMSE", "right"),
        Column("held 50%", "right"),
        Column("80% (of)", "right"),
        Column("90%", "right"),
        Column("n", "right"),
    )
    for row in _of(contest.tables["results"], target, POOLED):
        grid.add(
            name_of(row["forecaster"]),
            points(row["crps"]),
            points(row["rmse"]),
            f"{row['held50']:.0%}",
            f"{row['held80']:.0%} ({row['claimed80']:.0%})",
            f"{row['held90']:.0%}",
            f"{row['n']} ({row['n_families']})",
        )
    if target == "top3" and not grid.is_empty:
        printed = PEER_PRINTED
        crps, rmse = points(printed["crps"]), points(printed["rmse"])
        held = f"{printed['held80']:.1%}"
        grid.add("printed by the peer*", crps, rmse, "", held, "", "other data")
    return grid


def _less(contest: Contest, target: str, *others: str) -> Grid:
    """Differences to one forecaster, or to several of those that played."""
    rows = list(_of(contest.tables["differences"], target, POOLED))
    there = [one for one in others if any(row["compared_with"] == one for row in rows)]
    return _crossed(
        [
            (row["forecaster"], row["compared_with"], difference(row))
            for row in rows
            if row["compared_with"] in there
        ],
        {one: f"less {name_of(one).removeprefix('peer: ')}" for one in there},
    )


def _by_cut(contest: Contest, target: str) -> Grid:
    rows = [row for row in contest.tables["results"] if row["target"] == target]
    return _crossed(
        [(row["forecaster"], row["cut"], points(row["crps"])) for row in rows],
        {cut: cut[:7] for cut in contest.n_benchmarks},
    )


def _by_lead(contest: Contest, target: str) -> Grid:
    rows = list(_of(contest.tables["lead_times"], target, POOLED))
    return _crossed(
        [(row["forecaster"], row["lead_months"], points(row["crps"])) for row in rows],
        {row["lead_months"]: row["lead_months"] for row in rows},
    )


def _stood(contest: Contest) -> Grid:
    rows = [row for row in contest.tables["stood"] if row["cut"] == POOLED]
    all_of_them = [row for row in rows if row["forecaster"] == "no_change"]
    came = [
        ("came", row["lead_months"], f"{percent(row['stood'])} of {row['n']}")
        for row in all_of_them
    ]
    said = [
        (row["forecaster"], row["lead_months"], percent(row["said"]))
        for row in rows
        if row["forecaster"] != "no_change"
    ]
    leads = {row["lead_months"]: f"{row['lead_months']} months" for row in all_of_them}
    return _crossed([*came, *said], leads)


def _existed(contest: Contest, target: str) -> Grid:
    rows = list(_of(contest.tables["existed"], target, POOLED))
    cells = [
        (row["forecaster"], str(row["existed_at_cut"]), points(row["crps"]))
        for row in rows
    ]
    cases = {
        str(row["existed_at_cut"]): (
            f"{_EXISTED[row['existed_at_cut']]} {row['n']} ({row['n_families']})"
        )
        for row in rows
        if row["forecaster"] == "no_change"
    }
    return _crossed(cells, cases)


def _notes(contest: Contest) -> Iterator[str]:
    took_part = ", ".join(f"{n} at {cut}" for cut, n in contest.n_benchmarks.items())
    yield f"Played on {contest.panel}. Benchmarks that took part: {took_part}."
    benchmarks = "benchmark" if contest.n_held_out == 1 else "benchmarks"
    yield f"Left out as held out by the registry: {contest.n_held_out} {benchmarks}."
    if contest.peers_left_out is not None:
        yield f"The peer's models did not play: {contest.peers_left_out}."
    if contest.peer_r_hats:
        worst = max(contest.peer_r_hats.values())
        yield (
            "The peer's models are written again by its description, without its human "
            "baselines and ceilings, which a panel does not have; its chains agree to "
            f"R-hat {worst:.2f}. It says nothing of records: here the higher of the "
            "standing one and its top-3 score."
        )
    seconds = ", ".join(f"{name_of(one)} {s:.1f}" for one, s in contest.seconds.items())
    yield f"CPU seconds, all cuts together: {seconds}."
    yield f"* {PEER_PRINTED['model']}: {PEER_PRINTED['of']}."


def _crossed(cells: Cells, headings: Mapping[str, str]) -> Grid:
    """A row a forecaster, a column each of ``headings``."""
    grid = Grid(
        Column("forecaster"), *(Column(one, "right") for one in headings.values())
    )
    texts = {(name, key): text for name, key, text in cells}
    for name in dict.fromkeys(name for name, _, _ in cells):
        grid.add(name_of(name), *(texts.get((name, key), "") for key in headings))
    return grid


def _of(rows: Sequence[Row], target: str, cut: str) -> Iterator[Row]:
    return (row for row in rows if row["target"] == target and row["cut"] == cut)
