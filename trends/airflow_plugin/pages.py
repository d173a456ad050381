"""Our own pages: what stands around the files that runs wrote."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Final, NamedTuple

import polars as pl

from trends.airflow_plugin.shelves import SHELVES, Folder, key_of, publications
from trends.outputs import (
    NotCarriedError,
    OutputError,
    read_history,
    read_latest,
    read_manifest,
    read_table,
    standing_alarms,
    waiting_lines,
)
from trends.registry.models import HEADLINE_TREND, TrendFamily
from trends.tables import (
    AUTOMATION,
    BACKTEST_SCORES,
    CARRIED,
    CROSSING_SUMMARY,
    HEADLINE,
    HEADLINE_YEARS,
    REFERENCE_FORECASTS,
    TableError,
)
from trends.templates import templates
from trends.words import (
    CAVEAT,
    HELD,
    VIEW,
    alarm_lines,
    answer_sentences,
    backtest_verdict,
    falls_short,
    percent,
)

SHOWN_DRAFTS: Final = 20
"""Older ones are counted."""

REPORT: Final = "report.html"


class Download(NamedTuple):
    """A file that can be had."""

    name: str
    label: str
    size: str


class TableFiles(NamedTuple):
    """A table, in every format that it is published in."""

    name: str
    about: str
    downloads: list[Download]


@cache
def style() -> str:
    """That of the report, and the little that our pages add."""
    ours, report = (
        files("trends").joinpath(package, "templates", name)
        for package, name in (("airflow_plugin", "pages.css"), ("report", "report.css"))
    )
    return report.read_text(encoding="utf-8") + ours.read_text(encoding="utf-8")


def page(template: str, home: str, **facts: Any) -> str:
    """One page as HTML.

    Args:
        template: which.
        home: address of the first page, with a slash at its end.
        facts: what it says.
    """
    found = templates(__package__).get_template(f"{template}.html.jinja")
    return found.render(home=home, style=style(), **facts)


def overview(results: Path) -> dict[str, Any]:
    """What the first page says: the latest run, those before it, and drafts.

    Raises:
        OutputError: a record of a publication cannot be read.
    """
    runs = publications(results)
    drafts = _newest_first(SHELVES["drafts"](results))
    return _latest(results) | {
        "published": [(key, runs[key]) for key in reversed(runs)],
        "withdrawn": [str(one) for one in read_history(results).withdrawn],
        "drafts": [_draft(path) for path in drafts[:SHOWN_DRAFTS]],
        "older_drafts": max(0, len(drafts) - SHOWN_DRAFTS),
    }


def _latest(results: Path) -> dict[str, Any]:
    """The latest run; why it cannot be shown, where it cannot."""
    none = {"latest": None, "trouble": ""}
    try:
        run = read_latest(results)
        if run is None:
            return none
        facts = of_run(Folder(run.path))
    except OutputError as error:
        return none | {"trouble": str(error)}
    return {
        "latest": key_of(run),
        "trouble": "",
        "published_at": run.published_at,
        "facts": facts,
    }


def of_run(run: Folder) -> dict[str, Any]:
    """What a page says of one run: its answer, its headlines, its files.

    Raises:
        OutputError: the run is damaged.
    """
    manifest = read_manifest(run.path)
    return {
        "as_of": manifest.as_of,
        "run_id": manifest.run_id,
        "reason": manifest.run.get("reason"),
        "years": HEADLINE_YEARS,
        "caveat": CAVEAT,
        **_said(run.path),
        **downloads(run),
    }


def of_backtest(backtest: Folder) -> dict[str, Any]:
    """What a page says of a backtest: its verdict, its scores, its files."""
    scores = pl.read_parquet(backtest.path / f"{BACKTEST_SCORES.name}.parquet")
    return {
        "backtest_id": backtest.path.name,
        "verdict": backtest_verdict(scores),
        "against": _against(scores),
        **downloads(backtest),
    }


def downloads(folder: Folder) -> dict[str, Any]:
    """Files by what they are: tables, others, and those of folders below."""
    about = _descriptions(folder.path)
    tables: dict[str, TableFiles] = {}
    others: list[Download] = []
    below: dict[str, list[Download]] = {}
    for name, path in folder.files().items():
        size = _size(path.stat().st_size)
        where, _, last = name.rpartition("/")
        stem, _, ending = last.rpartition(".")
        if where:
            below.setdefault(where, []).append(Download(name, last, size))
        elif ending in ("csv", "parquet"):
            found = tables.setdefault(stem, TableFiles(stem, about.get(name, ""), []))
            found.downloads.append(Download(name, ending, size))
        else:
            others.append(Download(name, last, size))
    order = list(about)
    ranked = sorted(
        tables.values(), key=lambda one: _rank(order, one.downloads[0].name)
    )
    return {"tables": ranked, "others": others, "below": below}


def _rank(order: list[str], name: str) -> int:
    return order.index(name) if name in order else len(order)


def _said(run: Path) -> dict[str, Any]:
    """Answer, headline rows by section, and what to know of them."""
    try:
        headline = read_table(run, HEADLINE).to_dicts()
        summary = read_table(run, CROSSING_SUMMARY)
        answer = answer_sentences(
            read_table(run, AUTOMATION), read_table(run, REFERENCE_FORECASTS)
        )
    except (NotCarriedError, TableError) as error:
        older = f"Another version of this project wrote this run ({error})."
        return {"sections": [], "answer": [], "notes": [older]}
    marked = any(map(falls_short, summary.filter("is_headline").to_dicts()))
    return {
        "sections": [
            (title, [_row(row) for row in rows])
            for title, rows in groupby(headline, key=itemgetter("section"))
        ],
        "answer": answer,
        "notes": [
            *([HELD] if marked else []),
            *alarm_lines(standing_alarms(run)),
            *waiting_lines(run),
        ],
    }


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    chances = [percent(row[f"p_by_end_{year}"]) or "-" for year in HEADLINE_YEARS]
    bar = f"{VIEW if row['view_of'] else ''}{row['bar']}"
    never = percent(row["p_never"]) or "-"
    note = row["note"] or ""
    return {**row, "bar": bar, "never": never, "chances": chances, "note": note}


def _draft(path: Path) -> dict[str, Any]:
    """A line about a draft, whatever its state."""
    try:
        manifest = read_manifest(path)
    except OutputError as error:
        return {"run_id": path.name, "as_of": "", "reason": f"damaged: {error}"}
    reason = manifest.run.get("reason") or ""
    return {"run_id": path.name, "as_of": manifest.as_of, "reason": reason}


def _newest_first(found: Mapping[str, Path]) -> list[Path]:
    return sorted(found.values(), key=lambda path: -path.stat().st_mtime_ns)


def _against(scores: pl.DataFrame) -> list[dict[str, Any]]:
    """How far headline and ensemble were better than no change, by months ahead."""
    ours = scores.filter(
        pl.col("forecaster").is_in([HEADLINE_TREND.value, TrendFamily.ENSEMBLE.value]),
        pl.col("compared_with") == "no_change",
        pl.col("cut_on") == "reported_on",
        pl.col("moved_by") == "models",
        pl.col("lead_months").is_not_null(),
        pl.col("metric")
        == pl.when(pl.col("scale") == "bounded")
        .then(pl.lit("crps_score"))
        .otherwise(pl.lit("crps_link")),
    )
    return [
        {**row, "factor": 100.0 if row["scale"] == "bounded" else 1.0}
        for row in ours.sort("scale", "forecaster", "lead_months").to_dicts()
    ]


def _descriptions(folder: Path) -> dict[str, str]:
    """What each table is, by file, in the order in which they are best read."""
    path = folder / "datapackage.json"
    if path.is_file():
        resources = json.loads(path.read_bytes())["resources"]
        return {one["path"]: one.get("description", "") for one in resources}
    return {f"{table.name}.parquet": table.meaning for table in CARRIED}


def _size(n_bytes: int) -> str:
    """Bytes in words that are easy to compare."""
    if n_bytes < 1000:
        return f"{n_bytes} B"
    if n_bytes < 1_000_000:
        return f"{n_bytes / 1000:.0f} kB"
    return f"{n_bytes / 1_000_000:.1f} MB"
