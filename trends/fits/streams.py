"""Streams of random numbers that depend on nothing but their names."""

import hashlib

import numpy as np


def random_stream(*name: object) -> np.random.Generator:
    """Random numbers that belong to what the name names, and to nothing else.

    What else is run, and in which order, changes none of them.
    """
    digest = hashlib.sha256("|".join(map(str, name)).encode()).digest()
    key = int.from_bytes(digest[:16], "little")
    return np.random.Generator(np.random.Philox(key=key))
