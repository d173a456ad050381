"""Fetching from a real server on loopback: what is taken, refused, tried again."""

import gzip
import threading
import time
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from upath import UPath

from tests.http_server import Answer, Request, Told, self_signed, serving
from trends.registry.models import SourceFile
from trends.sources import SourceError, UnreachableError, fetching
from trends.sources.answers import Fetched, NotModified, Validators
from trends.sources.fetching import Limits, fetch

CSV = b"model,score\nAlpha 1,50\n"
QUICK = Limits(
    connect_s=2,
    read_s=0.5,
    total_s=2,
    max_bytes=2**20,
    pause_s=0.01,
    longest_pause_s=5,
    allow_loopback=True,
)


@pytest.fixture(scope="module")
def server() -> Iterator[Told]:
    with serving() as told:
        yield told


@pytest.fixture
def path(request: pytest.FixtureRequest) -> str:
    """A path of its own for each test."""
    return f"/{abs(hash(request.node.nodeid))}.csv"


def _file(address: str, *hosts: str) -> SourceFile:
    return SourceFile.model_construct(
        id="board",
        address=address,
        reader="table",
        benchmarks=["quiz"],
        hosts=list(hosts),
    )


def _fetch(
    address: str, *hosts: str, known: Validators | None = None, limits: Limits = QUICK
) -> Fetched | NotModified:
    return fetch(_file(address, *hosts), source_id="lab", known=known, limits=limits)


def _refusal(address: str, *hosts: str, limits: Limits = QUICK) -> str:
    with pytest.raises(UnreachableError) as caught:
        _fetch(address, *hosts, limits=limits)
    words = str(caught.value)
    assert words.startswith(f"lab/board: {address} ")
    assert words.endswith("The figures that are held stay in use")
    assert caught.value.file == "lab/board"
    return words


def _says(status: int, body: bytes = b"", **headers: str) -> Answer:
    return lambda request: request.say(status, body, **headers)


OK = _says(200, CSV, Content_Type="text/csv")


def _leads(to: str, status: int = 302) -> Answer:
    return _says(status, Location=to)


def test_a_file_is_taken_as_it_is_sent_with_what_names_it(
    server: Told, path: str
) -> None:
    day = "Sun, 01 Nov 2026 10:00:00 GMT"
    address = server.answer(
        path, _says(200, CSV, Content_Type="text/csv", ETag='"a1"', Last_Modified=day)
    )

    found = _fetch(address)

    assert found == Fetched(
        CSV, address, "text/csv", Validators('"a1"', day), is_publishers=True
    )
    (headers,) = server.asked_for(path)
    assert headers["Host"] == address.split("/")[2]
    assert headers["Accept-Encoding"] == "gzip"
    assert "If-None-Match" not in headers


def test_a_file_that_is_held_is_not_sent_again(server: Told, path: str) -> None:
    address = server.answer(path, _says(304))
    known = Validators('W/"a1"', "Sun, 01 Nov 2026 10:00:00 GMT")

    assert _fetch(address, known=known) == NotModified(address)

    (headers,) = server.asked_for(path)
    assert headers["If-None-Match"] == known.etag
    assert headers["If-Modified-Since"] == known.last_modified


def test_a_304_that_nobody_asked_for_is_no_file(server: Told, path: str) -> None:
    assert "answers 304" in _refusal(server.answer(path, _says(304)))


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again(server: Told, path: str, status: int) -> None:
    address = server.answer(path, _says(status), _says(status), OK)
    found = _fetch(address)
    assert isinstance(found, Fetched)
    assert found.content == CSV
    assert len(server.asked_for(path)) == 3


def test_tries_come_to_an_end(server: Told, path: str) -> None:
    address = server.answer(path, _says(503))
    assert "answers 503 Service Unavailable" in _refusal(address)
    assert len(server.asked_for(path)) == QUICK.attempts


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 418])
def test_what_will_not_pass_is_asked_once(server: Told, path: str, status: int) -> None:
    assert f"answers {status}" in _refusal(server.answer(path, _says(status)))
    assert len(server.asked_for(path)) == 1


def test_a_pause_that_is_asked_for_is_kept(server: Told, path: str) -> None:
    address = server.answer(path, _says(429, Retry_After="1"), OK)
    started = time.monotonic()
    _fetch(address)
    assert 1 <= time.monotonic() - started < 2


def test_a_pause_may_be_asked_for_as_a_day_and_time(server: Told, path: str) -> None:
    """The server's own clock counts: this one is 30 years ahead."""
    there = datetime(2056, 1, 1, tzinfo=UTC)
    until = format_datetime(there + timedelta(seconds=1), usegmt=True)

    def busy(request: Request) -> None:
        request.send_response_only(503)
        request.send_header("Date", format_datetime(there, usegmt=True))
        request.send_header("Retry-After", until)
        request.send_header("Content-Length", "0")
        request.end_headers()

    started = time.monotonic()
    _fetch(server.answer(path, busy, OK))
    assert 1 <= time.monotonic() - started < 2


@pytest.mark.parametrize("pause", ["3600", "Sun, 01 Nov 2099 10:00:00 GMT"])
def test_a_pause_that_is_too_long_is_left_to_the_next_run(
    server: Told, path: str, pause: str
) -> None:
    address = server.answer(path, _says(429, Retry_After=pause), OK)
    assert "asks to wait" in _refusal(address)
    assert len(server.asked_for(path)) == 1


@pytest.mark.parametrize("pause", ["soon", "-5", "", "1e9", "٣"])
def test_a_pause_that_is_none_is_not_kept(server: Told, path: str, pause: str) -> None:
    nonsense = pause.encode().decode("latin-1")
    address = server.answer(path, _says(429, Retry_After=nonsense), OK)
    assert isinstance(_fetch(address), Fetched)


def test_a_body_that_drips_ends_at_the_deadline(server: Told, path: str) -> None:
    stop = threading.Event()

    def drip(request: Request) -> None:
        request.begin(200, length=1000, Content_Type="text/csv")
        while not stop.wait(0.05):
            request.wfile.write(b"x")

    limits = Limits(**{**vars(QUICK), "total_s": 0.6})
    started = time.monotonic()
    assert "took more than 0.6 s" in _refusal(server.answer(path, drip), limits=limits)
    assert time.monotonic() - started < 2
    stop.set()
    assert len(server.asked_for(path)) == 1


def test_headers_that_drip_end_at_the_deadline_too(server: Told, path: str) -> None:
    stop = threading.Event()

    def drip(request: Request) -> None:
        request.wfile.write(b"HTTP/1.1 200 OK\r\nX-Padding: ")
        while not stop.wait(0.05):
            request.wfile.write(b"x")

    limits = Limits(**{**vars(QUICK), "total_s": 0.6})
    assert "took more than 0.6 s" in _refusal(server.answer(path, drip), limits=limits)
    stop.set()


def test_silence_is_tried_again_and_comes_to_an_end(server: Told, path: str) -> None:
    silent = threading.Event()
    limits = Limits(**{**vars(QUICK), "read_s": 0.1, "attempts": 2})

    def say_nothing(_: Request) -> None:
        silent.wait(5)

    address = server.answer(path, say_nothing)
    assert "did not answer in time" in _refusal(address, limits=limits)
    assert len(server.asked_for(path)) == 2
    silent.set()


def test_a_body_that_is_cut_off_is_not_taken(server: Told, path: str) -> None:
    def cut(request: Request) -> None:
        request.begin(200, length=len(CSV) + 1, Content_Type="text/csv")
        request.wfile.write(CSV)
        request.close_connection = True

    assert "broke off" in _refusal(server.answer(path, cut))
    assert len(server.asked_for(path)) == QUICK.attempts
    address = server.answer(path, cut, OK)
    assert isinstance(_fetch(address), Fetched)


def test_chunks_that_are_cut_off_are_not_taken(server: Told, path: str) -> None:
    def cut(request: Request) -> None:
        request.begin(200, length=None, Transfer_Encoding="chunked")
        request.wfile.write(b"%x\r\n%s\r\n" % (len(CSV), CSV))

    assert "broke off" in _refusal(server.answer(path, cut))


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<p>Log in", "text/html; charset=utf-8"),
        (b"<p>Log in", "TEXT/HTML"),
        (b"\x89PNG", "image/png"),
        (b"\xef\xbb\xbf\n <!DOCTYPE html><title>Moved", "text/plain"),
        (b"<HTML><body>Moved", "application/octet-stream"),
    ],
)
def test_a_page_for_people_is_no_data(
    server: Told, path: str, body: bytes, kind: str
) -> None:
    address = server.answer(path, _says(200, body, Content_Type=kind))
    assert "where a file of data was expected" in _refusal(address)
    assert len(server.asked_for(path)) == 1


@pytest.mark.parametrize(
    ("body", "encoding"),
    [(b"", "identity"), (gzip.compress(b""), "gzip"), (b"", "gzip")],
    ids=["nothing", "nothing packed", "no packed body"],
)
def test_nothing_is_no_data(
    server: Told, path: str, body: bytes, encoding: str
) -> None:
    address = server.answer(path, _says(200, body, Content_Encoding=encoding))
    assert "is empty" in _refusal(address)


def test_a_packed_body_is_unpacked(server: Told, path: str) -> None:
    packed = gzip.compress(CSV[:5]) + gzip.compress(CSV[5:])
    found = _fetch(server.answer(path, _says(200, packed, Content_Encoding="gzip")))
    assert isinstance(found, Fetched)
    assert found.content == CSV


@pytest.mark.parametrize(
    ("body", "encoding", "words"),
    [
        (gzip.compress(CSV)[:-9], "gzip", "ends in the middle"),
        (CSV, "gzip", "is not the gzip that it says it is"),
        (CSV, "br", "is packed as 'br'"),
        (CSV, "gzip, gzip", "is packed as 'gzip, gzip'"),
    ],
    ids=["cut short", "not packed", "a packing unknown here", "packed twice"],
)
def test_what_cannot_be_unpacked_is_refused(
    server: Told, path: str, body: bytes, encoding: str, words: str
) -> None:
    address = server.answer(path, _says(200, body, Content_Encoding=encoding))
    assert words in _refusal(address)


def test_a_bomb_ends_before_it_is_unpacked(server: Told, path: str) -> None:
    """200 MB of zeros in 200 kB; a second gzip around it does not help."""
    bomb = gzip.compress(bytes(200_000_000), 1)
    assert len(bomb) < QUICK.max_bytes
    address = server.answer(path, _says(200, bomb, Content_Encoding="gzip"))
    tracemalloc.start()
    assert "unpacks to more than 1 MiB" in _refusal(address)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20_000_000


def test_a_body_that_says_it_is_endless_is_not_begun(server: Told, path: str) -> None:
    def vast(request: Request) -> None:
        request.begin(200, length=2**31, Content_Type="text/csv")

    assert "is 2,048 MiB: longer than any such file" in _refusal(
        server.answer(path, vast)
    )


def test_a_body_without_an_end_ends_at_the_limit(server: Told, path: str) -> None:
    sent = []

    def endless(request: Request) -> None:
        request.begin(200, length=None, Content_Type="text/csv")
        for _ in range(2000):
            request.wfile.write(bytes(65_536))
            sent.append(65_536)

    assert "is longer than 1 MiB" in _refusal(server.answer(path, endless))
    assert sum(sent) < 100 * 2**20


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_on_the_same_host_is_followed(
    server: Told, path: str, status: int
) -> None:
    target = server.answer(f"{path}.new", OK)
    address = server.answer(path, _leads(f"{path}.new", status))
    found = _fetch(address)
    assert isinstance(found, Fetched)
    assert (found.content, found.address) == (CSV, target)


def test_a_redirect_leads_to_another_host_only_where_the_registry_says_so(
    server: Told, path: str
) -> None:
    server.answer(f"{path}.new", OK)
    elsewhere = server.base.replace("publisher", "elsewhere")
    address = server.answer(path, _leads(f"{elsewhere}{path}.new"))

    assert "leads to another host, 'elsewhere.localhost'" in _refusal(address)
    assert not server.asked_for(f"{path}.new")

    found = _fetch(address, "elsewhere.localhost")
    assert isinstance(found, Fetched)
    (headers,) = server.asked_for(f"{path}.new")
    assert headers["Host"].startswith("elsewhere.localhost:")


@pytest.mark.parametrize("n_pages", [1, 2])
def test_redirects_in_a_circle_come_to_an_end(
    server: Told, path: str, n_pages: int
) -> None:
    pages = [f"{path}.{page}" for page in range(n_pages)]
    for page, following in zip(pages, [*pages[1:], pages[0]], strict=True):
        server.answer(page, _leads(following))
    address = server.answer(path, _leads(pages[0]))
    assert "leads from page to page more than 5 times" in _refusal(address)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (
            "http://10.1.2.3/board.csv",
            "10.1.2.3, which is not an address of the public",
        ),
        ("http://169.254.169.254/latest/meta-data/", "is not an address of the public"),
        ("https://[fd00::1]/board.csv", "is not an address of the public"),
        ("https://[::ffff:192.168.0.1]/", "is not an address of the public"),
        ("https://[64:ff9b::10.0.0.1]/", "is not an address of the public"),
        ("https://0.0.0.0/", "is not an address of the public"),
        ("https://3232235521/", "192.168.0.1, which is not an address of the public"),
        ("http://93.184.215.14/board.csv", "would be asked without TLS"),
        ("file:///etc/passwd", "leads to another host"),
        ("ftp://publisher.localhost/x", "no plain https"),
        ("http://someone:secret@publisher.localhost/x", "no plain https"),
        ("http://publisher.localhost:99999/", "which is no address"),
        ("http://xn--/", "which is no address"),
        ("http://a..b/", "leads to another host"),
        ("", "does not say where to go"),
    ],
)
def test_a_redirect_never_leads_inside_or_into_the_clear(
    server: Told, path: str, target: str, words: str
) -> None:
    hosts = [
        "10.1.2.3",
        "169.254.169.254",
        "fd00::1",
        "::ffff:192.168.0.1",
        "::ffff:c0a8:1",
        "64:ff9b::10.0.0.1",
        "64:ff9b::a00:1",
        "0.0.0.0",  # noqa: S104  nothing is bound
        "3232235521",
        "93.184.215.14",
    ]
    assert words in _refusal(server.answer(path, _leads(target)), *hosts)


def test_this_machine_is_not_asked_by_default(server: Told, path: str) -> None:
    address = server.answer(path, OK)
    limits = Limits(**{**vars(QUICK), "allow_loopback": False})
    assert "127.0.0.1, which is not an address of the public internet" in _refusal(
        address, limits=limits
    )
    assert server.asked_for(path) == []


@pytest.mark.parametrize("name", ["publisher.localhost", "another.localhost"])
def test_the_certificate_must_be_that_of_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Although the connection goes to a number; a company may add its own."""
    certificate = self_signed(name, tmp_path / "certificate.pem")
    trusted = ("SSL_CERT_FILE", str(certificate))
    monkeypatch.setenv(*trusted)
    fetching.trusted_certificates.cache_clear()
    try:
        with serving(certificate) as server:
            address = server.answer("/board.csv", OK)
            if name == "publisher.localhost":
                assert isinstance(_fetch(address), Fetched)
            else:
                assert "has no certificate to trust" in _refusal(address)
            monkeypatch.delenv(trusted[0])
            fetching.trusted_certificates.cache_clear()
            assert "has no certificate to trust" in _refusal(address)
    finally:
        fetching.trusted_certificates.cache_clear()


def test_nobody_there_is_tried_again_and_comes_to_an_end() -> None:
    with serving() as gone:
        pass
    assert "broke off" in _refusal(f"{gone.base}/board.csv")


def test_a_name_without_an_address_is_said() -> None:
    assert "has no address" in _refusal("https://publisher.invalid/board.csv")


@pytest.mark.parametrize("etag", ["x" * 501, '"caf\xe9"'])
def test_a_name_that_cannot_be_sent_back_is_not_kept(
    server: Told, path: str, etag: str
) -> None:
    found = _fetch(server.answer(path, _says(200, CSV, ETag=etag)))
    assert isinstance(found, Fetched)
    assert found.validators == Validators()


def test_a_copy_that_the_operator_keeps_is_read_instead(tmp_path: Path) -> None:
    (tmp_path / "lab").mkdir()
    (tmp_path / "lab" / "board.csv").write_bytes(CSV)
    file = _file("https://example.org/scores/v1.csv")

    found = fetch(file, source_id="lab", copies=str(tmp_path))

    assert isinstance(found, Fetched)
    assert (found.content, found.is_publishers) == (CSV, False)
    assert found.address == f"{tmp_path}/lab/board.csv"


def test_a_copy_may_lie_in_an_object_store() -> None:
    UPath("memory://mirror/lab/board.csv").write_bytes(CSV)
    file = _file("https://example.org/scores/v1.csv")
    found = fetch(file, source_id="lab", copies="memory://mirror/")
    assert isinstance(found, Fetched)
    assert found.content == CSV


def test_a_copy_may_lie_on_a_server_of_the_operator(server: Told) -> None:
    server.answer("/copies/lab/board.csv", OK)
    file = _file("https://example.org/scores/v1.csv")
    found = fetch(file, source_id="lab", copies=f"{server.base}/copies", limits=QUICK)
    assert isinstance(found, Fetched)
    assert (found.content, found.is_publishers) == (CSV, False)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read"),
        (b"", "is empty"),
        (b"<!doctype html>", "is an HTML page"),
        (bytes(2**20 + 1), "is longer than 1 MiB"),
    ],
)
def test_a_copy_that_is_no_file_of_data_is_refused(
    tmp_path: Path, content: bytes | None, words: str
) -> None:
    (tmp_path / "lab").mkdir()
    if content is not None:
        (tmp_path / "lab" / "board.csv").write_bytes(content)
    file = _file("https://example.org/scores/v1.csv")
    with pytest.raises(SourceError, match=words):
        fetch(file, source_id="lab", copies=str(tmp_path), limits=QUICK)
