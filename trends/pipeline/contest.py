"""The contest: a panel played from its file or from the ingest, and summed up."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from pydantic import ValidationError

from trends import defaults
from trends.contest import CUTS, entrants, play
from trends.contest.outcome import Contest
from trends.contest.peers import PeerModel
from trends.contest.summary import summarise
from trends.outputs.disk import replace_file
from trends.pipeline.contest_panels import PanelRead, own_panel, read_panel
from trends.pipeline.contest_peers import TO_HAVE_THEM, Posteriors
from trends.pipeline.errors import RequestError
from trends.pipeline.fingerprints import code_fingerprint
from trends.pipeline.ingest import latest_ingest
from trends.pipeline.ingested import load_ingest
from trends.registry import Registry, load_held_out, load_registry
from trends.registry.contests import FILE, Contests, dump_contests
from trends.registry.models import HEADLINE_TREND, TrendFamily
from trends.workspace import Workspace

Progress = Callable[[date, str], None]


def contest(
    workspace: Workspace, *, panel: Path | None, with_peers: bool, progress: Progress
) -> Contest:
    """Play every forecaster at every cut on a panel.

    Args:
        workspace: the checkout, with an ingest where no panel is given.
        panel: a long table; None for the project's own benchmarks.
        with_peers: play the peer's models too, where their draws can be had.
        progress: told which forecaster is asked at which cut.

    Raises:
        RegistryError: the registry is not valid.
        RequestError: there is no panel to play, or nothing in it to ask.
    """
    registry = load_registry(workspace.registry)
    read = _panel(workspace, registry, panel)
    headline = headline_trend(registry)
    posteriors = Posteriors(workspace)
    peers = posteriors.forecasters(read.panel, CUTS) if with_peers else []
    played = play(
        read.panel,
        [*entrants(headline), *peers],
        clock=time.process_time,
        progress=progress,
    )
    if played.scores.is_empty():
        raise RequestError(
            f"{read.name}: no benchmark has five scores among the best three before a "
            "cut and one after it, so that there is nothing to forecast"
        )
    return Contest(
        panel=read.name,
        panel_sha256=read.sha256,
        code_sha256=code_fingerprint(),
        headline_trend=headline.value,
        n_benchmarks={cut.isoformat(): n for cut, n in played.n_benchmarks.items()},
        n_held_out=read.held_out,
        rejected=read.rejected,
        peers_left_out=_why_without(peers, asked_for=with_peers),
        peer_r_hats=posteriors.r_hats,
        seconds={
            name: seconds + posteriors.seconds.get(name, 0.0)
            for name, seconds in played.seconds.items()
        },
        tables=summarise(played, seed=defaults.SEED),
    )


def write_results(contest: Contest, workspace: Workspace) -> Path:
    """Write what came of a contest into the registry, for runs to publish.

    The last one on the same panel makes way; those on others stay.

    Raises:
        RegistryError: the registry is not valid.
        RequestError: it cannot hold the name of the panel.
    """
    path = workspace.registry / FILE
    others = load_registry(workspace.registry).contests
    kept = others or Contests(schema_version=1, contests=[])
    try:
        played = contest.as_played()
    except ValidationError as error:
        why = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise RequestError(
            f"{contest.panel}: {why}: give the file another name"
        ) from None
    content = dump_contests(kept.with_played(played))
    replace_file(path, content.encode())
    return path


def _why_without(peers: Sequence[PeerModel], *, asked_for: bool) -> str | None:
    if peers:
        return None
    return TO_HAVE_THEM if asked_for else "left out by --no-peers"


def headline_trend(registry: Registry) -> TrendFamily:
    """The trend of most headlines of bounded benchmarks."""
    named = Counter(
        one.headline_trend
        for one in registry.thresholds.values()
        if one.status == "active"
        and registry.benchmarks[one.series.benchmark].unit.is_bounded
    )
    return named.most_common(1)[0][0] if named else HEADLINE_TREND


def _panel(workspace: Workspace, registry: Registry, file: Path | None) -> PanelRead:
    held_out = load_held_out(workspace.registry)
    if file is not None:
        return read_panel(file, held_out)
    return own_panel(registry, load_ingest(latest_ingest(workspace)), held_out)
