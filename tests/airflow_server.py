"""A real Airflow of a small world, with named users, for tests that ask its web server."""

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.airflow_home import prepare_copied
from tests.conftest import CHECKOUT
from tests.small_world import small_world
from trends.local_airflow.access import Access, passwords_file
from trends.local_airflow.api import Api
from trends.local_airflow.home import environment, sole_user
from trends.local_airflow.processes import components, end_leftovers, free_port

USERS = {"anna": "ADMIN", "olga": "OP", "vera": "VIEWER"}
PATIENCE_S = 900
"""After which something has gone wrong, however busy the machine is."""

ALL = ("api-server", "scheduler", "dag-processor", "triggerer")


def world_with_dags(root: Path) -> Path:
    """The small world with the project's own DAGs."""
    small_world(root)
    shutil.copytree(CHECKOUT / "dags", root / "dags")
    return root


@dataclass(frozen=True)
class Server:
    """Airflow as it runs.

    Attributes:
        url: where it answers.
        api: as its administrator.
        root: the checkout that it works in.
        tokens: of users who came in.
    """

    url: str
    api: Api
    root: Path
    tokens: dict[str, str] = field(default_factory=dict)

    def token(self, user: str) -> str:
        """What lets a user in; the same each time."""
        if user not in self.tokens:
            asked = {"username": user, "password": password(user)}
            answer = httpx.post(
                f"{self.url}/auth/token", json=asked, trust_env=False, timeout=60
            )
            self.tokens[user] = answer.raise_for_status().json()["access_token"]
        return self.tokens[user]

    def wait_until(self, ready: Callable[[], bool], what: str) -> None:
        """Ask until ``ready``; a test that would wait without end fails instead."""
        deadline = time.monotonic() + PATIENCE_S

        def patient() -> bool:
            assert time.monotonic() < deadline, f"{what} takes over {PATIENCE_S} s"
            return ready()

        self.api.wait_until(patient)

    def client(self, user: str | None) -> httpx.Client:
        """Talks as a user; as a stranger if None."""
        headers = {"Authorization": f"Bearer {self.token(user)}"} if user else {}
        return httpx.Client(
            base_url=self.url, headers=headers, trust_env=False, timeout=60
        )


def password(user: str) -> str:
    """Of one test's server, which only this machine can reach."""
    return f"{user} comes in"


@contextmanager
def airflow_server(root: Path, names: Sequence[str] = ALL) -> Iterator[Server]:
    """Run the named components; none outlives the block."""
    home = root / ".airflow"
    with sole_user(home):
        end_leftovers(home)
        port = free_port(0)
        env = environment(root, port=port) | {
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(
                f"{user}:{role}" for user, role in USERS.items()
            ),
            "PYTHONPATH": os.pathsep.join([str(root / "dags"), str(CHECKOUT)]),
        }
        prepare_copied(home)
        passwords = {user: password(user) for user in USERS}
        passwords_file(home).write_text(json.dumps(passwords))
        with components(list(names), home, env) as processes:

            def check() -> None:
                for process in processes:
                    process.check()

            url = f"http://127.0.0.1:{port}"
            with closing(Api(url, while_waiting=check)) as api:
                api.wait_until_up(Access("anna", password("anna")))
                yield Server(url, api, root)
