"""How alike the genes of a cohort are: the nearest of each, and a heatmap whose order is that of a cluster tree."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.cluster import hierarchy

from phenojax.similarity import linkage

Figure = dict[str, Any]

NEAREST = 5
MOST_DRAWN = 500
FEWEST_DRAWN = 3
# A cell is one byte: similarity in steps of 1/250; the page's script undoes it.
STEPS = 250
UNKNOWN = 255


class Likeness:
    """The table of a result as a matrix.

    Attributes:
        genes: in alphabetical order.
        matrix: float64 ``(genes, genes)``, symmetric; NaN where nothing could be compared.
    """

    def __init__(self, table: pa.Table) -> None:
        first, second = table["gene"].to_pylist(), table["other"].to_pylist()
        self.genes: list[str] = sorted({*first, *second})
        self._row = {gene: row for row, gene in enumerate(self.genes)}
        a, b = ([self._row[gene] for gene in column] for column in (first, second))
        self.matrix: NDArray[np.float64] = np.full((len(self.genes),) * 2, np.nan)
        values = table["similarity"].to_numpy().astype(np.float64)
        self.matrix[a, b] = values
        self.matrix[b, a] = values

    def nearest(self, gene: str) -> list[tuple[str, float]]:
        """The `NEAREST` other genes and how alike they are, the nearest first; none where `gene` was not compared."""
        row = self._row.get(gene)
        if row is None:
            return []
        values = np.where(np.arange(len(self.genes)) == row, np.nan, self.matrix[row])
        order = np.argsort(np.where(np.isnan(values), 1.0, -values), kind="stable")[:NEAREST]
        return [(self.genes[k], float(values[k])) for k in order if not np.isnan(values[k])]

    def own(self, gene: str) -> float | None:
        """How alike the carriers of `gene` in different publications are; None where there is one publication only."""
        row = self._row.get(gene)
        return None if row is None or np.isnan(self.matrix[row, row]) else float(self.matrix[row, row])


def heatmap_figure(likeness: Likeness, strongest: Sequence[str]) -> Figure | None:
    """Draw genes by genes, like ones side by side, with the tree that says so.

    Args:
        likeness: of all genes.
        strongest: genes in the order in which they are kept where there are more than `MOST_DRAWN`; those that are not
            among them come last.
    """
    rank = {gene: place for place, gene in reversed(list(enumerate(strongest)))}
    kept = sorted(range(len(likeness.genes)), key=lambda row: rank.get(likeness.genes[row], len(rank)))[:MOST_DRAWN]
    if len(kept) < FEWEST_DRAWN:
        return None
    matrix = likeness.matrix[np.ix_(kept, kept)]
    # the similarities as they stand, those that are drawn; what could not be compared counts as unlike
    tree = linkage(np.nan_to_num(matrix, nan=0.0), normalize=None, optimal_ordering=True)
    order = hierarchy.leaves_list(tree)
    drawn = matrix[np.ix_(order, order)]
    genes = [likeness.genes[kept[k]] for k in order]
    above = drawn[np.triu_indices(len(genes), 1)]
    x, y = _branches(tree, order)
    return {
        "data": [
            {"type": "heatmap", "meta": {"role": "heatmap"}, "cells": _packed(drawn), "genes": genes, "zmin": 0}
            | {"steps": STEPS, "unknown": UNKNOWN, "zmax": _top_of_scale(above)},
            {"type": "scatter", "mode": "lines", "meta": {"role": "tree"}, "x": x, "y": y, "yaxis": "y2"}
            | {"hoverinfo": "skip", "showlegend": False, "line": {"width": 1}},
        ],
        # the stems of the tree are cut short: most genes are far from all others
        "layout": {
            "xaxis": {},
            "yaxis": {"domain": [0, 0.9]},
            "yaxis2": {
                "domain": [0.905, 1],
                "range": [round(0.95 * float(tree[0, 2]), 3), round(float(tree[-1, 2]), 3)],
            },
        },
    }


def _top_of_scale(values: NDArray[np.float64]) -> float:
    """Where the colours end: a few pairs that are far more alike than all others are not to leave the rest pale."""
    known = values[~np.isnan(values)]
    return round(max(0.1, float(np.quantile(known, 0.995))), 2) if len(known) else 1.0


def _packed(matrix: NDArray[np.float64]) -> str:
    """The upper triangle with the diagonal, row by row, a byte each, as base64."""
    values = matrix[np.triu_indices(len(matrix))]
    cells = np.where(np.isnan(values), UNKNOWN, np.round(np.nan_to_num(values) * STEPS)).astype(np.uint8)
    return base64.b64encode(cells.tobytes()).decode("ascii")


def _branches(tree: NDArray[np.float64], order: NDArray[np.integer]) -> tuple[list[float | None], list[float | None]]:
    """Lines of the tree: each merge is a bracket over its two parts; None lifts the pen."""
    n = len(order)
    place = np.empty(2 * n - 1)
    height = np.zeros(2 * n - 1)
    place[order] = np.arange(n)
    x: list[float | None] = []
    y: list[float | None] = []
    for k, (a, b, distance, _) in enumerate(tree):
        left, right = int(a), int(b)
        place[n + k], height[n + k] = (place[left] + place[right]) / 2, distance
        x += [place[left], place[left], place[right], place[right], None]
        y += [height[left], distance, distance, height[right], None]
    return _short(x), _short(y)


def _short(values: list[float | None]) -> list[float | None]:
    return [None if value is None else round(float(value), 3) for value in values]
