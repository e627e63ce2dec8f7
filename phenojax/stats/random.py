"""Random streams that depend on what they are for, never on when or where they are drawn."""

from __future__ import annotations

import hashlib

import numpy as np


def stream(seed: int, *purpose: str) -> np.random.Generator:
    """A generator for one purpose, such as ``stream(0, "permutations", "SATB1")``.

    The key is a hash of seed and purpose, so that the numbers of one gene are the same whatever the order, the number
    of threads, or the other genes of the run.
    """
    digest = hashlib.blake2b("\x1f".join([str(seed), *purpose]).encode(), digest_size=16).digest()
    return np.random.Generator(np.random.Philox(key=np.frombuffer(digest, dtype=np.uint64)))
