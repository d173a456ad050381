"""What a publisher's server answers: a file, or that it has not changed."""

from typing import NamedTuple


class Validators(NamedTuple):
    """What a server called the content that it sent, so that it need not send it again.

    ``etag`` and ``last_modified`` are words of the server, sent back as they came.
    """

    etag: str | None = None
    last_modified: str | None = None


class Fetched(NamedTuple):
    """A file as it was sent.

    ``address`` is where it lay in the end; ``is_publishers`` is false for a copy that
    an operator keeps, which says nothing about what the publisher shows today.
    """

    content: bytes
    address: str
    content_type: str
    validators: Validators
    is_publishers: bool


class NotModified(NamedTuple):
    """The file is what it was when its validators were sent."""

    address: str
