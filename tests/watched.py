"""A test that hangs is stopped and told from one that fails."""

import contextlib
import signal
from collections.abc import Iterator
from typing import Final

SECONDS: Final = 10
"""CPU time after which a case counts as hanging."""


class HangError(Exception):
    """A case took longer than it may."""


@contextlib.contextmanager
def watched(seconds: float = SECONDS) -> Iterator[None]:
    """Raises HangError after so many seconds of CPU time."""

    def stop(*_: object) -> None:
        raise HangError(f"more than {seconds} s of CPU time")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
