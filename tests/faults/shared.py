"""The store that machines share in some schedules, and what must hold in it."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final, Self

import boto3

from tests.faults import invariants as hold
from tests.faults.schedule import Fault
from tests.s3_server import BUCKET, KEYS, How, proxy_of, s3_server
from trends.store import VARIABLE

FAILURES: Final[dict[str, How]] = {
    "store says 503": "says 503",
    "store drops the question": "drops the question",
    "store drops the answer": "drops the answer",
}

FOR_EVER: Final = 10**6


class SharedStore:
    """An S3 server, a world of which every prefix mirrors."""

    def __enter__(self) -> Self:
        """Start it, and a proxy in front of it that can break."""
        self._stack = ExitStack()
        self._taken: dict[Path, dict[str, str]] = {}
        url = self._stack.enter_context(s3_server())
        self.proxy = self._stack.enter_context(proxy_of(url))
        self._client: Any = boto3.client(
            "s3",
            endpoint_url=url,
            region_name=KEYS["AWS_DEFAULT_REGION"],
            aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
        )
        return self

    def __exit__(self, *_: object) -> None:
        """Stop both."""
        self._stack.close()

    def environment(self, name: str) -> dict[str, str]:
        """What makes a machine one of those that share the prefix ``name``."""
        address = {
            "AWS_ENDPOINT_URL": self.proxy.url,
            VARIABLE: f"s3://{BUCKET}/{name}",
        }
        return KEYS | address

    def copy(self, source: str, target: str) -> None:
        """All files of a prefix, in another."""
        for key in self._tags(f"{source}/"):
            new = f"{target}/{key.removeprefix(f'{source}/')}"
            self._client.copy_object(
                Bucket=BUCKET, Key=new, CopySource={"Bucket": BUCKET, "Key": key}
            )

    def take(self, name: str, folder: Path, *, below: str = "") -> Path:
        """Files of a prefix as they are now, as the data/ of a world in ``folder``."""
        found = self._tags(f"{name}/{below}")
        taken = self._taken.setdefault(folder, {})
        for key, tag in found.items():
            if taken.get(key) != tag:
                path = folder / "data" / key.removeprefix(f"{name}/")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(self.read(key))
        for key in taken.keys() - found.keys():
            (folder / "data" / key.removeprefix(f"{name}/")).unlink(missing_ok=True)
        self._taken[folder] = found
        return folder

    def clear(self, name: str) -> None:
        """Forget a prefix."""
        if keys := [{"Key": key} for key in self._tags(f"{name}/")]:
            self._client.delete_objects(Bucket=BUCKET, Delete={"Objects": keys})

    def read(self, key: str) -> bytes:
        """One file."""
        content: bytes = self._client.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        return content

    def _tags(self, prefix: str) -> dict[str, str]:
        """Files below a prefix, each with what changes whenever it does."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=BUCKET, Prefix=prefix
        )
        found = [one for page in pages for one in page.get("Contents", [])]
        return {one["Key"]: one["ETag"] for one in found}


class StoreWatcher:
    """Looks at the store whenever its latest.json has changed, before anybody reads it."""

    def __init__(self, store: SharedStore, name: str, folder: Path) -> None:
        """Watch a prefix; ``folder`` is for copies."""
        self._store, self._name, self._folder = store, name, folder
        self.may_vanish = False
        self.problems: list[str] = []
        store.proxy.changed = self._look

    def stop(self) -> None:
        """Look no longer."""
        self._store.proxy.changed = lambda _verb, _path: None

    def _look(self, verb: str, path: str) -> None:
        name = f"{self._name}/results/latest.json"
        if path.partition("?")[0] != f"/{BUCKET}/{name}":
            return
        if verb == "DELETE":
            if not self.may_vanish:
                self.problems.append("latest.json was deleted in the store")
            return
        run = json.loads(self._store.read(name))["path"]
        seen = self._store.take(self._name, self._folder, below=f"results/{run}/")
        results = seen / "data" / "results"
        (results / "latest.json").write_bytes(self._store.read(name))
        self.problems += [
            f"seen in the store: {one}" for one in hold.broken_latest(results)
        ]


def broken_store(copy: Path) -> Iterator[str]:
    """What is wrong with a copy of the store; runs without a manifest do not count."""
    results = copy / "data" / "results"
    for manifest in sorted(results.glob("runs/*/*/manifest.json")):
        yield from (f"in the store: {one}" for one in hold.broken_run(manifest.parent))
    yield from (f"in the store: {one}" for one in hold.broken_records(results))


def failing(fault: Fault, n_requests: int) -> tuple[range, How]:
    """Which requests of a step fail, and how: one, some, or all from there on."""
    first = 1 + int(fault.at * n_requests)
    n = fault.pick(1, 4, FOR_EVER)
    return range(first, first + n), FAILURES[fault.kind]


def is_brief(fault: Fault) -> bool:
    """Whether the store is well again before anybody gives up."""
    return fault.kind in FAILURES and fault.pick(True, True, False)
