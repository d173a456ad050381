"""Text as XML holds it."""

import re
from typing import Final
from xml.sax.saxutils import escape, quoteattr

_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 has no way to write (section 2.2)."""


def plain(text: str) -> str:
    """The text without characters that XML cannot hold."""
    return _NOT_XML.sub("", text)


def content(text: str) -> str:
    """Text between tags."""
    return escape(plain(text))


def attribute(text: str) -> str:
    """A quoted value of an attribute."""
    return quoteattr(plain(text))
