"""Make .venv: the hashed packages of requirements.lock and this project.

Run by the Makefile as a script, with whatever Python there is. It therefore uses the
standard library only, and says plainly when that Python will not do.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

SUPPORTED = ("3.11", "3.12", "3.13")
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
MARK = VENV / "ready"
LOCK = ROOT / "requirements.lock"


class SetUpError(Exception):
    """The environment cannot be made; the message says what to do."""


def main() -> int:
    """Make the environment unless it is as wanted already."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--this-python",
        action="store_true",
        help="rebuild when .venv was made with another Python than this one",
    )
    chosen = parser.parse_args().this_python
    try:
        with sole_user() as handle:
            set_up(chosen=chosen, handle=handle)
    except SetUpError as error:
        say(f"error: {error}")
        return 9
    except KeyboardInterrupt:
        say("Set-up interrupted; the next make begins it anew.")
        return 130
    return 0


@contextlib.contextmanager
def sole_user() -> Iterator[int]:
    """Hold the checkout while packages are installed.

    The installers inherit the handle, so that one that outlives a killed set-up is
    waited for instead of writing into the next one's environment.
    """
    handle = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another set-up is at work here; waiting for it to end.")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)


def set_up(*, chosen: bool, handle: int) -> None:
    """Install from the lock; begin anew where an earlier set-up was cut short."""
    found = (
        MARK.read_text().splitlines() if VENV_PYTHON.exists() and MARK.exists() else []
    )
    version = found[0] if found and not chosen else this_version()
    place, packages = [version, str(ROOT)], fingerprint()
    if found == [*place, packages]:
        return
    if found[:2] != place:
        check_python(version)
        say(f"Making .venv with Python {version} (once; a few minutes).")
        shutil.rmtree(VENV, ignore_errors=True)
        run([sys.executable, "-m", "venv", str(VENV)], handle=handle)
    MARK.unlink(missing_ok=True)
    install(handle)
    MARK.write_text("\n".join([*place, packages]) + "\n")


def install(handle: int) -> None:
    """Install the pinned uv with pip, and everything else with uv."""
    pin = VENV / "uv.lock.txt"
    pin.write_text(entry_of("uv", LOCK.read_text()))
    pip = [str(VENV_PYTHON), "-m", "pip", "install", "--quiet", "--no-deps"]
    run([*pip, "--require-hashes", "--requirement", str(pin)], handle=handle)
    uv = [str(VENV / "bin" / "uv"), *([] if sys.stderr.isatty() else ["-q"]), "pip"]
    here = ["--python", str(VENV_PYTHON)]
    run([*uv, "sync", *here, "--require-hashes", str(LOCK)], handle=handle)
    project = ["--no-deps", "--no-build-isolation", "--editable", str(ROOT)]
    run([*uv, "install", *here, *project], handle=handle)
    say("Compiling the fitting engine (half a minute).")
    run([str(VENV_PYTHON), "-m", "trends.fits.compile"], handle=handle)


def run(command: list[str], *, handle: int) -> None:
    """Run one step of the set-up; its own messages are the explanation it needs."""
    done = subprocess.run(  # noqa: S603 - a command of ours
        command, cwd=ROOT, env=environment(), pass_fds=[handle], check=False
    )
    if done.returncode:
        raise SetUpError(
            f"{' '.join(command)} failed (exit {done.returncode}; see above). "
            "Run make again when its cause is gone; it starts from a clean .venv."
        )


def environment() -> dict[str, str]:
    """Settings of the installers: certificates of this machine, compiled modules."""
    env = dict(os.environ)
    env.update(
        PIP_DISABLE_PIP_VERSION_CHECK="1",
        PIP_NO_INPUT="1",
        PIP_USER="0",
        UV_COMPILE_BYTECODE="1",  # Airflow starts three times as fast
        UV_SYSTEM_CERTS="1",
        UV_PYTHON_DOWNLOADS="never",
    )
    if "SSL_CERT_FILE" in env:
        env.setdefault("PIP_CERT", env["SSL_CERT_FILE"])
    if "PIP_INDEX_URL" in env:
        env.setdefault("UV_DEFAULT_INDEX", env["PIP_INDEX_URL"])
    return env


def check_python(version: str) -> None:
    """Refuse a Python that the lock was not made for, or that cannot make a venv."""
    if version not in SUPPORTED:
        others = [name for v in SUPPORTED if shutil.which(name := f"python{v}")]
        choose = others[0] if others else "/path/to/python3.12"
        raise SetUpError(
            f"{sys.executable} is Python {version}; this project needs "
            f"{', '.join(SUPPORTED[:-1])} or {SUPPORTED[-1]}. Choose one with "
            f"PYTHON=, for example: make run PYTHON={choose}"
        )
    missing = [name for name in ("venv", "ensurepip") if not is_there(name)]
    if missing:
        raise SetUpError(
            f"{sys.executable} has no {' and no '.join(missing)}, so it cannot make "
            f"an environment. On Debian or Ubuntu: apt install python{version}-venv"
        )


def is_there(module: str) -> bool:
    """Whether this Python has a module."""
    return importlib.util.find_spec(module) is not None


def this_version() -> str:
    """Version of the Python that runs this, as in ``3.11``."""
    return "{}.{}".format(*sys.version_info)


def fingerprint() -> str:
    """SHA-256 of what decides which packages are installed."""
    files = [LOCK, ROOT / "pyproject.toml", Path(__file__)]
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def entry_of(package: str, lock: str) -> str:
    """The lines of one package in a lock: its pin and its hashes."""
    lines = lock.splitlines(keepends=True)
    start = next(n for n, line in enumerate(lines) if line.startswith(f"{package}=="))
    end = next(n for n in range(start, len(lines)) if not lines[n].endswith("\\\n"))
    return "".join(lines[start : end + 1])


def say(line: str) -> None:
    """Print one line of progress."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
