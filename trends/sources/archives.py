"""Zip archives that strangers made: nothing is written, and little is unpacked.

Members are read from memory by their exact names, each up to its limit however small
the archive says that it is. Names that would lead out of a folder, names that stand
twice, links and members without number are refused with the whole archive.
"""

import io
import lzma
import stat
import struct
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import Final

from trends.characters import name_unseen, quote
from trends.sources import SourceError
from trends.sources.reading import MAX_BYTES

MAX_MEMBERS: Final = 1000
"""Members of one archive, ten times the most that we know."""

MAX_UNPACKED: Final = 2 * MAX_BYTES
"""Bytes of all members that are read from one archive."""


class Archive:
    """The members of a zip archive by name, in its order."""

    def __init__(self, content: bytes, name: str) -> None:
        """Look at the list of members.

        Raises:
            SourceError: no zip archive, or one that nobody would make to publish.
        """
        self._name = name
        self._unpacked = 0
        if len(content) > MAX_BYTES:
            raise self._refused(f"has more than {MAX_BYTES:,} bytes")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except (zipfile.BadZipFile, *_FAULTS) as error:
            raise self._refused(f"is no zip archive ({error})") from error
        members = [
            one for one in self._zip.infolist() if not one.filename.endswith("/")
        ]
        if len(members) > MAX_MEMBERS:
            raise self._refused(f"has {len(members):,} members, not {MAX_MEMBERS:,}")
        self.members: dict[str, zipfile.ZipInfo] = {}
        for member in members:
            if why := _why_refused(member):
                raise self._refused(f"member {quote(member.filename)} {why}")
            if self.members.setdefault(member.filename, member) is not member:
                raise self._refused(f"member {quote(member.filename)} stands twice")

    def read(self, member: str) -> bytes:
        """The content of one member.

        Raises:
            SourceError: it is not there, damaged, encrypted or too large.
        """
        info = self.members.get(member)
        if info is None:
            raise self._refused(f"has no member {member!r}: was it renamed?")
        if info.flag_bits & 1:
            raise self._refused(f"member {member!r} is encrypted")
        try:
            with self._zip.open(info) as unpacking:
                content = unpacking.read(MAX_BYTES + 1)
        except (zipfile.BadZipFile, *_FAULTS) as error:
            raise self._refused(f"member {member!r} is damaged ({error})") from error
        self._unpacked += len(content)
        if len(content) > MAX_BYTES or self._unpacked > MAX_UNPACKED:
            raise self._refused(f"member {member!r} unpacks without end: a zip bomb?")
        return content

    def _refused(self, said: str) -> SourceError:
        return SourceError(f"{self._name}: {said}", file=self._name)


_FAULTS: Final = (
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)
"""What the library raises for archives that were tampered with."""


def _why_refused(member: zipfile.ZipInfo) -> str | None:
    name = member.filename
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if name.startswith("/") or ".." in parts or "\\" in name or ":" in name:
        return "would lead out of the archive"
    if not name:
        return "has no name"
    if name_unseen(name):
        return "has a character in its name that nobody sees"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "is a link"
    return None
