"""The body of an answer: measured while it comes, unpacked, and looked at."""

import zlib
from typing import Final

_GZIP: Final = 31
"""``wbits`` of zlib for a gzip stream."""

_NOT_DATA: Final = ("text/html", "application/xhtml", "image/", "video/", "audio/")
_PAGE_STARTS: Final = (b"<!doctype html", b"<html")


class BodyError(ValueError):
    """A body that is not taken; the text says why."""


class Body:
    """Collects a body chunk by chunk, and ends as soon as it is too much.

    Bytes are counted as they come and again unpacked, so that neither an endless
    body nor a small one that unpacks to gigabytes is ever held.
    """

    def __init__(self, encoding: str, *, max_bytes: int) -> None:
        """Begin a body that is sent with this Content-Encoding.

        Raises:
            BodyError: the encoding is none that was asked for.
        """
        if encoding not in {"", "identity", "gzip", "x-gzip"}:
            raise BodyError(f"is packed as {encoding[:40]!r}, which was not asked for")
        self._packed = encoding in {"gzip", "x-gzip"}
        self._stream = zlib.decompressobj(_GZIP)
        self._max_bytes = max_bytes
        self._received = 0
        self._content = bytearray()

    def add(self, chunk: bytes) -> None:
        """Take the next bytes.

        Raises:
            BodyError: they make it too long, or are not gzip.
        """
        self._received += len(chunk)
        if self._received > self._max_bytes:
            raise BodyError(f"is longer than {in_mib(self._max_bytes)}")
        if self._packed:
            self._unpack(chunk)
        else:
            self._content += chunk

    def finish(self) -> bytes:
        """All of it.

        Raises:
            BodyError: nothing came, or a gzip stream ends in its middle.
        """
        if self._packed and self._received and not self._stream.eof:
            raise BodyError("ends in the middle of its gzip stream")
        if not self._content:
            raise BodyError("is empty")
        return bytes(self._content)

    def _unpack(self, chunk: bytes) -> None:
        while chunk:
            if self._stream.eof:  # a gzip file may have several streams
                self._stream = zlib.decompressobj(_GZIP)
            room = self._max_bytes - len(self._content) + 1
            try:
                self._content += self._stream.decompress(chunk, room)
            except zlib.error as error:
                raise BodyError(f"is not the gzip that it says it is: {error}") from (
                    error
                )
            if len(self._content) > self._max_bytes:
                raise BodyError(f"unpacks to more than {in_mib(self._max_bytes)}")
            chunk = self._stream.unconsumed_tail or self._stream.unused_data


def refuse_pages(content: bytes, content_type: str) -> None:
    """Refuse what is for people to look at: a page of a log-in, an error, a picture.

    Raises:
        BodyError: it is no data, by what it says it is or by how it begins.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind.startswith(_NOT_DATA):
        raise BodyError(f"is {kind[:60]!r}, where a file of data was expected")
    start = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:20].lower()
    if start.startswith(_PAGE_STARTS):
        raise BodyError("is an HTML page, where a file of data was expected")


def in_mib(n_bytes: int) -> str:
    """A size as people read it."""
    return f"{n_bytes / 2**20:,.0f} MiB"
