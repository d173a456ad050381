"""An S3 server on this machine, and a proxy in front of it that breaks as it is told."""

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final, Literal

from moto.server import ThreadedMotoServer

BUCKET: Final = "shared"

KEYS: Final = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
}

How = Literal["says 503", "drops the question", "drops the answer"]
"""How a request fails; with the last one it was done all the same."""


@contextmanager
def s3_server() -> Iterator[str]:
    """Address of an S3 server with one bucket."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line a request
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        with closing(HTTPConnection(host, port)) as asked:
            asked.request("PUT", f"/{BUCKET}")
            assert asked.getresponse().status == 200
        yield f"http://{host}:{port}"
    finally:
        server.stop()


class _Handler(BaseHTTPRequestHandler):
    """Hands a request on, unless it is one of those that fail."""

    protocol_version = "HTTP/1.1"
    server: "Proxy"

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        how = self.server.count()
        if how == "says 503":
            self.reply(503, {}, b"<Error><Code>ServiceUnavailable</Code></Error>")
            return
        if how == "drops the question":
            self.hang_up()
            return
        with closing(HTTPConnection(self.server.behind)) as onward:
            headers = {k: v for k, v in self.headers.items() if k != "Expect"}
            onward.request(self.command, self.path, body, headers)
            found = onward.getresponse()
            content = found.read()
        if self.command in ("PUT", "DELETE") and found.status < 300:
            self.server.changed(self.command, self.path)
        if how == "drops the answer":
            self.hang_up()
            return
        length = found.headers.get("Content-Length")
        self.reply(found.status, dict(found.headers), content, length=length)

    def hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def reply(
        self,
        status: int,
        headers: dict[str, str],
        body: bytes,
        *,
        length: str | None = None,
    ) -> None:
        self.send_response_only(status)
        own = {"content-length", "connection", "transfer-encoding"}
        for name, value in headers.items():
            if name.lower() not in own:
                self.send_header(name, value)
        is_head = self.command == "HEAD"
        self.send_header(
            "Content-Length", length if is_head and length else str(len(body))
        )
        self.end_headers()
        if not is_head:
            self.wfile.write(body)

    do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = answer  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing on the test's screen."""


class Proxy(ThreadingHTTPServer):
    """In front of a store.

    Attributes:
        url: its address.
        n_asked: requests since ``begin``.
        changed: called with verb and path after each change, before its answer.
    """

    daemon_threads = True

    def __init__(self, behind: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behind = behind.removeprefix("http://")
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.changed: Callable[[str, str], None] = lambda _verb, _path: None
        self._counting = threading.Lock()
        self.begin(range(0))

    def begin(self, fails: range, how: How = "says 503") -> None:
        """Count from 1 again; ``fails`` has the numbers of requests that fail."""
        self.n_asked = 0
        self._fails, self._how = fails, how

    def count(self) -> How | None:
        """Count a request; how it fails, if it does."""
        with self._counting:
            self.n_asked += 1
            return self._how if self.n_asked in self._fails else None

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that was killed is no news."""


@contextmanager
def proxy_of(url: str) -> Iterator[Proxy]:
    """A proxy in front of the server at ``url``."""
    server = Proxy(url)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
