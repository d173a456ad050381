"""What every answer says to the browser: run nothing of others, tell nobody, keep nothing.

Names in the pages are those of third parties, and a frame of Airflow's shares its login.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from html import unescape
from typing import Any, Final

from starlette.datastructures import MutableHeaders

from trends.airflow_plugin.plugin import Receive, Scope, Send

NOTHING: Final = "default-src 'none'; base-uri 'none'; form-action 'none'"
FRAMED: Final = "frame-ancestors 'self'"
"""Airflow's own pages may show ours, and no others."""

APART: Final = (
    "sandbox allow-scripts allow-downloads allow-popups "
    "allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"
)
"""A page with scripts is kept apart from Airflow's login, as if it came from elsewhere."""

STRICT: Final[Mapping[str, str]] = {
    "Content-Security-Policy": f"{NOTHING}; {FRAMED}; sandbox",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
}

_OWN_STYLES: Final = f"{NOTHING}; style-src 'unsafe-inline'; img-src data:"
_SAID: Final = re.compile(
    rb'<meta http-equiv="Content-Security-Policy" content="([\w \'+/=:;&#-]*)">',
    re.ASCII,
)
_HEAD_BYTES: Final = 2_000
"""The policy stands before anything that others wrote."""


def policy_of_ours(style: str) -> str:
    """A page of this package: one style, no script."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"{NOTHING}; style-src 'sha256-{digest}'; img-src data:; {FRAMED}"


def policy_of_file(start: bytes) -> str:
    """A page that was written with a policy of its own, which lists its scripts.

    Args:
        start: the first bytes of the file.
    """
    said = _SAID.search(start[:_HEAD_BYTES])
    own = unescape(said[1].decode("ascii")) if said else _OWN_STYLES
    return f"{own}; {FRAMED}; {APART}"


class Strictly:
    """An ASGI app whose every answer carries ``STRICT``, as far as it says no other."""

    def __init__(self, app: Any) -> None:
        """Guard an app."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and its answer back with the headers."""

        async def with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in STRICT.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)
