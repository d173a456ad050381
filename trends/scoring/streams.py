"""Random numbers that belong to a key, whatever else is drawn and in which order."""

import hashlib
from collections.abc import Iterable

import numpy as np

from trends.scoring.arrays import Floats


def keyed_uniforms(keys: Iterable[str], *, seed: int) -> Floats:
    """One number in [0, 1) for each key: 53 bits of its SHA-256 with the seed."""
    words = (hashlib.sha256(f"{seed}|{key}".encode()).digest()[:8] for key in keys)
    return np.array([(int.from_bytes(word) >> 11) / 2**53 for word in words])


def keyed_generator(key: str, *, seed: int) -> np.random.Generator:
    """A generator of its own for the key."""
    digest = hashlib.sha256(f"{seed}|{key}".encode()).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest[:16])))
