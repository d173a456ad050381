"""A terminal that prints text from data as it is."""

from rich.console import Console
from rich.text import Text


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Leave it to the command line, which ends without a word."""
        raise BrokenPipeError


def plain_console() -> Console:
    """A console on stdout to which brackets and colons in text mean nothing.

    A label ``[held out]`` is printed, not taken for a style that nobody defined.
    """
    return _Console(markup=False, emoji=False)


def bold(text: str) -> Text:
    """Text of a heading."""
    return Text(text, style="bold")


def italic(text: str) -> Text:
    """Text of a lesser heading."""
    return Text(text, style="italic")
