"""What came of contests with a peer, in words."""

from collections.abc import Iterator

import polars as pl


def contest_lines(contest: pl.DataFrame) -> Iterator[str]:
    """Who was ahead, a sentence or two a panel.

    Args:
        contest: CONTEST rows.
    """
    for panel in contest["panel"].unique().sort():
        yield contest_words(contest.filter(pl.col("panel") == panel))


def contest_words(played: pl.DataFrame) -> str:
    """Who was ahead on one panel, by which code, and whether the peer played.

    Args:
        played: CONTEST rows of one panel, at least one.
    """
    row = played.row(0, named=True)
    absent, families = row["peers_left_out"], max(played["n_families"].to_list())
    peers = "" if absent is None else f" The peer's models did not play ({absent})."
    return (
        f"Contest on {row['panel']}, {families} families, cuts of "
        f"2025-26 (code {row['code_sha256'][:12]}): {row['verdict']}{peers}"
    )
