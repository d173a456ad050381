"""Runs on an Airflow that is up already: this checkout's, or a server's."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from trends.local_airflow.access import Access, read_access
from trends.local_airflow.api import Api
from trends.local_airflow.follow import follow
from trends.local_airflow.home import read_address
from trends.local_airflow.messages import LocalAirflowError

EXIT_USAGE = 2


@dataclass(frozen=True)
class Login:
    """Who asks, as options and environment say; None where they do not."""

    username: str | None = None
    password: str | None = None
    token: str | None = None


@dataclass(frozen=True)
class Ended:
    """A run that has succeeded.

    Attributes:
        result: what its last task returned.
        note: the run in a line.
        exit_code: 0, or what the command line would end with: 7, 8.
    """

    result: Any
    note: str | None
    exit_code: int


def connect(url: str | None, login: Login, *, root: Path) -> Api:
    """Log in to the Airflow at ``url``, by default to that of the checkout at ``root``.

    Raises:
        LocalAirflowError: none is up there, or it does not know who asks.
    """
    home = root / ".airflow"
    local = read_address(home)
    if url is None and local is None:
        raise LocalAirflowError(
            "no Airflow of this checkout is up: start it with `make ui`, or name a "
            "server's address with --url or TRENDS_AIRFLOW_URL"
        )
    api = Api(url or str(local))
    try:
        if login.token:
            api.use_token(login.token)
        else:
            api.log_in(_access(login, home if url in (None, local) else None))
    except httpx.HTTPStatusError as error:
        raise _refused(error, "log in") from error
    except httpx.TransportError as error:
        raise LocalAirflowError(f"no Airflow answers at {api.url}: {error}") from error
    return api


def start(api: Api, dag_id: str, conf: dict[str, Any]) -> str:
    """Start a run; its id.

    Raises:
        LocalAirflowError: the DAG is not there or paused, or refuses its answers.
    """
    try:
        if api.is_paused(dag_id):
            raise LocalAirflowError(
                f"{dag_id} is paused at {api.url}, so a run would wait: unpause it first",
                exit_code=EXIT_USAGE,
            )
        return api.trigger(dag_id, conf)
    except httpx.HTTPStatusError as error:
        raise _refused(error, f"start {dag_id}") from error


def finish(api: Api, dag_id: str, run_id: str) -> Ended:
    """Follow a run to its end, and read what it returned.

    Raises:
        LocalAirflowError: it failed; says in which task and why.
    """
    try:
        follow(api, dag_id, run_id)
        return Ended(
            result=api.answer(dag_id, run_id),
            note=api.note(dag_id, run_id),
            exit_code=api.exit_code(dag_id, run_id),
        )
    except httpx.HTTPStatusError as error:
        raise _refused(error, "say how the run went") from error
    except httpx.TransportError as error:
        raise LocalAirflowError(
            f"{api.url} no longer answers ({error}); the run may go on there"
        ) from error


def _access(login: Login, home: Path | None) -> Access:
    """User and password: as said, else those of this start of the checkout's."""
    ours = None if home is None else read_access(home)
    username = login.username or (ours.username if ours else None)
    password = login.password or (ours.password if ours else None)
    if not username or not password:
        raise LocalAirflowError(
            "nobody to log in as: say --user, and the password in "
            "TRENDS_AIRFLOW_PASSWORD; or a token in TRENDS_AIRFLOW_TOKEN",
            exit_code=EXIT_USAGE,
        )
    return Access(username, password)


def _refused(error: httpx.HTTPStatusError, what: str) -> LocalAirflowError:
    """What the server answered, in its own words and with what to do."""
    answer = error.response
    hints = {
        401: "wrong user, password or token",
        403: "this user may not",
        404: "there is none such: are this project's DAGs there?",
    }
    try:
        detail = answer.json().get("detail")
    except ValueError:
        detail = None
    words = str(detail).split("\n")[0] if detail else answer.reason_phrase
    hint = hints.get(answer.status_code)
    return LocalAirflowError(
        f"{answer.url.host} did not {what}: {f'{hint} ({words})' if hint else words}",
        exit_code=EXIT_USAGE if answer.is_client_error else 9,
    )
