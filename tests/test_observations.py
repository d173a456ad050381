"""Raw rows to observations: names, units, dates, and what is rejected."""

import json
from datetime import UTC, date, datetime

import pytest

from tests.raw_rows import (
    MINUTES,
    PUBLISHED,
    benchmark,
    correction,
    observe,
    only,
    raw,
    registry,
    rejected,
)
from trends.observations import build_observations
from trends.tables import OBSERVATIONS, QUARANTINE


def test_a_row_becomes_an_observation_in_stored_units() -> None:
    found = only(observe({}))

    assert found["model_id"] == "model_a"
    assert found["model_name"] == "Model A"
    assert found["model_name_published"] == "model-a-high"
    assert found["setting"] == "high"
    assert found["developer"] == "Lab"
    assert found["score"] == 64.5 / 100
    assert found["standard_error"] == 1.5 / 100
    assert (found["ci_low"], found["ci_high"]) == (61 / 100, 68 / 100)
    assert found["score_unit"] == "fraction"
    assert found["retrieved_at"] == datetime(2025, 11, 20, tzinfo=UTC)
    assert found["is_record"] is None
    assert found["fit_exclusion"] is None


def test_percent_become_the_fraction_that_is_written_so() -> None:
    """In binary 77.6 / 100 is 0.7759999999999999, below a bar of 0.776."""
    found = only(observe({"score": "77.6", "standard_error": "0.07"}))

    assert found["score"] == 0.776
    assert found["standard_error"] == 0.0007


def test_an_address_printed_without_its_scheme_is_completed() -> None:
    found = only(observe({"source_url": "docs.a.org/nova"}))

    assert found["source_url"] == "https://docs.a.org/nova"


def test_minutes_stay_minutes() -> None:
    built = build_observations(raw({}, benchmark="minutes_test"), registry())

    assert only(built)["score"] == 64.5
    assert only(built)["score_unit"] == "minutes"


def test_the_name_of_a_model_needs_no_alias() -> None:
    found = only(observe({"model_name_published": "Model A"}))

    assert (found["model_id"], found["setting"]) == ("model_a", None)


def test_both_tables_have_their_columns_even_when_empty() -> None:
    built = observe({"score": "n/a"})

    assert built.observations.schema == OBSERVATIONS.schema
    assert observe({}).quarantine.schema == QUARANTINE.schema


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"score": "64%"}, "score is '64%': write it as a plain decimal"),
        ({"score": None}, "score is empty: no row goes without it"),
        ({"score": "nan"}, "score is 'nan': write it as a plain decimal"),
        ({"ci_high": "inf"}, "ci_high is 'inf': write it as a plain decimal"),
        ({"score": "6_2"}, "score is '6_2': write it as a plain decimal"),
        ({"score": "\uff16\uff12.5"}, "write it as a plain decimal"),
        ({"score": "\u0663\u0663"}, "write it as a plain decimal"),
        ({"score": "1e-400"}, "score is '1e-400': write it as a plain decimal"),
        ({"score": "1E+999999999"}, "score is '1E+999999999': write it as"),
        ({"score": "6.2e1"}, "score is '6.2e1': write it as a plain decimal"),
        ({"standard_error": "1_5"}, "standard_error is '1_5': write it as"),
        ({"ci_low": "1E+1000000"}, "ci_low is '1E+1000000': write it as"),
        ({"ci_high": "\uff16\uff18"}, "ci_high is '\uff16\uff18': write it as"),
        ({"score": "6" * 400}, "a number has at most 24 characters"),
        ({"reported_on": "20250304"}, "reported_on is '20250304': write the day as"),
        ({"release_date": "2025-02-30"}, "'2025-02-30': there is no such day"),
        ({"release_date": "2025-02"}, "or leave the cell empty where nobody says"),
        ({"reporter": "press"}, "reporter is 'press': write 'benchmark_authors', "),
        ({"source_url": "see paper"}, "source_url is 'see paper'"),
        ({"source_url": "javascript:alert(1)"}, "source_url is 'javascript:"),
        ({"model_name_published": "  "}, "model_name_published is empty"),
    ],
)
def test_a_broken_row_is_quarantined_with_the_cell_that_broke(
    cells: dict[str, str | None], words: str
) -> None:
    found = rejected(observe(cells))

    assert found["expectation"] == "row_is_parseable"
    assert words in str(found["reason"])
    assert (found["source_file"], found["source_row"]) == ("coding_test.csv", 2)


@pytest.mark.parametrize(
    ("cell", "score"),
    [("64", 0.64), ("+64.50", 0.645), (".5", 0.005), ("64.", 0.64), (" 64 ", 0.64)],
)
def test_a_plain_decimal_is_read_however_it_is_set(cell: str, score: float) -> None:
    found = only(observe({"score": cell, "ci_low": None, "ci_high": None}))

    assert found["score"] == score


def test_a_cell_of_any_length_is_quoted_in_a_line_and_kept_whole() -> None:
    found = rejected(observe({"score": "6" * 400}))

    assert len(str(found["reason"])) < 200
    assert json.loads(str(found["row_json"]))["score"] == "6" * 400


def test_a_quarantined_row_is_kept_whole() -> None:
    row = json.loads(str(rejected(observe({"score": "64%"}))["row_json"]))

    unstated = dict.fromkeys(("note", "scoring_rule", "retrieved_on"))
    assert row == PUBLISHED | {"score": "64%"} | unstated


def test_a_broken_row_does_not_take_its_neighbours_with_it() -> None:
    built = observe({}, {"score": "?"}, {"score": "70"})

    assert sorted(built.observations["score"]) == [0.645, 0.70]
    assert built.quarantine["source_row"].to_list() == [3]


def test_an_unregistered_model_is_quarantined_with_the_nearest_name() -> None:
    found = rejected(observe({"model_name_published": "model-a-hihg"}))

    assert found["expectation"] == "model_is_registered"
    assert "'model-a-hihg' is not in the registry" in str(found["reason"])
    assert "did you mean 'model-a-high'?" in str(found["reason"])
    assert "model_aliases.yaml" in str(found["reason"])


def test_a_row_of_an_unregistered_benchmark_is_quarantined() -> None:
    built = build_observations(raw({}, benchmark="coding_tset"), registry())

    assert rejected(built)["expectation"] == "benchmark_is_registered"
    assert "did you mean 'coding_test'?" in str(rejected(built)["reason"])


def test_the_release_date_of_the_registry_wins_and_the_published_one_is_kept() -> None:
    found = only(observe({}))

    assert found["release_date"] == date(2025, 1, 2)
    assert found["release_date_basis"] == "models_registry"
    assert found["release_date_published"] == date(2025, 1, 9)
    assert found["release_earliest"] == found["release_latest"] == date(2025, 1, 2)


def test_a_model_known_to_the_month_has_an_interval_and_no_release_date() -> None:
    found = only(observe({"model_name_published": "Model M"}))

    assert found["release_date"] is None
    assert found["release_date_basis"] == "interval"
    assert found["release_earliest"] == date(2025, 2, 1)
    assert found["release_latest"] == date(2025, 2, 28)


def test_an_undated_model_was_released_by_the_day_it_was_reported() -> None:
    found = only(observe({"model_name_published": "Model U"}))

    assert found["release_date"] is None
    assert found["release_date_basis"] == "unknown"
    assert found["release_earliest"] is None
    assert found["release_latest"] == date(2025, 3, 4)
    assert found["fit_exclusion"] is None
    assert found["entrant_kind"] == "system"


REPORTED, RELEASED = date(2025, 3, 4), date(2025, 1, 2)


@pytest.mark.parametrize(
    ("cells", "final_vintage", "known_on", "basis"),
    [
        ({}, False, REPORTED, "reported_on"),
        ({"reported_on": None}, False, RELEASED, "release_date"),
        ({}, True, RELEASED, "release_date"),
        ({"model_name_published": "Model U"}, True, REPORTED, "reported_on"),
        (
            {"model_name_published": "Model M", "reported_on": None},
            False,
            date(2025, 2, 28),
            "release_date",
        ),
        (
            {"model_name_published": "Model U", "reported_on": None},
            False,
            None,
            "unknown",
        ),
    ],
)
def test_a_row_is_known_from(
    cells: dict[str, str | None],
    final_vintage: bool,
    known_on: date | None,
    basis: str,
) -> None:
    known = registry(coding_test=benchmark(final_vintage=final_vintage))
    found = only(observe(cells, known=known))

    assert (found["known_on"], found["known_on_basis"]) == (known_on, basis)


HUB_DAYS = [
    "17/12/2024",
    "10/5/2025",
    "6/3/2025",
    "2025/03/06",
    "06-03-2025",
    "20250306",
    "2025-3-6",
    "2025-03-06T00:00:00",
    "2025-03-06 00:00",
    "2025-02-30",
    "March 6, 2025",
    "\uff12\uff10\uff12\uff15-03-06",
    "45722",
    "1741219200",
]
"""As hubs and spreadsheets export days; the order of day and month is not visible."""


@pytest.mark.parametrize("cell", ["release_date", "reported_on"])
@pytest.mark.parametrize("day", HUB_DAYS)
def test_no_day_is_guessed(cell: str, day: str) -> None:
    found = rejected(observe({cell: day}))

    assert found["expectation"] == "row_is_parseable"
    assert (found["source_file"], found["source_row"]) == ("coding_test.csv", 2)
    assert str(found["reason"]).startswith(f"{cell} is {day!r}: ")


@pytest.mark.parametrize("score", ["24.0%", "24,0", "24.0 %", "≈24", "24.0±1"])
def test_no_number_is_guessed(score: str) -> None:
    found = rejected(observe({"score": score, "reported_on": "17/12/2024"}))

    assert f"score is {score!r}" in str(found["reason"])
    assert "reported_on is '17/12/2024'" in str(found["reason"])


def test_impossible_days_are_rejected_and_one_model_s_date_is_one_slip() -> None:
    public = registry(coding_test=benchmark(first_public_on="2025-02-01"))
    built = observe(
        {"reported_on": "2015-03-01"},
        {"reported_on": "1970-01-01"},
        {"release_date": "2025-06-09"},
        {"release_date": "2025-06-10"},
        {},
        known=public,
    )

    assert built.observations.height == 1
    assert built.quarantine.sort("source_row")["expectation"].to_list() == [
        "report_follows_first_public_day",
        "report_follows_first_public_day",
        "release_dates_are_close",
        "release_dates_are_close",
    ]
    assert [one.origin.source_row for one in built.wrong_days] == [2, 3, 4, 5]
    # two cells, and two rows that hold one date of one model against the registry
    assert built.n_slips == 3


def test_a_model_in_doubt_is_rejected_with_the_reason() -> None:
    rows = raw({}, {"model_name_published": "Model U", "release_date": None})
    built = build_observations(rows, registry(), doubts={"model_a": "two dates"})

    assert built.observations["model_id"].to_list() == ["model_u"]
    assert built.quarantine["reason"].to_list() == ["two dates"]


def test_a_row_with_no_date_at_all_is_kept_but_not_fitted() -> None:
    found = only(observe({"model_name_published": "Model U", "reported_on": None}))

    assert found["fit_exclusion"] == "no_date"
    assert found["release_latest"] is None


@pytest.mark.parametrize(
    ("score", "beyond", "exclusion"),
    [
        ("960", "exclude", None),
        ("960.5", "exclude", "out_of_range"),
        ("960.5", "keep", None),
    ],
)
def test_a_score_beyond_what_the_suite_measures_is_not_fitted(
    score: str, beyond: str, exclusion: str | None
) -> None:
    limit = MINUTES.measurable_range
    assert limit is not None
    known = registry(
        minutes_test=MINUTES.model_copy(
            update={"measurable_range": limit.model_copy(update={"beyond": beyond})}
        )
    )
    rows = raw({"score": score, "ci_high": "2000"}, benchmark="minutes_test")

    assert only(build_observations(rows, known))["fit_exclusion"] == exclusion


@pytest.mark.parametrize(
    ("unit", "score", "exclusion"),
    [
        ("usd", "-11.34", "no_logarithm"),
        ("usd", "0", "no_logarithm"),
        ("usd", "5", None),
    ],
)
def test_money_lost_is_a_score_that_no_fit_can_take(
    unit: str, score: str, exclusion: str | None
) -> None:
    known = registry(
        shop=benchmark(unit=unit, published_unit=unit, floor=None, ceiling=None)
    )
    row = {"score": score, "standard_error": None, "ci_low": None, "ci_high": None}
    found = only(build_observations(raw(row, benchmark="shop"), known))

    assert found["fit_exclusion"] == exclusion
    assert found["score"] == float(score)


def test_an_observation_keeps_its_id_when_its_row_moves_or_is_corrected() -> None:
    before = only(observe({}))["observation_id"]
    moved = observe({"score": "99"}, {}).observations["observation_id"]
    corrected = only(observe({}, known=registry(correction())))

    assert before in moved.to_list()
    assert corrected["observation_id"] == before
    assert str(before).startswith("coding_test:")
    assert len(str(before)) == len("coding_test:") + 12


@pytest.mark.parametrize(
    "cells",
    [
        {"model_name_published": "Model A"},
        {"harness": None},
        {"reported_on": None},
        {"score": "64.6"},
        {"reporter": "developer"},
        {"source_url": "https://b.org/"},
    ],
)
def test_rows_that_differ_have_different_ids(cells: dict[str, str | None]) -> None:
    built = observe({}, cells)

    assert built.observations["observation_id"].n_unique() == 2


@pytest.mark.parametrize("column", [*PUBLISHED, "note"])
@pytest.mark.parametrize(
    ("character", "name"),
    [
        ("\x00", "U+0000, a control character"),
        ("\x85", "U+0085, a control character"),
        ("\u200b", "U+200B ZERO WIDTH SPACE"),
        ("\u2067", "U+2067 RIGHT-TO-LEFT ISOLATE"),
        ("\u2028", "U+2028 LINE SEPARATOR"),
        ("\ufeff", "U+FEFF ZERO WIDTH NO-BREAK SPACE"),
    ],
)
def test_a_cell_with_an_unseen_character_is_rejected_by_name(
    column: str, character: str, name: str
) -> None:
    """At the end of a cell it would otherwise be taken for white space, or kept."""
    cell = PUBLISHED.get(column, "") + character
    found = rejected(observe({column: cell}))

    assert found["expectation"] == "row_is_parseable"
    assert f"{column} is " in str(found["reason"])
    assert name in str(found["reason"])
    row = str(found["row_json"])
    assert character not in row
    assert json.loads(row)[column] == cell


@pytest.mark.parametrize("column", ["developer", "harness", "note"])
@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("<b>agent</b>", "has markup"),
        ("=1+1", "a spreadsheet runs as a formula"),
        ("x" * 100_000, "has 100,000 characters"),
    ],
)
def test_text_that_does_something_where_it_is_printed_is_rejected(
    column: str, cell: str, words: str
) -> None:
    reason = str(rejected(observe({column: cell}))["reason"])
    assert words in reason
    assert len(reason) < 300


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "http://u:p@a.org/",
        "https://a.org/<b>",
        'https://a.org/"onclick=',
        "https://a.org/'x",
        "https://\u0435xample.com/",
        "http://127.0.0.1:8080/",
        "http://localhost/",
        "https://a.org/x y",
        "https://a.org/%00",
        "https://a.org/%zz",
        "https://a.org/" + "a" * 2000,
        "https://",
        "a..org",
        "x.y",
    ],
)
def test_an_address_that_is_not_a_public_page_is_rejected(address: str) -> None:
    assert "source_url is " in str(rejected(observe({"source_url": address}))["reason"])


@pytest.mark.parametrize(
    "address",
    [
        "https://a.org",
        "http://a-b.c.org:8080/x?y=1&z=%20#frag(1)",
        "https://medium.org/@lab/post_1~x",
        "a.org/x",
    ],
)
def test_an_address_of_a_public_page_is_kept(address: str) -> None:
    assert str(only(observe({"source_url": address}))["source_url"]).endswith(address)


def test_a_file_full_of_unknown_names_costs_no_more_than_reading_it() -> None:
    """The nearest name is looked for 100 times; each costs milliseconds."""
    many: list[dict[str, str | None]] = [
        {"model_name_published": f"model-a-{n}"} for n in range(300)
    ]
    reasons = observe(*many).quarantine["reason"].to_list()

    assert len(reasons) == 300
    assert sum("did you mean 'model-a-high'" in reason for reason in reasons) == 100
    assert all("add the spelling to model_aliases.yaml" in one for one in reasons)


def test_the_nearest_name_is_looked_for_once_a_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def counting(word: str, known: object) -> list[str]:
        asked.append(word)
        return ["model-a-high"]

    monkeypatch.setattr("trends.observations.known.nearest", counting)
    row: dict[str, str | None] = {"model_name_published": "model-b"}
    built = observe(*[row] * 50)

    assert built.quarantine.height == 50
    assert asked == ["model-b"]


@pytest.mark.parametrize(
    ("own", "stated", "exclusion"),
    [
        (None, None, None),
        ("strict", None, None),
        ("strict", "strict", None),
        ("strict", "partial credit", "scoring_rule"),
        (None, "partial credit", "scoring_rule"),
    ],
)
def test_a_row_under_another_scoring_rule_is_kept_out_of_fits(
    own: str | None, stated: str | None, exclusion: str | None
) -> None:
    known = registry(coding_test=benchmark(scoring_rule=own))

    found = only(observe({"scoring_rule": stated}, known=known))

    assert found["scoring_rule"] == stated
    assert found["fit_exclusion"] == exclusion


def test_another_scoring_rule_is_no_bound_of_a_range_either() -> None:
    rows = raw(
        {"score": "4260", "ci_low": None, "ci_high": None, "scoring_rule": "lenient"},
        benchmark="minutes_test",
    )

    found = only(build_observations(rows, registry()))

    assert found["fit_exclusion"] == "scoring_rule"


def test_the_day_of_a_row_s_copy_wins_over_that_of_its_source() -> None:
    found = only(observe({"retrieved_on": "2025-09-02"}))

    assert found["retrieved_at"] == datetime(2025, 9, 2, tzinfo=UTC)
