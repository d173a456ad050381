"""A small checkout with an Airflow home of its own, for tests that start Airflow.

Airflow reads its home when it is imported, so it is only ever imported in processes
that are given the home's environment; see ``probe``.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ruamel.yaml import YAML

from tests.conftest import CHECKOUT, copy_checkout
from trends.local_airflow.home import READY, environment, prepare, prepared

SOURCES = ("metr", "modded_nanogpt")

SETTINGS, DATABASE = "airflow.cfg", "airflow.db"

ELSEWHERE = "<home>"
"""Stands for the home in whose folders Airflow's settings put logs and the like."""


def small_checkout(root: Path) -> Path:
    """The checkout with two of its sources, so that a run takes seconds."""
    copy_checkout(root)
    shutil.copytree(CHECKOUT / "dags", root / "dags")
    registry = root / "data" / "registry"
    sources = _keep(registry / "sources.yaml", SOURCES)
    kept = {name for source in sources.values() for name in source["benchmarks"]}
    _keep(registry / "benchmarks.yaml", kept)
    (registry / "corrections.yaml").write_text("[]\n")
    # what is said of benchmarks that are not kept
    _keep(registry / "essay_claims.yaml", ["metr_gpt_4"])
    _keep(registry / "reference_forecasts.yaml", ["wildeford_167_hours"])
    _keep(
        registry / "scenarios.yaml",
        ["metr_p50_work_month"],
        default_because="It is the only one here.",
    )
    for file in (registry / "thresholds").glob("*.yaml"):
        if YAML(typ="safe").load(file)["series"]["benchmark"] not in kept:
            file.unlink()
    for file in (root / "data" / "observations").glob("*.csv"):
        if file.stem not in kept:
            file.unlink()
    return root


def prepare_copied(home: Path) -> None:
    """Prepare a home as `prepare` does, with copies of files it made elsewhere before.

    Airflow's migrations take 4 seconds of CPU, and each time make the same.
    """
    if (home / READY).exists():
        return
    home.mkdir(exist_ok=True)
    settings, database = _made_by_migrations()
    (home / SETTINGS).write_text(settings.replace(ELSEWHERE, str(home)))
    (home / DATABASE).write_bytes(database)
    (home / READY).write_text(prepared(home))


@cache
def _made_by_migrations() -> tuple[str, bytes]:
    """Settings and database of a home."""
    with TemporaryDirectory() as root:
        home = Path(root) / ".airflow"
        home.mkdir()
        prepare(home, environment(Path(root), port=9))
        settings = (home / SETTINGS).read_text().replace(str(home), ELSEWHERE)
        return settings, (home / DATABASE).read_bytes()


def probe(story: str, root: Path) -> Any:
    """What a function of tests/airflow_probe.py returns, in a process of its own."""
    env = environment(root, port=9)  # nothing listens there: no server is needed
    env["PYTHONPATH"] = os.pathsep.join([str(root / "dags"), str(CHECKOUT)])
    home = root / ".airflow"
    prepare_copied(home)
    answer = root / f"{story}.json"
    script = str(CHECKOUT / "tests" / "airflow_probe.py")
    done = subprocess.run(
        [sys.executable, script, story, str(answer)],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(answer.read_text())


def _keep(path: Path, names: Iterable[str], **more: str) -> dict[str, Any]:
    """The file with these entries only, each with more fields where there are."""
    yaml = YAML(typ="rt")
    entries = yaml.load(path)
    kept = {name: entries[name] | more for name in entries if name in set(names)}
    yaml.dump(kept, path)
    return kept
