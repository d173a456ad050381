"""Start a run of a DAG on an Airflow that is up, and wait for its answer."""

import json
from typing import Annotated, Any, Final

import typer

from trends.cli.shared import AsOf, say
from trends.dag_names import DAG_IDS, FORECAST

URL: Final = "TRENDS_AIRFLOW_URL"
USER: Final = "TRENDS_AIRFLOW_USER"
PASSWORD: Final = "TRENDS_AIRFLOW_PASSWORD"  # noqa: S105 - the name of a variable
TOKEN: Final = "TRENDS_AIRFLOW_TOKEN"  # noqa: S105 - as above


def trigger(
    dag_id: Annotated[
        str,
        typer.Argument(
            metavar="[DAG]",
            help=f"One of {', '.join(DAG_IDS)}, or the beginning of one.",
            autocompletion=lambda incomplete: [
                one for one in DAG_IDS if one.startswith(incomplete)
            ],
        ),
    ] = FORECAST,
    *,
    as_of: AsOf = None,
    publish: Annotated[
        bool, typer.Option("--publish", help="Publish the forecast; else a draft.")
    ] = False,
    conf: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=VALUE",
            help="Another answer of the run's form, JSON or text; may be repeated.",
        ),
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(
            envvar=URL, help="Address of the Airflow; default: this checkout's make ui."
        ),
    ] = None,
    user: Annotated[
        str | None,
        typer.Option(
            envvar=USER, help=f"Who logs in; {PASSWORD}, or {TOKEN} alone, says more."
        ),
    ] = None,
    wait: Annotated[
        bool,
        typer.Option(
            "--wait", help="Wait for the end, print the answer, exit as it went."
        ),
    ] = False,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="With --wait: what the run returned, as JSON."),
    ] = False,
) -> None:
    """Start a run on an Airflow that is up: of this checkout's make ui, or a server's."""
    import os

    from trends.cli.screens.answer import print_answer
    from trends.local_airflow.remote import Login, connect, finish, start
    from trends.workspace import Workspace

    if as_json and not wait:
        raise typer.BadParameter("--json goes with --wait")
    answers = _answers(conf or [])
    if as_of is not None:
        answers["as_of"] = as_of.isoformat()
    if publish:
        answers["publish"] = "Publish"
    dag_id = _named(dag_id)
    login = Login(user, os.environ.get(PASSWORD), os.environ.get(TOKEN))
    api = connect(url, login, root=Workspace.find().root)
    run_id = start(api, dag_id, answers)
    say(f"started: {api.page(dag_id, run_id)}")
    if not wait:
        print(run_id)
        return
    ended = finish(api, dag_id, run_id)
    if as_json:
        print(json.dumps(ended.result, indent=1))
    else:
        print_answer(ended.result, ended.note)
    raise typer.Exit(ended.exit_code)


def _answers(said: list[str]) -> dict[str, Any]:
    """Answers of the form: JSON where it is, else text."""
    answers: dict[str, Any] = {}
    for one in said:
        key, is_there, value = one.partition("=")
        if not key or not is_there:
            raise typer.BadParameter(f"--conf {one!r}: write KEY=VALUE")
        try:
            answers[key] = json.loads(value)
        except ValueError:
            answers[key] = value
    return answers


def _named(said: str) -> str:
    """The DAG of that name, or the only one that begins so."""
    found = [one for one in DAG_IDS if one == said or one.startswith(said)]
    if len(found) != 1:
        raise typer.BadParameter(f"no DAG {said!r}; there are {', '.join(DAG_IDS)}")
    return found[0]
