"""The bytes of a publisher's file: over HTTPS, or from a copy that an operator keeps.

Nothing of the answer is trusted: where it leads, how long it is, how long it takes
and what it says it is are all bounded, and nothing is executed.
"""

import asyncio
import random
import ssl
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import urlsplit

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type
from tenacity.stop import stop_after_attempt
from upath import UPath

from trends.registry.models import SourceFile
from trends.sources import UnreachableError
from trends.sources.answers import Fetched, NotModified, Validators
from trends.sources.bodies import Body, BodyError, in_mib, refuse_pages
from trends.sources.hosts import RefusedHostError, addresses_of

USER_AGENT: Final = "benchmark-trends/0.1 (reads published benchmark scores)"

_REDIRECTS: Final = {301, 302, 303, 307, 308}
_PASSING: Final = {408, 425, 429, 500, 502, 503, 504}
"""Answers that say: not now."""

_LONGEST_VALIDATOR: Final = 500
"""Characters of an ETag or a date that are kept; a longer one is not sent back."""


@dataclass(frozen=True)
class Limits:
    """What a fetch may cost, and whether it may ask this machine.

    Attributes:
        connect_s: seconds to open a connection.
        read_s: seconds without a byte.
        total_s: seconds from the first byte asked for to the last one received.
        max_bytes: length of a body, as it is sent and unpacked. The largest file of
            a publisher that we read has less than one MiB.
        max_redirects: hops from the registry's address to the file.
        attempts: tries where an answer says that another may do better.
        pause_s: longest pause before the second try; doubled before each later one.
        longest_pause_s: a publisher that asks for a longer one is left alone.
        allow_loopback: whether this machine may be asked, without TLS.
    """

    connect_s: float = 10
    read_s: float = 30
    total_s: float = 120
    max_bytes: int = 32 * 2**20
    max_redirects: int = 5
    attempts: int = 4
    pause_s: float = 1
    longest_pause_s: float = 60
    allow_loopback: bool = False


class _PassingError(Exception):
    """What another try may mend; with the pause that the server asks for, if any."""

    def __init__(self, words: str, pause_s: float | None = None) -> None:
        super().__init__(words)
        self.pause_s = pause_s


class _FinalError(Exception):
    """What no other try will mend."""


def fetch(
    file: SourceFile,
    *,
    source_id: str,
    known: Validators | None = None,
    copies: str | None = None,
    limits: Limits = Limits(),
) -> Fetched | NotModified:
    """The file that the registry names, or that it has not changed.

    Args:
        file: its address, and the other hosts that it may lead to.
        source_id: its publisher.
        known: what the server called the content that is held; None asks for all.
        copies: folder or address (s3:// too) of copies of the publishers' files,
            ``<source>/<file id>`` with the suffix of the publisher's; None asks the
            publisher.
        limits: what it may cost.

    Raises:
        UnreachableError: it cannot be had; the text says which, where and what to do.
    """
    address = file.address if copies is None else _copy_of(file, source_id, copies)
    try:
        if urlsplit(address).scheme not in {"http", "https"}:
            return _read_copy(address, limits)
        hosts = set(file.hosts) if copies is None else set()
        answer = _get(address, hosts, known or Validators(), limits)
    except (_FinalError, _PassingError) as error:
        raise UnreachableError(
            f"{source_id}/{file.id}: {address} {error}. The figures that are held stay "
            "in use",
            file=f"{source_id}/{file.id}",
        ) from error
    if copies is not None and isinstance(answer, Fetched):
        return answer._replace(validators=Validators(), is_publishers=False)
    return answer


def _copy_of(file: SourceFile, source_id: str, copies: str) -> str:
    suffix = PurePosixPath(urlsplit(file.address).path).suffix
    return f"{copies.rstrip('/')}/{source_id}/{file.id}{suffix}"


def _read_copy(address: str, limits: Limits) -> Fetched:
    try:
        with UPath(address).open("rb") as file:
            content = file.read(limits.max_bytes + 1)
    except ImportError as error:
        scheme = urlsplit(address).scheme
        raise _FinalError(
            f"needs a package for {scheme}: pip install 'benchmark-trends[{scheme}]'"
        ) from error
    except (OSError, ValueError) as error:
        raise _FinalError(f"cannot be read: {error}") from error
    if len(content) > limits.max_bytes:
        raise _FinalError(f"is longer than {in_mib(limits.max_bytes)}")
    try:
        refuse_pages(content, "")
    except BodyError as error:
        raise _FinalError(str(error)) from error
    if not content:
        raise _FinalError("is empty")
    return Fetched(content, address, "", Validators(), is_publishers=False)


def _get(
    address: str, hosts: set[str], known: Validators, limits: Limits
) -> Fetched | NotModified:
    """One GET and, where an answer says so, the next."""
    retrying = Retrying(
        stop=stop_after_attempt(limits.attempts),
        wait=lambda state: _pause(state, limits),
        retry=retry_if_exception_type(_PassingError),
        reraise=True,
    )
    return retrying(lambda: asyncio.run(_attempt(address, hosts, known, limits)))


def _pause(state: RetryCallState, limits: Limits) -> float:
    """Seconds until the next try, never the same, so that clients do not line up."""
    error = state.outcome.exception() if state.outcome is not None else None
    asked = error.pause_s if isinstance(error, _PassingError) else None
    step = limits.pause_s * 2.0 ** (state.attempt_number - 1)
    jitter = random.uniform(0, step)  # noqa: S311  keeps no secret
    return min((asked or 0) + jitter, max(limits.longest_pause_s, asked or 0))


async def _attempt(
    address: str, hosts: set[str], known: Validators, limits: Limits
) -> Fetched | NotModified:
    # no client: it would read cookies and the targets of redirects by itself
    transport = httpx.AsyncHTTPTransport(verify=trusted_certificates(), trust_env=False)
    try:
        async with asyncio.timeout(limits.total_s), transport:
            return await _follow(transport, address, hosts, known, limits)
    except TimeoutError as error:
        raise _FinalError(f"took more than {limits.total_s:g} s") from error
    except httpx.TimeoutException as error:
        raise _PassingError(f"did not answer in time ({_name(error)})") from error
    except httpx.TransportError as error:
        if _is_bad_certificate(error):
            raise _FinalError(f"has no certificate to trust: {error}") from error
        raise _PassingError(f"broke off: {str(error) or _name(error)}") from error


async def _follow(
    transport: httpx.AsyncHTTPTransport,
    address: str,
    hosts: set[str],
    known: Validators,
    limits: Limits,
) -> Fetched | NotModified:
    """The answer at the end of the redirects, each of which the registry allows."""
    first = url = httpx.URL(address)
    for _ in range(limits.max_redirects + 1):
        _refuse_other_hosts(url, {first.host, *hosts})
        async with _ask(transport, url, known, limits) as response:
            if response.status_code not in _REDIRECTS:
                return await _take(response, url, known, limits)
            url = _next(response, url)
    raise _FinalError(f"leads from page to page more than {limits.max_redirects} times")


def _refuse_other_hosts(url: httpx.URL, hosts: set[str]) -> None:
    if url.host not in hosts:
        raise _FinalError(
            f"leads to another host, {url.host[:100]!r}: if its publisher moved there, "
            "add it to hosts of the file in sources.yaml"
        )
    if url.scheme not in {"http", "https"} or url.userinfo:
        raise _FinalError("leads to an address that is no plain https one")


def _next(response: httpx.Response, url: httpx.URL) -> httpx.URL:
    target = response.headers.get("location", "")
    if not target:
        raise _FinalError(
            f"answers {response.status_code} and does not say where to go"
        )
    try:
        following = url.join(target)
        possible = (following.port or 0) < 2**16 and following.host.isprintable()
    except (httpx.InvalidURL, ValueError):  # a host may only fail when it is read
        possible = False
    if not possible:
        raise _FinalError(f"leads to {target[:100]!r}, which is no address")
    return following


@asynccontextmanager
async def _ask(
    transport: httpx.AsyncHTTPTransport,
    url: httpx.URL,
    known: Validators,
    limits: Limits,
) -> AsyncIterator[httpx.Response]:
    """The answer to one GET, from an address that was looked at first."""
    try:
        found = await addresses_of(
            url.host,
            url.port or (443 if url.scheme == "https" else 80),
            over_tls=url.scheme == "https",
            allow_loopback=limits.allow_loopback,
        )
    except RefusedHostError as error:
        raise _FinalError(f"leads astray: {error}") from error
    except (OSError, UnicodeError) as error:
        raise _PassingError(f"has no address: {error}") from error
    response = await _send_to_first(transport, url, found, known, limits)
    try:
        yield response
    finally:
        await response.aclose()


async def _send_to_first(
    transport: httpx.AsyncHTTPTransport,
    url: httpx.URL,
    addresses: list[str],
    known: Validators,
    limits: Limits,
) -> httpx.Response:
    """Send it to the first address that can be connected to."""
    headers = {
        "Host": url.netloc.decode("ascii"),
        "User-Agent": USER_AGENT,
        "Accept": "*/*",
        "Accept-Encoding": "gzip",
        **_conditions(known),
    }
    timeout = httpx.Timeout(limits.read_s, connect=limits.connect_s).as_dict()
    for last, at in enumerate(addresses, start=1 - len(addresses)):
        request = httpx.Request(
            "GET",
            url.copy_with(host=at),
            headers=headers,
            # the certificate must be that of the name, not of the number
            extensions={"sni_hostname": url.host, "timeout": timeout},
        )
        try:
            return await transport.handle_async_request(request)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            if not last or _is_bad_certificate(error):
                raise
    raise _PassingError("has no address")


def _conditions(known: Validators) -> Mapping[str, str]:
    named = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    return {name: value for name, value in named.items() if value is not None}


async def _take(
    response: httpx.Response, url: httpx.URL, known: Validators, limits: Limits
) -> Fetched | NotModified:
    status = response.status_code
    if status == 304 and any(known):
        return NotModified(str(url))
    if status in _PASSING:
        words = f"answers {status} {response.reason_phrase[:60]}".rstrip()
        pause = _pause_asked_for(response)
        if pause is not None and pause > limits.longest_pause_s:
            raise _FinalError(f"{words} and asks to wait {pause:,.0f} s: try it later")
        raise _PassingError(words, pause)
    if status != 200:
        raise _FinalError(f"answers {status}{_advice(status)}")
    content_type = response.headers.get("content-type", "")
    try:
        content = await _body(response, limits)
        refuse_pages(content, content_type)
    except BodyError as error:
        raise _FinalError(str(error)) from error
    validators = Validators(
        _validator(response, "etag"), _validator(response, "last-modified")
    )
    return Fetched(
        content, str(url), content_type[:100], validators, is_publishers=True
    )


async def _body(response: httpx.Response, limits: Limits) -> bytes:
    length = response.headers.get("content-length", "")
    if _is_number(length) and int(length) > limits.max_bytes:
        raise BodyError(f"is {in_mib(int(length))}: longer than any such file")
    encoding = response.headers.get("content-encoding", "").strip().lower()
    body = Body(encoding, max_bytes=limits.max_bytes)
    async for chunk in response.aiter_raw():
        body.add(chunk)
    return body.finish()


def _pause_asked_for(response: httpx.Response) -> float | None:
    """Seconds of Retry-After, a number of them or a day and time; None without one.

    A time is held against the server's own, whose clock may be another than ours.
    """
    asked = response.headers.get("retry-after", "").strip()
    if _is_number(asked):
        return float(asked)
    until = _instant(asked)
    if until is None:
        return None
    since = _instant(response.headers.get("date", "")) or time.time()
    return max(until - since, 0)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 20


def _instant(text: str) -> float | None:
    """A date of HTTP as seconds since 1970."""
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return None


def _validator(response: httpx.Response, name: str) -> str | None:
    value = response.headers.get(name, "").strip()
    fit = value.isascii() and value.isprintable() and len(value) <= _LONGEST_VALIDATOR
    return value if value and fit else None


def _advice(status: int) -> str:
    if status in {404, 410}:
        return ": it is not there; if its publisher moved it, mend sources.yaml"
    if status in {401, 403, 451}:
        return ": it is not open to everybody; look at it in a browser"
    return ", which is no answer to a plain request"


def _is_bad_certificate(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _name(error: Exception) -> str:
    return type(error).__name__


@lru_cache(maxsize=1)
def trusted_certificates() -> ssl.SSLContext:
    """Those of the public authorities, or of SSL_CERT_FILE where a company has its own."""
    return httpx.create_ssl_context()
