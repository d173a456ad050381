"""A real HTTP server on loopback whose answers a test writes by hand."""

import hashlib
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

Answer = Callable[["Request"], None]


class Request(BaseHTTPRequestHandler):
    """One request, with short ways to answer it."""

    protocol_version = "HTTP/1.1"
    server: "_Listening"

    def do_GET(self) -> None:
        """Answer by the path, each time with the next of its answers."""
        told = self.server.told
        with told.lock:
            told.asked.append((self.path, dict(self.headers)))
            waiting = told.answers.get(self.path, [lambda request: request.say(404)])
            answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        answer(self)

    def do_POST(self) -> None:
        """The same, once what is sent has been read."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.do_GET()

    def say(self, status: int, body: bytes = b"", **headers: str) -> None:
        """A whole answer; names of headers are written with underscores."""
        self.begin(status, length=len(body), **headers)
        self.wfile.write(body)

    def begin(self, status: int, *, length: int | None, **headers: str) -> None:
        """Status and headers only; without a length the connection's end is its end."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if length is None:
            self.close_connection = True
        else:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing on the test's screen."""


@dataclass
class Told:
    """What the server answers, by path, and what it was asked.

    The last answer of a path is given for ever.
    """

    base: str
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, path: str, *answers: Answer) -> str:
        """Set the answers of a path; its address."""
        self.answers[path] = list(answers)
        return f"{self.base}{path}"

    def asked_for(self, path: str) -> list[dict[str, str]]:
        """Headers of every request for a path."""
        return [headers for one, headers in self.asked if one == path]


class _Listening(ThreadingHTTPServer):
    daemon_threads = True
    told: Told

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up early is what some tests are about."""


def file_with_etag(body: bytes, kind: str = "text/csv") -> Answer:
    """A file on a server that knows what its readers hold."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'

    def answer(request: Request) -> None:
        if request.headers.get("If-None-Match") == etag:
            request.say(304, ETag=etag)
        else:
            request.say(200, body, ETag=etag, Content_Type=kind)

    return answer


@contextmanager
def serving(certificate: Path | None = None) -> Iterator[Told]:
    """A server on a free port of loopback, under a name as publishers have them.

    With a file of certificate and key, it speaks TLS.
    """
    server = _Listening(("127.0.0.1", 0), Request)
    scheme = "http" if certificate is None else "https"
    if certificate is not None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate)
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    server.told = Told(f"{scheme}://publisher.localhost:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def self_signed(name: str, path: Path) -> Path:
    """A certificate of ``name`` that only who is told of it trusts, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    names = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    alternatives = x509.SubjectAlternativeName([x509.DNSName(name)])
    start = datetime(2020, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(names)
        .issuer_name(names)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=36_500))
        .add_extension(alternatives, critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(certificate.public_bytes(pem) + secret)
    return path
