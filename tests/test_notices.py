"""Messages to people: what they say, when there is one, and that they arrive."""

import importlib.util
import logging
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from tests.conftest import CHECKOUT
from tests.http_server import serving
from tests.small_world import small_world
from tests.smtp_server import mail_server
from trends import pipeline
from trends.outputs import read_quality
from trends.pipeline.news import notice_of
from trends.pipeline.silent import silent_sources
from trends.registry import load_registry
from trends.words.notice import (
    changed_headlines,
    news_of_tests,
    publication_notice,
)

SUBJECT, TEXT = "benchmark-trends: published", "Median 2028 → 2029.\n.\nEnd\n"


@pytest.fixture(scope="module")
def notices() -> Any:
    """dags/notices.py, which lies in no package."""
    spec = importlib.util.spec_from_file_location(
        "notices", CHECKOUT / "dags" / "notices.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _row(threshold_id: str = "quiz_80", **more: Any) -> dict[str, Any]:
    row = {
        "threshold_id": threshold_id,
        "short_title": "Quiz",
        "short_label": "80%",
        "threshold_label": "Quiz reaches 80%",
        "crossing_status": "expected",
        "median_if_ever": date(2028, 3, 1),
        "median_label": "2028-03",
        "p_never": 0.0,
        "date_hi": None,
        "interval80_label": "2027 to 2031",
        "withheld": None,
    }
    return row | more


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ([_row()], [_row()], None),
        (
            [_row()],
            [_row(median_if_ever=date(2028, 3, 2))],
            "Quiz: 80%: 2028-03-01 (2027 to 2031) -> 2028-03-02 (2027 to 2031)",
        ),
        (
            [_row()],
            [_row(crossing_status="never", median_if_ever=None)],
            "Quiz: 80%: 2028-03-01 (2027 to 2031) -> never (2027 to 2031)",
        ),
        (
            [_row(p_never=0.3)],
            [_row(p_never=0.42)],
            (
                "Quiz: 80%: 2028-03-01, never 30% (2027 to 2031) -> 2028-03-01, never 42% "
                "(2027 to 2031)"
            ),
        ),
        ([_row(p_never=0.421)], [_row(p_never=0.424)], None),
        ([], [_row()], "Quiz: 80%: new, 2028-03-01 (2027 to 2031)"),
        ([_row()], [], "Quiz: 80%: gone, was 2028-03-01 (2027 to 2031)"),
    ],
)
def test_a_headline_is_news_where_it_reads_otherwise(
    before: Sequence[dict[str, Any]], after: Sequence[dict[str, Any]], line: str | None
) -> None:
    assert changed_headlines(before, after) == ([] if line is None else [line])


def test_a_test_is_news_once_and_its_views_are_counted_apart() -> None:
    """Also where what was a headline of its own is a view from now on."""
    test, board = _row(view_of=None), _row("quiz_board", view_of=None)
    moved = {"median_if_ever": date(2029, 3, 1)}
    news = news_of_tests(
        [test, board], [test | moved, board | moved | {"view_of": "quiz"}]
    )
    assert {what: len(lines) for what, lines in news.items()} == {
        "headlines": 1,
        "other views of tests": 1,
    }
    assert "new" not in "".join(news["other views of tests"])


def test_nothing_new_is_no_message() -> None:
    about: Any = {"run_id": "abc", "as_of": "2026-11-01", "line": "Published."}
    assert publication_notice(**about, news={"tripwires": [], "headlines": []}) is None
    rows = [f"quiz.csv:{n}: no such model" for n in range(12)]
    notice = publication_notice(**about, news={"tripwires": [], "rows": rows})
    assert notice is not None
    assert notice.subject.endswith("as of 2026-11-01, run abc (rows: 12)")
    assert notice.text.startswith("Published.\n\nRows:\n- quiz.csv:0: no such model\n")
    assert notice.text.endswith("- quiz.csv:9: no such model\n- and 2 more\n")


@pytest.mark.parametrize(("days", "is_silent"), [(180, False), (181, True)])
def test_a_source_without_a_new_row_for_180_days_is_silent(
    tmp_path: Path, days: int, *, is_silent: bool
) -> None:
    registry = load_registry(small_world(tmp_path).registry)
    source_id, source = next(iter(registry.sources.items()))
    last = date(2026, 1, 1)
    rows = pl.DataFrame(
        {
            "source_id": [source_id] * 3,
            "known_on": [last - timedelta(days=40), last, date(2028, 1, 1)],
        }
    )
    as_of = last + timedelta(days=days)
    found = silent_sources(rows, registry, as_of=as_of)
    words = f"no new row since 2026-01-01, {days} days before {as_of}"
    assert found == ({source_id: words} if is_silent else {})
    assert silent_sources(rows, registry, as_of=as_of, stopped=[source_id]) == {}
    for name in source.benchmarks:
        closed = registry.benchmarks[name].model_copy(update={"closed_on": last})
        registry.benchmarks[name] = closed
    assert silent_sources(rows, registry, as_of=as_of) == {}, "nobody adds any more"


def test_a_publication_tells_what_is_new_and_a_draft_nothing(tmp_path: Path) -> None:
    workspace = small_world(tmp_path)
    with (workspace.root / "data" / "observations" / "coding_quiz.csv").open(
        "a"
    ) as file:
        file.write(
            "Nobody 1,Alpha,2025-04-03,50.1,,,,h,2025-04-20,leaderboard,"
            "https://example.org/x,\n"
        )
    pipeline.ingest(workspace)
    now = datetime(2026, 9, 1, 12, tzinfo=UTC)

    def told(as_of: date, at: datetime, *, publish: bool = True) -> Any:
        request = pipeline.ForecastRequest(as_of=as_of, draws=100, publish=publish)
        run = pipeline.forecast(request, workspace, published_at=at)
        return notice_of(run, results=workspace.results, line="One line."), run

    draft, _ = told(date(2025, 8, 1), now, publish=False)
    assert draft is None
    first, _ = told(date(2025, 8, 1), now)
    assert "headlines: " in first.subject
    assert ": new, " in first.text
    assert "Rows newly in quarantine" in first.text
    again, _ = told(date(2025, 8, 1), now + timedelta(hours=1))
    assert again == first, "whoever was killed before the end tells it all the same"
    later, run = told(date(2026, 9, 1), now)
    assert "sources silent: " in later.subject
    assert "Rows newly in quarantine" not in later.text, "they were told before"
    silent = read_quality(run.path)["summary"]["sources_silent"]
    assert silent == run.silent
    assert all(f"- {source}: no new row since" in later.text for source in silent)


def test_a_mail_arrives_as_it_was_written(
    notices: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with mail_server() as server:
        address = f"smtp://127.0.0.1:{server.port}/?from=t@example.org&to=a@example.org,b@example.org"
        monkeypatch.setenv("TRENDS_SMTP_URL", address)
        monkeypatch.delenv("TRENDS_NOTIFY", raising=False)
        with caplog.at_level(logging.INFO):
            notices.deliver(SUBJECT, TEXT)
    ((receivers, message),) = server.received
    assert receivers == ["a@example.org", "b@example.org"]
    assert (message["Subject"], message["From"]) == (SUBJECT, "t@example.org")
    assert message.get_content().replace("\r\n", "\n") == TEXT
    assert "Sent by mail to a@example.org, b@example.org." in caplog.text


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("smtp://127.0.0.1:1/?to=a@example.org", "refused"),
        ("mail.example.org", "write smtp://"),
        ("smtp://127.0.0.1:25/", "write smtp://"),
        ("smtp://127.0.0.1:port/?to=a@example.org", "port"),
    ],
)
def test_a_mail_server_that_fails_is_a_warning_and_no_more(
    notices: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    address: str,
    why: str,
) -> None:
    monkeypatch.setenv("TRENDS_SMTP_URL", address)
    notices.deliver(SUBJECT, TEXT)
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert record.message.startswith("No mail was sent: ")
    assert why in record.message


def test_a_mailbox_that_is_refused_is_named(
    notices: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with mail_server(refused="nobody") as server:
        address = f"smtp://127.0.0.1:{server.port}/?to=nobody@example.org"
        monkeypatch.setenv("TRENDS_SMTP_URL", address)
        notices.deliver(SUBJECT, TEXT)
    assert server.received == []
    assert "no such mailbox" in caplog.text


def test_apprise_reaches_a_server_of_this_machine(
    notices: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pytest.importorskip("apprise", reason="the extra notify is not installed")
    monkeypatch.delenv("TRENDS_SMTP_URL", raising=False)
    with serving() as server, caplog.at_level(logging.INFO):
        place = server.answer("/told", lambda request: request.say(200))
        port = place.rsplit(":", 1)[1]  # with the path
        address = f"json://127.0.0.1:{port}"
        monkeypatch.setenv("TRENDS_NOTIFY", address)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        notices.deliver(SUBJECT, TEXT)
        assert [path for path, _ in server.asked] == ["/told"]
    assert "Sent by Apprise to 1 addresses." in caplog.text


def test_where_nobody_is_named_nothing_is_sent(
    notices: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("TRENDS_SMTP_URL", raising=False)
    monkeypatch.delenv("TRENDS_NOTIFY", raising=False)
    with caplog.at_level(logging.INFO):
        notices.deliver(SUBJECT, TEXT)
    assert "Nobody is told" in caplog.text


@pytest.mark.parametrize(
    ("run_type", "choice", "n_mails"),
    [("manual", "Draft", 0), ("manual", "Publish", 1), ("asset_triggered", "Draft", 1)],
)
def test_a_failed_run_is_told_unless_it_was_to_be_a_draft(
    notices: Any,
    monkeypatch: pytest.MonkeyPatch,
    run_type: str,
    choice: str,
    n_mails: int,
) -> None:
    with mail_server() as server:
        address = f"smtp://127.0.0.1:{server.port}/?to=a@example.org"
        monkeypatch.setenv("TRENDS_SMTP_URL", address)
        notices.tell_of_failure(
            {
                "dag": SimpleNamespace(dag_id="forecast_crossing_dates"),
                "run_id": "manual__1",
                "reason": "task_failure",
                "params": {"publish": choice},
                "dag_run": SimpleNamespace(run_type=run_type),
                "ti": SimpleNamespace(
                    task_id="publish", map_index=-1, xcom_pull=lambda *_, **__: None
                ),
            }
        )
    assert len(server.received) == n_mails
    for _, message in server.received:
        assert "Run manual__1 of forecast_crossing_dates failed in task publish" in (
            message.get_content().replace("\n", " ")
        )
