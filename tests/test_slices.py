"""Large tables a part at a time: all rows, once, and together what belongs together."""

from pathlib import Path

import polars as pl
import pytest

from tests.output_runs import AS_OF, RUN_ID, plausible_tables, stamped
from trends.outputs import OutputError
from trends.outputs.formats import put_table
from trends.pipeline.parts import once
from trends.tables import CROSSING_CDF, CROSSING_QUANTILES
from trends.tables.slices import merged, slices


def lengths(frame: pl.DataFrame | pl.LazyFrame, rows: int) -> list[int]:
    parts = list(slices(frame, "id", rows=rows))
    whole = frame.lazy().collect()
    assert pl.concat(parts).equals(whole)
    return [part.height for part in parts]


@pytest.mark.parametrize("lazy", [False, True])
def test_parts_end_where_what_belongs_together_ends(lazy: bool) -> None:
    frame = pl.DataFrame({"id": list("aabbbccd"), "n": range(8)})
    given = frame.lazy() if lazy else frame
    assert lengths(given, 2) == [2, 3, 2, 1]
    assert lengths(given, 4) == [5, 3]
    assert lengths(given, 8) == [8]


def test_rows_that_lie_apart_come_at_once() -> None:
    assert lengths(pl.DataFrame({"id": list("abca")}), 1) == [4]


def test_no_rows_are_one_part_without_any() -> None:
    assert lengths(pl.DataFrame({"id": []}, schema={"id": pl.String}), 1) == [0]


def test_a_streamed_table_has_the_same_files(tmp_path: Path) -> None:
    tables = stamped(plausible_tables(), as_of=AS_OF, run_id=RUN_ID)
    for table in (CROSSING_CDF, CROSSING_QUANTILES):
        frame = tables[table.name]
        files = []
        for given, folder in ((frame, tmp_path / "a"), (frame.lazy(), tmp_path / "b")):
            folder.mkdir(exist_ok=True)
            files.append(put_table(folder, table, given, as_of=AS_OF, run_id=RUN_ID))
        assert files[0] == files[1]


@pytest.mark.parametrize("order", ["reversed", "twice"])
def test_a_streamed_table_is_refused_out_of_order(tmp_path: Path, order: str) -> None:
    frame = stamped(plausible_tables(), as_of=AS_OF, run_id=RUN_ID)[CROSSING_CDF.name]
    wrong = frame.reverse() if order == "reversed" else pl.concat([frame, frame])
    with pytest.raises(OutputError, match=r"not in order|share their key"):
        put_table(tmp_path, CROSSING_CDF, wrong.lazy(), as_of=AS_OF, run_id=RUN_ID)


def test_a_full_disk_is_named_by_number_and_place(tmp_path: Path) -> None:
    frame = stamped(plausible_tables(), as_of=AS_OF, run_id=RUN_ID)[CROSSING_CDF.name]
    for name in ("crossing_cdf_quarterly.csv", "crossing_cdf.parquet"):
        (tmp_path / name).symlink_to("/dev/full")
        with pytest.raises(OSError, match="No space left") as caught:
            put_table(tmp_path, CROSSING_CDF, frame, as_of=AS_OF, run_id=RUN_ID)
        assert caught.value.errno == 28
        assert caught.value.filename == str(tmp_path / name)
        (tmp_path / name).unlink()


def shards_on_disk(folder: Path, starts: list[str], rows: int) -> list[pl.LazyFrame]:
    """Tables of three names each, in order, with so many rows a name."""
    found = []
    for number, start in enumerate(starts):
        names = [f"{start}{letter}" for letter in "pqr" for _ in range(rows)]
        frame = pl.DataFrame({"id": names, "n": range(number, number + 3 * rows)})
        frame.write_parquet(folder / f"{number}.parquet")
        found.append(pl.scan_parquet(folder / f"{number}.parquet"))
    return found


@pytest.mark.parametrize("rows", [1, 50_000])
def test_a_joined_table_has_the_bytes_of_one_joined_in_memory(
    tmp_path: Path, rows: int
) -> None:
    """Of shards in no order, of one that reaches over all others, and of an empty one."""
    frames = shards_on_disk(tmp_path, ["d", "b", "c"], rows)
    around = pl.DataFrame({"id": ["a"] * rows + ["z"], "n": range(rows + 1)}).lazy()
    frames += [around, around.clear()]
    joined = merged(frames, "id")
    in_memory = pl.concat(frames).collect().sort("id", maintain_order=True)
    once(tmp_path / "joined", lambda: {"t.parquet": joined}, root=tmp_path)
    once(tmp_path / "held", lambda: {"t.parquet": in_memory}, root=tmp_path)
    written = [
        (tmp_path / one / "t.parquet").read_bytes() for one in ("joined", "held")
    ]
    assert written[0] == written[1]
    of_c = pl.col("id") == "cq"
    assert joined.head(3).collect().equals(in_memory.head(3))
    assert joined.filter(of_c).collect().equals(in_memory.filter(of_c))


def test_of_shards_that_follow_one_another_one_is_held_at_a_time(
    tmp_path: Path,
) -> None:
    frames = shards_on_disk(tmp_path, ["d", "b", "a", "c"], 10)
    heights: list[int] = []

    def look(part: pl.DataFrame) -> pl.DataFrame:
        heights.append(part.height)
        return part

    streamed = merged(frames, "id").map_batches(look, streamable=True)
    assert streamed.collect(engine="streaming").height == 120
    assert max(heights) == 30
