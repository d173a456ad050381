"""Epoch AI's archive, its members and its long table; archives that do harm."""

import io
import stat
import zipfile

import pytest

from tests.publisher_files import (
    HUB,
    HUB_MEMBERS,
    INDEX,
    INDEX_CSV,
    ISSUES_CSV,
    OFFICE_CSV,
    archive,
    cells,
    read,
)
from trends.sources import SourceError, archives
from trends.sources.readers import formats_of


def test_an_archive_gives_the_members_that_are_named() -> None:
    reading = read(archive(HUB_MEMBERS), HUB, "hub.zip")

    assert cells(
        reading, "benchmark_id", "source_file", "source_row", "score", "standard_error"
    ) == [
        ("issues_epoch", "hub.zip/issues.csv", 2, "56.3", "1.92"),
        ("issues_epoch", "hub.zip/issues.csv", 4, "25", "2"),
        ("issues_epoch", "hub.zip/issues.csv", 7, "100", None),
        ("office", "hub.zip/office_external.csv", 2, "41.9", None),
        ("office", "hub.zip/office_external.csv", 3, "0.05", None),
    ]
    assert cells(reading, "model_name_published", "developer", "release_date") == [
        ("tern-2_high", "Nest", "2025-06-05"),
        ("tern-2_high", "Nest", "2025-06-05"),
        ("gull-1_max", "Gull", "2025-07-01"),
        ("Tern 2 (High)", "Nest", "2025-06-05"),
        ("Gull 1", "Gull", "2025-07-01"),
    ]
    assert cells(reading, "reported_on", "source_url", "harness", "reporter")[:3] == [
        ("2026-03-06", "https://example.org/log/1", "Hub agent", "independent"),
        ("2026-03-05", "https://example.org/log/0", "Hub agent", "independent"),
        ("2026-03-07", "https://example.org/hub", "Hub agent", "independent"),
    ]


def test_what_is_not_read_of_an_archive_is_counted_with_the_reason() -> None:
    reading = read(archive(HUB_MEMBERS), HUB, "hub.zip")

    assert [(one.row, one.reason) for one in reading.dropped] == [
        (5, "names no model"),
        (6, "has no score"),
        (1, "a member that sources.yaml does not name"),
        (3, "a member that sources.yaml does not name"),
    ]
    # 5 rows of one member, 2 of another, and 2 members that are not opened
    assert reading.rows.height + len(reading.dropped) == 5 + 2 + 2


def test_a_member_is_read_alone_by_its_name() -> None:
    reading = read(ISSUES_CSV, HUB, "issues.csv")

    assert cells(reading, "source_file", "source_row", "score") == [
        ("issues.csv", 2, "56.3"),
        ("issues.csv", 4, "25"),
        ("issues.csv", 7, "100"),
    ]
    with pytest.raises(SourceError, match=r"name it issues\.csv or office_external"):
        read(ISSUES_CSV, HUB, "download.csv")


def test_formats_of_epoch_are_found_from_the_file() -> None:
    assert formats_of(archive(HUB_MEMBERS))[0] == "epoch_hub"
    assert formats_of(OFFICE_CSV.encode())[0] == "epoch_hub"
    assert formats_of(INDEX_CSV.encode())[0] == "epoch_index"


def test_a_member_with_other_columns_is_refused_by_name() -> None:
    members = {**HUB_MEMBERS, "issues.csv": ISSUES_CSV.replace("mean_score", "mean")}

    with pytest.raises(SourceError, match=r"hub\.zip/issues\.csv:1: no column 'mean_s"):
        read(archive(members), HUB, "hub.zip")


def test_ragged_rows_cost_themselves() -> None:
    members = {**HUB_MEMBERS, "office_external.csv": OFFICE_CSV + "owl,Owl\n"}
    reading = read(archive(members), HUB, "hub.zip")

    assert "a row has 2 cells, where the header has 5" in [
        one.reason for one in reading.dropped
    ]


def test_a_file_that_is_all_in_percent_is_left_to_the_gate_and_never_divided() -> None:
    members = {**HUB_MEMBERS, "issues.csv": ISSUES_CSV.replace(",1,", ",87.5,")}

    assert read(archive(members), HUB).rows["score"].to_list()[2] == "8750"


def test_the_long_table_gives_the_benchmarks_that_are_named() -> None:
    reading = read(INDEX_CSV, INDEX)

    assert cells(
        reading,
        "benchmark_id",
        "source_row",
        "model_name_published",
        "score",
        "harness",
    ) == [("quiz", 2, "tern-2", "60.5", "Hub"), ("office", 3, "tern-2", "76", None)]
    assert cells(reading, "reporter", "source_url", "release_date", "note") == [
        (
            "independent",
            "https://example.org/index",
            None,
            "source: Hub evaluations; dated 2025-06-05 by Epoch AI",
        ),
        (
            "developer",
            "https://example.org/office",
            None,
            "dated 2025-06-05 by Epoch AI",
        ),
    ]
    assert [(one.row, one.reason) for one in reading.dropped] == [
        (4, "its benchmark is not named in sources.yaml"),
        (5, "names no model"),
        (6, "has no score"),
    ]
    assert "gull" not in reading.dropped[0].cells


def test_who_reports_follows_from_where_epoch_has_a_row() -> None:
    entry = INDEX.model_copy(
        update={
            "options": INDEX.options
            | {"reporters": {"": "unstated", "Hub evaluations": "leaderboard"}}
        }
    )
    reading = read(INDEX_CSV, entry)

    assert cells(reading, "reporter") == [("leaderboard",), ("unstated",)]


def unpackable(**of_member: object) -> bytes:
    """An archive whose member has an attribute that the library would not write."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        info = zipfile.ZipInfo("issues.csv")
        for name, value in of_member.items():
            setattr(info, name, value)
        made.writestr(info, ISSUES_CSV)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (archive({"../issues.csv": ISSUES_CSV}), "would lead out of the archive"),
        (archive({"/etc/issues.csv": ISSUES_CSV}), "would lead out of the archive"),
        (archive({"C:issues.csv": ISSUES_CSV}), "would lead out of the archive"),
        (archive({"is\u202esues.csv": ISSUES_CSV}), "that nobody sees"),
        (unpackable(external_attr=(stat.S_IFLNK | 0o777) << 16), "is a link"),
        (
            # what stands after a NUL byte is no part of a name
            archive({"-issues.csv": ""}).replace(b"-issues", b"\x00issues"),
            "member '' has no name",
        ),
        (archive({"README.md": ""}), "has no member 'issues.csv': was it renamed?"),
        (archive({}), "has no member"),
        (
            archive({f"{i}.csv": "" for i in range(1001)}),
            "has 1,001 members, not 1,000",
        ),
        (archive(HUB_MEMBERS)[:-30], "is no zip archive"),
        (archive(HUB_MEMBERS).replace(b"PK\x03\x04", b"PK\x03\x05"), "is damaged"),
        (b"PK", "is no zip archive"),
    ],
)
def test_an_archive_that_nobody_would_publish_is_refused(
    content: bytes, said: str
) -> None:
    with pytest.raises(SourceError) as caught:
        read(content, HUB, "hub.zip")

    assert said in str(caught.value)


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_a_member_that_stands_twice_is_refused() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        made.writestr("issues.csv", ISSUES_CSV)
        made.writestr("issues.csv", OFFICE_CSV)

    with pytest.raises(SourceError, match=r"member 'issues\.csv' stands twice"):
        read(packed.getvalue(), HUB, "hub.zip")


def test_a_bomb_is_unpacked_up_to_the_limit_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(archives, "MAX_BYTES", 100_000)
    bomb = archive({**HUB_MEMBERS, "issues.csv": ISSUES_CSV + "\n" * 200_000})
    assert len(bomb) < 10_000

    with pytest.raises(SourceError, match=r"'issues\.csv' unpacks without end"):
        read(bomb, HUB, "hub.zip")


def test_an_archive_inside_an_archive_is_not_opened() -> None:
    members: dict[str, str | bytes] = {**HUB_MEMBERS}
    members |= {"more.zip": archive({"issues.csv": ISSUES_CSV})}
    reading = read(archive(members), HUB, "hub.zip")

    assert reading.rows.height == 5
    assert reading.dropped[-1].cells == '"more.zip"'
