"""Shapley values as one would write them in numpy: the other side of the timings."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import comb

from phenojax._csr import Csr
from phenojax.ontology import Ontology

Floats = NDArray[np.float64]


def membership(ontology: Ontology, terms: NDArray[np.int32]) -> tuple[NDArray[np.bool_], NDArray[np.int32]]:
    """Who of the terms brings which of their ancestors, ``(k, c)``, and these ancestors."""
    of_term = Csr(*ontology.graph.closures(np.arange(len(terms) + 1), terms))
    closure, place = np.unique(of_term.indices, return_inverse=True)
    brings = np.zeros((len(terms), len(closure)), dtype=bool)
    brings[np.repeat(np.arange(len(terms)), of_term.lengths), place] = True
    return brings, closure


def worth(covered: NDArray[np.bool_], values: Floats, weights: Floats) -> Floats:
    size = covered @ weights
    return np.where(size > 0, covered @ values / np.sqrt(np.where(size > 0, size, 1.0)), 0.0)


def closure_along_orders(
    ontology: Ontology, weights: Floats, values: Floats, terms: NDArray[np.int32], orders: int, seed: int
) -> tuple[Floats, Floats]:
    """Mean and standard error over pairs of an order and its reverse, each order in one go."""
    brings, closure = membership(ontology, terms)
    w, u, rng = weights[closure], values[closure], np.random.default_rng(seed)
    added = np.empty((orders // 2, len(terms)))
    for pair in range(orders // 2):
        order, both = rng.permutation(len(terms)), np.empty((2, len(terms)))
        for way in range(2):
            both[way, order] = np.diff(worth(np.logical_or.accumulate(brings[order], axis=0), u, w), prepend=0.0)
            order = order[::-1]
        added[pair] = both.mean(axis=0)
    return added.mean(axis=0), added.std(axis=0, ddof=1) / np.sqrt(len(added))


def closure_over_subsets(ontology: Ontology, weights: Floats, values: Floats, terms: NDArray[np.int32]) -> Floats:
    """All subsets as rows of bits."""
    brings, closure = membership(ontology, terms)
    k = len(terms)
    subsets = (np.arange(2**k)[:, None] >> np.arange(k)) & 1
    covered = subsets.astype(np.float32) @ brings.astype(np.float32) > 0
    v, size = worth(covered, values[closure], weights[closure]), subsets.sum(axis=1)
    out = np.empty(k)
    for player in range(k):
        without = np.flatnonzero(subsets[:, player] == 0)
        share = 1 / (k * comb(k - 1, size[without]))
        out[player] = (share * (v[without + 2**player] - v[without])).sum()
    return out


def matches_along_orders(
    matches: Floats, offsets: NDArray[np.int64], coefficients: Floats, orders: int, seed: int
) -> tuple[Floats, Floats]:
    """bma to others with running column maxima: ``matches`` is ``(k, columns)``, cut into others by ``offsets``."""
    k, sizes, starts = len(matches), np.diff(offsets), offsets[:-1]
    row_maxima = np.maximum.reduceat(matches, starts, axis=1)
    rng, added = np.random.default_rng(seed), np.empty((orders // 2, k))
    for pair in range(orders // 2):
        order, both = rng.permutation(k), np.empty((2, k))
        for way in range(2):
            columns = np.add.reduceat(np.maximum.accumulate(matches[order], axis=0), starts, axis=1)
            bma = (np.cumsum(row_maxima[order], axis=0) + columns) / (np.arange(1, k + 1)[:, None] + sizes)
            both[way, order] = np.diff(bma @ coefficients, prepend=0.0)
            order = order[::-1]
        added[pair] = both.mean(axis=0)
    return added.mean(axis=0), added.std(axis=0, ddof=1) / np.sqrt(len(added))
