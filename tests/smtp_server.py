"""A real mail server on loopback, as small as RFC 5321 lets one be."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage


class MailServer(socketserver.ThreadingTCPServer):
    """Keeps what it is sent; refuses whom it is told to."""

    daemon_threads = True

    def __init__(self, refused: str | None) -> None:
        self.refused = refused
        self.received: list[tuple[list[str], EmailMessage]] = []
        super().__init__(("127.0.0.1", 0), _Session)

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Session(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._say("220 loopback")
        receivers: list[str] = []
        for line in self.rfile:
            words = line.decode().strip()
            match words.split(" ", 1)[0].upper():
                case "QUIT":
                    self._say("221 bye")
                    return
                case "RCPT" if self.server.refused and self.server.refused in words:
                    self._say("550 no such mailbox")
                case "RCPT":
                    receivers.append(words.split("<")[1].split(">")[0])
                    self._say("250 ok")
                case "DATA":
                    self._say("354 go on")
                    self.server.received.append((receivers, self._message()))
                    self._say("250 kept")
                case _:
                    self._say("250 ok")

    def _message(self) -> EmailMessage:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line[1:] if line.startswith(b"..") else line)
        return message_from_bytes(b"".join(lines), policy=policy.default)

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def mail_server(*, refused: str | None = None) -> Iterator[MailServer]:
    """A server at a free port until the block ends.

    Args:
        refused: part of a receiver's address that it knows no mailbox for.
    """
    with MailServer(refused) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
