"""Passwords of one start: only who may read the checkout's Airflow home knows them."""

import json
import os
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from trends.local_airflow.messages import LocalAirflowError

USER: Final = "admin"
ROLE: Final = "ADMIN"

USERS_VARIABLE: Final = "TRENDS_USERS"
"""Further users with their roles, such as ``ana:viewer,bo:op``."""

ROLES: Final = ("VIEWER", "USER", "OP", "ADMIN")
"""Roles as Airflow's simple login has them, from those who may only read upwards."""

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class Access:
    """How to log in to the Airflow that is running."""

    username: str
    password: str

    def link(self, url: str) -> str:
        """An address that logs a browser in."""
        query = {"username": self.username, "password": self.password}
        return f"{url}/enter/?{urlencode(query)}"


def named_users(asked: str) -> dict[str, str]:
    """Every user's role: the owner's, and those of the people who were named.

    Args:
        asked: name and role of each, as TRENDS_USERS has them; may be empty.

    Raises:
        LocalAirflowError: a name or a role that cannot be.
    """
    users = {USER: ROLE}
    for entry in filter(None, (part.strip() for part in asked.split(","))):
        name, _, role = (part.strip() for part in entry.partition(":"))
        if _NAME.fullmatch(name) is None or role.upper() not in ROLES:
            raise LocalAirflowError(
                f"{USERS_VARIABLE} has {entry!r}: write name:role, with one of "
                f"{', '.join(ROLES).lower()}, as in ana:viewer,bo:op",
                exit_code=2,
            )
        if name in users:
            raise LocalAirflowError(
                f"{USERS_VARIABLE} names {name} twice"
                if name != USER
                else f"{USERS_VARIABLE} names {USER}, who is there anyhow",
                exit_code=2,
            )
        users[name] = role.upper()
    return users


def passwords_file(home: Path) -> Path:
    """Where Airflow looks passwords up."""
    return home / "passwords.json"


def new_password(home: Path, users: Iterable[str] = (USER,)) -> Access:
    """Make up the passwords of this start; those of the one before are void.

    Args:
        home: of Airflow.
        users: names of all who may log in, the owner of this start among them.
    """
    passwords = {name: secrets.token_urlsafe(24) for name in users}
    path = passwords_file(home)
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(passwords, file)
    return Access(USER, passwords[USER])


def read_access(home: Path) -> Access | None:
    """How to log in to the Airflow that is running; None where none has started."""
    path = passwords_file(home)
    if not path.is_file():
        return None
    passwords = json.loads(path.read_text(encoding="utf-8"))
    return Access(USER, passwords[USER])
