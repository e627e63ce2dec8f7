"""Small labelled samples with kernels, as the fusion functions take them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from phenojax import stats

FOLDS = 3


class Labelled(NamedTuple):
    """n individuals in whole groups, p labellings, the first the observed one."""

    kernel: NDArray[np.float32]
    similarity: NDArray[np.float32]
    labels: NDArray[np.bool_]
    folds: NDArray[np.int8]
    groups: NDArray[np.int32]
    valid: NDArray[np.bool_]

    def padded(self, size: int) -> Labelled:
        """The same individuals, with ``size`` more who are not valid and hold nonsense."""
        rng = np.random.default_rng(99)

        def wider(array: NDArray[Any], filling: NDArray[Any]) -> NDArray[Any]:
            corner = tuple(slice(0, length) for length in array.shape)
            out = filling.astype(array.dtype)
            out[corner] = array
            return out

        n, p = len(self.valid) + size, len(self.labels)
        return Labelled(
            wider(self.kernel, rng.normal(size=(n, n)) * 50),
            wider(self.similarity, rng.normal(size=(n, n)) * 50),
            wider(self.labels, rng.random((p, n)) < 0.5),
            wider(self.folds, rng.integers(0, FOLDS, (p, n))),
            wider(self.groups, rng.integers(0, n, n)),
            wider(self.valid, np.zeros(n)),
        )

    def relabelled(self, flip: NDArray[np.bool_]) -> Labelled:
        """The same folds, with the label of the individuals in ``flip`` turned round in every labelling."""
        return self._replace(labels=self.labels ^ flip)


def make_sample(seed: int = 0, n: int = 30, p: int = 6, n_groups: int = 14, signal: float = 0.3) -> Labelled:
    """Groups of unlike size, some of them mixed, and cases that resemble each other."""
    rng = np.random.default_rng(seed)
    groups = np.concatenate([np.arange(n_groups), rng.integers(0, n_groups, n - n_groups)])
    case_group = np.arange(n_groups) < n_groups // 2
    labels = case_group[groups]
    labels[-2:] = ~labels[-2:]
    traits = rng.normal(size=(n, 8)) + signal * labels[:, None]
    traits /= np.linalg.norm(traits, axis=1, keepdims=True)
    design = stats.make_design(labels, groups)
    drawn = np.concatenate([labels[None, :], stats.draw_labels(rng, design, p - 1)])
    folds = stats.draw_folds(rng, design, drawn, FOLDS)
    kernel = (traits @ traits.T).astype(np.float32)
    similarity = (1 + kernel + 0.2 * rng.random((n, n))).astype(np.float32)
    return Labelled(kernel, (similarity + similarity.T) / 2, drawn, folds, design.groups, np.ones(n, dtype=bool))
