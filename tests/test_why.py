"""`trends why` where nothing earlier is published: the ledger, and the last days."""

import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from tests.small_world import small_world, trends
from trends.ledger import record_published
from trends.outputs import find_published, read_latest, read_table
from trends.pipeline import ForecastRequest, RequestError, forecast, ingest
from trends.pipeline.why import Explanation, ask
from trends.pipeline.why_since import Moved
from trends.tables import CHANGES
from trends.words.moves import (
    list_lines,
    move_lines,
    move_size,
    moved_words,
    never_moved_words,
)
from trends.workspace import Workspace

RECORDED = date(2025, 9, 30)
NOW = date(2025, 12, 31)


def _publish(world: Workspace, as_of: date, *, draws: int = 100) -> None:
    request = ForecastRequest(as_of=as_of, draws=draws)
    noon = datetime(as_of.year, as_of.month, as_of.day, 12, tzinfo=UTC)
    forecast(request, world, published_at=noon)


def _record(world: Workspace) -> None:
    """A forecast of record of September, as in a clone: its run is gone."""
    ingest(world)
    _publish(world, RECORDED)
    published = find_published(world.results, RECORDED.isoformat())
    record_published(world.ledger, published, made_on=RECORDED)
    shutil.rmtree(world.results)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A clone with one forecast of record, and the first run on it."""
    world = small_world(tmp_path_factory.mktemp("clone"))
    _record(world)
    _publish(world, NOW)
    return world


def _moved(world: Workspace, threshold_id: str | None, **how: object) -> Moved:
    found = ask(world, threshold_id, **how)  # type: ignore[arg-type]
    assert isinstance(found, Moved)
    return found


def _changes(world: Workspace) -> pl.DataFrame:
    run = read_latest(world.results)
    assert run is not None
    return read_table(run.path, CHANGES)


def test_nothing_published_is_one_sentence(tmp_path: Path) -> None:
    done = trends(small_world(tmp_path), "why")
    assert done.returncode == 2
    assert "nothing is published yet" in done.stderr
    assert "trends run" in done.stderr
    assert done.stdout == ""


def test_the_first_vintage_of_all_has_nothing_to_compare_with(tmp_path: Path) -> None:
    world = small_world(tmp_path)
    ingest(world)
    _publish(world, NOW)
    with pytest.raises(RequestError, match="the ledger has no earlier forecast"):
        ask(world, "quiz")
    assert "No vintage is earlier" in _moved(world, None).lines()[0]
    # nor is a forecast of record of the same day earlier, whatever run made it
    published = find_published(world.results, NOW.isoformat())
    record_published(world.ledger, published, made_on=NOW)
    _publish(world, NOW, draws=101)
    with pytest.raises(RequestError, match="the ledger has no earlier forecast"):
        ask(world, "quiz")
    assert _moved(world, "quiz", days=90).rows["moved_by"][0] != 0


def test_a_clone_is_compared_with_the_newest_forecast_of_record(
    clone: Workspace,
) -> None:
    """Same code, same registry: all that moved are the scores of the months between."""
    found = _moved(clone, "quiz")
    assert found.recorded_in is not None
    assert found.recorded_in.startswith("data/ledger/live/2025-09-30_")
    rows = found.rows
    assert rows["compared_with"].unique().to_list() == ["ledger"]
    for part, whole in (("part", "moved_by"), ("never_part", "never_moved_by")):
        assert rows[part].sum() == pytest.approx(rows[whole][0])
    assert rows["never_moved_by"][0] != 0
    assert "code_registry_and_corrections" not in rows["cause"].to_list()
    own = rows.row(by_predicate=pl.col("through") == "own", named=True)
    assert own["cause"] == "new_record"
    assert own["model_name"] == "M 23"
    assert own["score_date"] == date(2025, 12, 15)
    text = (clone.observations / own["source_file"]).read_text().splitlines()
    assert text[own["source_row"] - 1].startswith("M 23,")
    lines = found.lines()
    assert lines[1].startswith("from 2025-09-30: ")
    assert any("new record M 23" in line for line in lines)
    assert "keeps no inputs" in lines[-1]


def test_the_run_s_table_says_the_same_as_the_command(clone: Workspace) -> None:
    for threshold_id in ("quiz", "work"):
        ours = pl.col("threshold_id") == threshold_id
        for window, how in (("previous_vintage", {}), ("days_90", {"days": 90})):
            told = _moved(clone, threshold_id, **how).rows.drop("move_rank")
            table = _changes(clone).filter(ours, pl.col("window") == window)
            assert told.equals(table.drop("move_rank"))


def test_every_headline_stands_in_every_window_and_its_parts_sum(
    clone: Workspace,
) -> None:
    changes = _changes(clone)
    assert set(changes["window"]) == {
        "previous_vintage",
        "days_7",
        "days_30",
        "days_90",
    }
    moves = changes.group_by("window", "threshold_id").agg(
        pl.col("part").sum(), pl.col("moved_by").first()
    )
    assert moves.height == 4 * changes["threshold_id"].n_unique()
    numbers = moves.drop_nulls("moved_by")
    assert numbers["part"].to_list() == pytest.approx(numbers["moved_by"].to_list())


def test_a_bar_that_was_edited_since_is_not_the_figures_news(tmp_path: Path) -> None:
    world = small_world(tmp_path)
    _record(world)
    path = world.registry / "thresholds" / "quiz.yaml"
    text = path.read_text(encoding="utf-8").replace("\nversion: 1", "\nversion: 2")
    text = text.replace("value: 0.8,", "value: 0.85,").replace(
        "changelog: [", "changelog: [{version: 2, date: 2026-11-24, why: Harder.}, "
    )
    path.write_text(text, encoding="utf-8")
    ingest(world)
    _publish(world, NOW)
    rows = _moved(world, "quiz").rows
    rest = rows.row(by_predicate=pl.col("through") == "other", named=True)
    assert rest["cause"] == "code_registry_and_corrections"
    assert rest["part"] > 0
    assert "its threshold was version 1, now 2" in rest["label"]
    assert "registry" in rest["label"]
    assert "code" not in rest["label"].split(": ")[-1]
    assert rows["part"].sum() == pytest.approx(rows["moved_by"][0])


def test_a_published_vintage_comes_before_the_ledger(tmp_path: Path) -> None:
    world = small_world(tmp_path)
    _record(world)
    _publish(world, date(2025, 10, 31))
    _publish(world, NOW)
    assert isinstance(ask(world, "quiz"), Explanation)
    rows = _changes(world).filter(pl.col("window") == "previous_vintage")
    assert rows["compared_with"].unique().to_list() == ["published"]
    assert rows["since"].unique().to_list() == [date(2025, 10, 31)]
    numbers = rows.filter(pl.col("moved_by").is_not_null())
    assert "code" not in numbers["cause"].to_list()
    older = _moved(world, "quiz", before=RECORDED.isoformat())
    assert older.recorded_in is not None


def test_requests_that_make_no_sense_say_so(clone: Workspace) -> None:
    with pytest.raises(RequestError, match="there are 7, 30, 90"):
        ask(clone, "quiz", days=8)
    with pytest.raises(RequestError, match="give one"):
        ask(clone, "quiz", days=7, before="2025-09-30")
    with pytest.raises(RequestError, match="name it"):
        ask(clone, None, bar_id="most")
    with pytest.raises(RequestError, match="no threshold 'nonsense'"):
        ask(clone, "nonsense")


def test_the_command_lists_the_largest_moves_and_programs_get_rows(
    clone: Workspace,
) -> None:
    done = trends(clone, "why", "--days", "90")
    assert done.returncode == 0, done.stderr
    assert "in the last 90 days, from 2025-10-02 to 2025-12-31" in done.stdout
    assert "[quiz]" in done.stdout
    found = json.loads(trends(clone, "why", "--days", "90", "--json").stdout)
    assert found["window"] == "days_90"
    ranks = [row["move_rank"] for row in found["rows"]]
    assert ranks == sorted(ranks)
    sizes = [
        move_size(row["moved_by"], row["never_moved_by"])
        for row in found["rows"]
        if row["moved_unit"] == "days"
    ]
    assert sizes == sorted(sizes, reverse=True)
    assert any(row["never_moved_by"] for row in found["rows"])


def test_days_of_a_headline_are_what_the_run_published(
    clone: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One number everywhere: nothing is worked out again."""
    monkeypatch.delattr("trends.pipeline.why_since.days_before")
    published = _changes(clone).filter(
        pl.col("window") == "days_90", pl.col("threshold_id") == "quiz"
    )
    asked = ask(clone, "quiz", days=90)
    assert isinstance(asked, Moved)
    assert asked.rows.rows() == published.rows()


def test_numbers_in_words() -> None:
    assert moved_words(-12.0, "days") == "-12 days"
    assert moved_words(0.5, "days") == "+0.5 days"
    assert moved_words(0.0, "days") == "0 days"
    assert moved_words(0.0091, "probability") == "+0.9 points"
    assert moved_words(None, "nothing") == "new"
    assert move_size(-20, 0.05) == move_size(-30, None) == 30
    assert never_moved_words(-0.0091) == "never -0.9 points"
    assert never_moved_words(0.0002) == never_moved_words(None) == ""


def test_a_list_says_what_it_leaves_out(clone: Workspace) -> None:
    changes = _changes(clone).filter(pl.col("window") == "days_90")
    first = changes.filter(pl.col("move_rank") == 1)
    many = pl.concat([first.with_columns(move_rank=pl.lit(k)) for k in range(1, 14)])
    lines = list_lines(many, "days_90", everything=False)
    assert "3 others moved less or are new: --all lists them" in lines
    assert sum("[" in line for line in lines) == 10
    assert (
        sum("[" in line for line in list_lines(many, "days_90", everything=True)) == 13
    )
    likelier = many.with_columns(moved_by=pl.lit(0.0), never_moved_by=pl.lit(0.02))
    assert (
        "0 days, never +2.0 points"
        in list_lines(likelier, "days_90", everything=False)[2]
    )
    still = likelier.with_columns(never_moved_by=pl.lit(0.0))
    assert list_lines(still, "days_90", everything=False)[-1] == (
        "None of the 13 headlines moved: no figure is newer."
    )
    assert len(move_lines(first.to_dicts())) >= 5


def test_days_before_all_figures_have_first_estimates(tmp_path: Path) -> None:
    world = small_world(tmp_path)
    ingest(world)
    _publish(world, date(2024, 3, 31))
    rows = _changes(world).filter(pl.col("window") == "days_90")
    of = dict(rows.select("threshold_id", "cause").iter_rows())
    assert of["work"] == "first_estimate"
    assert all(rows["label"])


def test_a_draft_of_another_trend_is_explained_by_that(tmp_path: Path) -> None:
    world = small_world(tmp_path)
    ingest(world)
    request = ForecastRequest(
        as_of=NOW,
        draws=100,
        publish=False,
        thresholds=("quiz",),
        trends=("logistic",),
    )
    draft = forecast(request, world, published_at=datetime(2026, 1, 1, tzinfo=UTC))
    changes = read_table(draft.path, CHANGES)
    assert set(changes.get_column("trend")) == {"logistic"}
    assert changes.filter(window="days_90").item(0, "score_change") == "new_record"
