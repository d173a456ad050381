"""The checkout's own Airflow home: its settings, its database, who may use it."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from trends.local_airflow.access import USERS_VARIABLE, named_users, passwords_file
from trends.local_airflow.messages import LocalAirflowError, say, tail
from trends.local_airflow.processes import Component

READY = "ready"

DATABASE = "airflow.db?timeout=60"
"""With the seconds to wait for a writer. SQLite's own 5 are few on a busy machine, or
after a kill whose changes must be read back: Airflow's processes end (exit 1) then."""


def environment(root: Path, *, port: int) -> dict[str, str]:
    """Environment of every Airflow process of the checkout at ``root``.

    Settings of another Airflow that the user works with must not reach this one,
    and a proxy must not come between its processes.

    Raises:
        LocalAirflowError: TRENDS_USERS names people or roles that cannot be.
    """
    users = named_users(os.environ.get(USERS_VARIABLE, ""))
    home, url = root / ".airflow", f"http://127.0.0.1:{port}"
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("AIRFLOW_") and name != "PYTHONDONTWRITEBYTECODE"
    }
    return inherited | {
        "TRENDS_HOME": str(root),
        "NO_PROXY": "127.0.0.1,localhost",
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / DATABASE}",
        "AIRFLOW__CORE__DAGS_FOLDER": str(root / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(root / "dags" / "plugins"),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(
            f"{name}:{role}" for name, role in users.items()
        ),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords_file(home)),
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__API__WORKERS": "1",
        # the scheduler may start a task before the API answers
        "AIRFLOW__WORKERS__EXECUTION_API_RETRIES": "10",
        # Airflow 3.3.2 may wait this long before it notices that a task has ended
        "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    }


@contextmanager
def address(home: Path, url: str) -> Iterator[None]:
    """Let others of this checkout know where its Airflow answers, while it does."""
    file = home / "address"
    file.write_text(f"{url}\n", encoding="utf-8")
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def read_address(home: Path) -> str | None:
    """Where the checkout's Airflow answers; None where none is up."""
    file = home / "address"
    return file.read_text(encoding="utf-8").strip() if file.is_file() else None


@contextmanager
def sole_user(home: Path) -> Iterator[None]:
    """Hold the home: two runs at once would share one database and one scheduler."""
    home.mkdir(exist_ok=True)
    home.chmod(0o700)  # logs, keys and the password of the day
    handle = os.open(home, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another make run or make ui is at work here; waiting for it to end.")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def prepared(home: Path) -> str:
    """What the mark of a home says whose database this Airflow can use."""
    return f"{version('apache-airflow-core')} {home}\n"


def prepare(home: Path, env: dict[str, str]) -> None:
    """Bring the database to this Airflow's version, from nothing where it must be.

    A home without its mark was left by a set-up that was cut short. It holds run
    history only, so it is made anew rather than mended.
    """
    mark = home / READY
    wanted = prepared(home)
    found = mark.read_text() if mark.exists() else None
    if found == wanted:
        return
    if found is None or not found.endswith(f" {home}\n"):
        for entry in home.iterdir():
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    mark.unlink(missing_ok=True)
    say("Preparing Airflow's database (once).")
    migration = Component("db-migrate", home, env)
    if code := migration.wait():
        raise LocalAirflowError(
            f"Airflow could not prepare its database in {home} (exit {code}):\n"
            f"{tail(migration.log)}"
        )
    mark.write_text(wanted)
