"""The password of one start: only who may read the checkout's Airflow home knows it."""

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

USER: Final = "admin"
ROLE: Final = "ADMIN"


@dataclass(frozen=True)
class Access:
    """How to log in to the Airflow that is running."""

    username: str
    password: str

    def link(self, url: str) -> str:
        """An address that logs a browser in."""
        query = {"username": self.username, "password": self.password}
        return f"{url}/enter/?{urlencode(query)}"


def passwords_file(home: Path) -> Path:
    """Where Airflow looks passwords up."""
    return home / "passwords.json"


def new_password(home: Path) -> Access:
    """Make up the password of this start; that of the one before is void."""
    access = Access(USER, secrets.token_urlsafe(24))
    path = passwords_file(home)
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump({access.username: access.password}, file)
    return access


def read_access(home: Path) -> Access | None:
    """How to log in to the Airflow that is running; None where none has started."""
    path = passwords_file(home)
    if not path.is_file():
        return None
    ((username, password),) = json.loads(path.read_text(encoding="utf-8")).items()
    return Access(username, password)
