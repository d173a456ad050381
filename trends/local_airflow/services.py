"""PostgreSQL, Redis and an S3 server on loopback, for a cluster on one machine."""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Final

from trends.local_airflow.messages import LocalAirflowError, tail
from trends.local_airflow.processes import Component, free_port

PACKAGES: Final = {"initdb": "postgresql", "redis-server": "redis-server"}
"""Debian package of each program."""

POSTGRES_USER: Final = "postgres"
BUCKET: Final = "shared"
_PLACES: Final = Path("/usr/lib/postgresql")
_START_SECONDS: Final = 120.0


def missing_packages() -> list[str]:
    """Debian packages that are not installed here."""
    return [package for name, package in PACKAGES.items() if _program(name) is None]


@dataclass(frozen=True)
class Postgres:
    """A server of its own, whose data lie below ``folder``."""

    process: Component
    url: str

    @classmethod
    def start(cls, folder: Path, env: Mapping[str, str]) -> "Postgres":
        """Make its data folder and start it."""
        home = folder / "postgres"
        home.mkdir()
        password = secrets.token_urlsafe(24)
        secret = home / "password"
        _write_secret(secret, password)
        if os.getuid() == 0:  # it refuses to run as root
            _give_to_postgres(home, secret)
        data, port = home / "data", free_port(0)
        made = subprocess.run(  # noqa: S603 - a program of this machine
            [
                *_as_postgres(),
                _need("initdb"),
                f"--pgdata={data}",
                "--username=airflow",
                "--auth=scram-sha-256",
                f"--pwfile={secret}",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
            ],
            capture_output=True,
            text=True,
            check=False,
            cwd=home,
        )
        if made.returncode:
            raise LocalAirflowError(f"initdb failed: {made.stderr.strip()}")
        server = str(Path(_need("initdb")).resolve().with_name("postgres"))
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(port),
            "unix_socket_directories": "",
            "fsync": "off",  # nobody needs the demo's data after a power cut
        }
        process = Component(
            "postgres",
            folder,
            dict(env),
            command=[*_as_postgres(), server, "-D", str(data), *_settings(settings)],
        )
        _wait_for(lambda: _listens(port), process)
        return cls(process, f"airflow:{password}@127.0.0.1:{port}/postgres")


class Redis:
    """A broker that keeps its queue over a restart."""

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        """Start it."""
        self._folder, self._env = folder, dict(env)
        home = folder / "redis"
        home.mkdir()
        password, self._port = secrets.token_urlsafe(24), free_port(0)
        self._config = home / "redis.conf"
        lines = [
            "bind 127.0.0.1",
            f"port {self._port}",
            f"requirepass {password}",
            f"dir {home}",
            "appendonly yes",
            "appendfsync always",
            'save ""',
        ]
        _write_secret(self._config, "\n".join(lines) + "\n")
        self.url = f"redis://:{password}@127.0.0.1:{self._port}/0"
        self.process = self._start()

    def restart(self) -> None:
        """Kill it and start it again, with the queue that it had."""
        self.process.kill()
        self.process = self._start()

    def _start(self) -> Component:
        command = [_need("redis-server"), str(self._config)]
        process = Component("redis", self._folder, self._env, command=command)
        _wait_for(lambda: _listens(self._port), process)
        return process


def start_store(folder: Path, env: Mapping[str, str]) -> tuple[Component, str]:
    """An S3 server with an empty bucket; the process and its address."""
    port = free_port(0)
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = Component("store", folder, dict(env), command=command)
    _wait_for(lambda: _listens(port), process)
    asked = HTTPConnection("127.0.0.1", port)
    asked.request("PUT", f"/{BUCKET}")
    answer = asked.getresponse().status
    asked.close()
    if answer != 200:
        raise LocalAirflowError(f"the S3 server answers {answer} to a new bucket")
    return process, f"http://127.0.0.1:{port}"


def _program(name: str) -> str | None:
    """A program on the path, or where Debian keeps PostgreSQL's."""
    if found := shutil.which(name):
        return found
    places = sorted(_PLACES.glob(f"*/bin/{name}"))
    return str(places[-1]) if places else None


def _need(name: str) -> str:
    if (found := _program(name)) is None:
        raise LocalAirflowError(
            f"{name} is not installed; on Debian: apt-get install {PACKAGES[name]}"
        )
    return found


def _as_postgres() -> Sequence[str]:
    if os.getuid():
        return []
    return [
        "setpriv",
        f"--reuid={POSTGRES_USER}",
        f"--regid={POSTGRES_USER}",
        "--clear-groups",
    ]


def _give_to_postgres(*paths: Path) -> None:
    try:
        user = pwd.getpwnam(POSTGRES_USER)
    except KeyError as error:
        raise LocalAirflowError(
            f"PostgreSQL refuses to run as root, and there is no user {POSTGRES_USER}: "
            "install Debian's postgresql, or run this as another user"
        ) from error
    for path in paths:
        os.chown(path, user.pw_uid, user.pw_gid)


def _settings(settings: Mapping[str, str]) -> list[str]:
    return [word for name in settings for word in ("-c", f"{name}={settings[name]}")]


def _write_secret(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _wait_for(ready: Callable[[], bool], process: Component) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not ready():
        process.check()
        if time.monotonic() > deadline:
            raise LocalAirflowError(
                f"{process.name} does not answer after {_START_SECONDS:g} s:\n"
                f"{tail(process.log)}"
            )
        time.sleep(0.1)
