"""The routes: every one asks who is there, and answers with what was found on disk.

A tab of a run of Airflow shows what the run said that it made; see ``dag_runs``.
"""

from http import HTTPStatus
from typing import Any, Final

from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.api_fastapi.common.db.common import SessionDep
from airflow.api_fastapi.core_api.security import GetUserDep, requires_access_dag
from fastapi import Depends, FastAPI, HTTPException, Request
from starlette.exceptions import HTTPException as WebError
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response

from trends.airflow_plugin import dag_runs, pages, sayings
from trends.airflow_plugin.headers import Strictly, policy_of_file, policy_of_ours
from trends.airflow_plugin.shelves import Folder, find_folder, key_of
from trends.dag_names import FORECAST, SCORE, TRY
from trends.outputs import OutputError, pull, read_latest
from trends.store import StoreError
from trends.workspace import Workspace

READING: Final = ["GET", "HEAD"]

OWNERS: Final = {
    "published": FORECAST,
    "drafts": FORECAST,
    "previews": TRY,
    "backtests": SCORE,
}
"""Whoever may read the runs of this DAG may read what lies on the shelf."""

WRITTEN: Final = {
    "published": "report.html",
    "drafts": "report.html",
    "previews": "preview.html",
}
"""The page that was written with what lies on the shelf."""

CONTENT_TYPES: Final = {
    ".csv": "text/csv; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".md": "text/markdown; charset=utf-8",
    ".parquet": "application/vnd.apache.parquet",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".xml": "application/xml",
}
ANY_BYTES: Final = "application/octet-stream"

HEAD_BYTES: Final = 2_000


def reader(request: Request, user: GetUserDep) -> None:
    """Let those pass who are logged in and may read runs of the DAG in question."""
    asked = request.path_params
    dag_id = asked.get("dag_id") or OWNERS.get(asked.get("shelf", "published"))
    if dag_id is None or not all(str(one).isprintable() for one in asked.values()):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    requires_access_dag("GET", DagAccessEntity.RUN, dag_id)(request, user)


app = FastAPI(
    title="Benchmark trends",
    dependencies=[Depends(reader)],
    docs_url=None,
    redoc_url=None,
    openapi_url=None,
    redirect_slashes=False,
)
guarded = Strictly(app)


@app.api_route("/", methods=READING)
def front(request: Request) -> Response:
    """The latest run, those before it, and drafts."""
    workspace = Workspace.find()
    pull(workspace.results, workspace.store)
    return _page(request, "overview", **pages.overview(workspace.results))


@app.api_route("/dags/{dag_id}", methods=READING)
def tab_of_dag(request: Request, dag_id: str, session: SessionDep) -> Response:
    """What a DAG made last."""
    if not dag_runs.dag_is_known(session, dag_id):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    workspace = Workspace.find()
    if dag_id == FORECAST:
        pull(workspace.results, workspace.store)
        latest = read_latest(workspace.results)
        found = None if latest is None else ("published", key_of(latest))
    else:
        found = dag_runs.place(dag_id, dag_runs.last_made(session, dag_id))
    folder = find_folder(workspace, *found) if found else None
    if found is None or folder is None:
        return _say(request, sayings.of_dag(dag_id))
    return _show(request, folder, *found)


@app.api_route("/dags/{dag_id}/runs/{run_id:path}", methods=READING)
def tab_of_run(
    request: Request, dag_id: str, run_id: str, session: SessionDep
) -> Response:
    """What one run of a DAG made, or how far it came."""
    seen = dag_runs.find_run(session, dag_id, run_id)
    if seen is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    found = dag_runs.place(dag_id, seen.made)
    if found is None:
        return _say(request, sayings.of_run(dag_id, seen))
    folder = find_folder(Workspace.find(), *found)
    if folder is None:
        return _say(request, sayings.of_what_is_gone(*found))
    return _show(request, folder, *found)


@app.api_route("/{shelf}/{key:path}/report", methods=READING)
def report(shelf: str, key: str) -> Response:
    """The page that was written with a run or a preview."""
    return _written(_folder(shelf, key), shelf)


@app.api_route("/{shelf}/{key:path}/files/{name:path}", methods=READING)
def download(shelf: str, key: str, name: str) -> Response:
    """One file, as it lies on disk."""
    file = _folder(shelf, key).file(name)
    if file is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    kind = CONTENT_TYPES.get(file.suffix, ANY_BYTES)
    return FileResponse(file, media_type=kind, filename=file.name)


@app.api_route("/{shelf}/{key:path}/", methods=READING)
def what_it_holds(request: Request, shelf: str, key: str) -> Response:
    """Headlines and files of a run; verdict or files of anything else."""
    folder = _folder(shelf, key)
    if shelf in ("published", "drafts"):
        facts = pages.of_run(folder)
        at = f"{_home(request)}{shelf}/{key}/"
        return _page(request, "run", at=at, draft=shelf == "drafts", facts=facts)
    if shelf == "backtests":
        return _show(request, folder, shelf, key)
    facts = pages.downloads(folder)
    at = f"{_home(request)}{shelf}/{key}/"
    return _page(request, "preview", at=at, preview_id=key, facts=facts)


@app.api_route("/{_:path}", methods=READING)
def nothing() -> Response:
    """Whatever else is asked for: strangers learn no more of it than of the rest."""
    raise HTTPException(HTTPStatus.NOT_FOUND)


@app.exception_handler(WebError)
def refuse(request: Request, error: Exception) -> Response:
    """Say why there is no answer, to a browser in words."""
    if not isinstance(error, WebError):
        raise error
    if "text/html" not in request.headers.get("accept", ""):
        detail = {"detail": error.detail}
        return JSONResponse(detail, error.status_code, headers=error.headers)
    said = sayings.of_refusal(error.status_code, str(error.detail))
    return _say(request, said, status=error.status_code)


@app.exception_handler(OutputError)
@app.exception_handler(StoreError)
def damaged(request: Request, error: Exception) -> Response:
    """Say what of the results cannot be read; the sentence says what to do."""
    said = sayings.of_damage(str(error))
    return _say(request, said, status=HTTPStatus.INTERNAL_SERVER_ERROR)


def _folder(shelf: str, key: str) -> Folder:
    folder = find_folder(Workspace.find(), shelf, key)
    if folder is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return folder


def _home(request: Request) -> str:
    """Address of the first page, wherever Airflow has us."""
    return f"{request.scope['root_path']}/"


def _show(request: Request, folder: Folder, shelf: str, key: str) -> Response:
    """What a tab shows of a folder."""
    if shelf != "backtests":
        return _written(folder, shelf)
    at = f"{_home(request)}{shelf}/{key}/"
    return _page(request, "backtest", at=at, facts=pages.of_backtest(folder))


def _written(folder: Folder, shelf: str) -> Response:
    file = folder.file(WRITTEN[shelf]) if shelf in WRITTEN else None
    if file is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    with file.open("rb") as opened:
        policy = policy_of_file(opened.read(HEAD_BYTES))
    return FileResponse(
        file,
        media_type=CONTENT_TYPES[".html"],
        headers={"Content-Security-Policy": policy},
    )


def _say(
    request: Request, said: sayings.Saying, *, status: int = HTTPStatus.OK
) -> Response:
    answer = _page(request, "said", status=status, said=said)
    if said.look_again_s:
        answer.headers["Refresh"] = str(said.look_again_s)
    return answer


def _page(
    request: Request, template: str, *, status: int = HTTPStatus.OK, **facts: Any
) -> Response:
    html = pages.page(template, _home(request), **facts)
    policy = {"Content-Security-Policy": policy_of_ours(pages.style())}
    return HTMLResponse(html, int(status), headers=policy)
