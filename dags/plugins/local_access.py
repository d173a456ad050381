"""Who may talk to the Airflow of `make run` and `make ui`: its web server's two guards.

Only `trends.local_airflow` names this folder as Airflow's plugins folder; a shared
server has a login and a proxy of its own and does not load it.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from airflow.plugins_manager import AirflowPlugin

LOCAL_HOSTS = ["127.0.0.1", "localhost"]

# as ASGI has them; the web framework is imported where a request is answered, because
# every Airflow process loads its plugins
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


def local_hosts_only(app: App) -> App:
    """Refuse requests that name another host: a page that rebinds DNS sends its own."""
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    guarded: App = TrustedHostMiddleware(
        app, allowed_hosts=LOCAL_HOSTS, www_redirect=False
    )
    return guarded


async def enter(scope: Scope, receive: Receive, send: Send) -> None:
    """Log in by the link that `make ui` prints, and go on to the first page."""
    from airflow.api_fastapi.app import get_cookie_path
    from airflow.api_fastapi.auth.managers.base_auth_manager import (
        COOKIE_NAME_JWT_TOKEN,
    )
    from airflow.api_fastapi.auth.managers.simple.datamodels.login import LoginBody
    from airflow.api_fastapi.auth.managers.simple.services.login import (
        SimpleAuthManagerLogin,
    )
    from starlette.exceptions import HTTPException
    from starlette.requests import Request
    from starlette.responses import PlainTextResponse, RedirectResponse, Response

    asked = Request(scope).query_params
    answer: Response
    try:
        token = SimpleAuthManagerLogin.create_token(
            LoginBody(
                username=asked.get("username", ""), password=asked.get("password", "")
            )
        )
    except HTTPException:
        answer = PlainTextResponse(
            "This link is of an earlier start: use the one that `make ui` printed.\n",
            status_code=401,
        )
    else:
        answer = RedirectResponse("/", status_code=303)
        answer.set_cookie(
            COOKIE_NAME_JWT_TOKEN,
            token,
            path=get_cookie_path(),
            httponly=True,
            samesite="lax",
        )
    # the address holds the password: no page may learn it, no cache may keep it
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "no-store"
    await answer(scope, receive, send)


LOGIN = [{"app": enter, "url_prefix": "/enter", "name": "Log in by link"}]
GUARDS = [{"middleware": local_hosts_only, "name": "Only this machine's own names"}]


class LocalAccess(AirflowPlugin):
    """The guards, as Airflow's web server takes them."""

    name = "local_access"
    fastapi_apps = LOGIN
    fastapi_root_middlewares = GUARDS
