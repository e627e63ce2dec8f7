"""Small samples whose folds do not look at labels, with one kernel or two, as the permutation engine takes them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Shared(NamedTuple):
    """n individuals in whole groups, m kernels, p labellings; one fold vector for all of them."""

    kernels: NDArray[np.float32]
    present: NDArray[np.bool_]
    labels: NDArray[np.bool_]
    folds: NDArray[np.int8]
    groups: NDArray[np.int32]

    def reordered(self, order: NDArray[np.integer]) -> Shared:
        """The same individuals in another order."""
        return Shared(
            self.kernels[:, order[:, None], order[None, :]], self.present[:, order], self.labels[:, order],
            self.folds[order], self.groups[order],
        )  # fmt: skip

    def flipped(self, who: NDArray[np.bool_]) -> Shared:
        """The label of those in ``who`` turned round in every labelling."""
        return self._replace(labels=self.labels ^ who)

    def without(self, modality: int, who: NDArray[np.bool_]) -> Shared:
        """Those in ``who`` lack a modality, and its kernel holds nonsense for them."""
        present, kernels = self.present.copy(), self.kernels.copy()
        present[modality] &= ~who
        kernels[modality, who] = 77
        kernels[modality][:, who] = -55
        return self._replace(present=present, kernels=kernels)


def make_shared(
    seed: int = 0, n: int = 24, n_groups: int = 13, n_folds: int = 3, p: int = 5, m: int = 1, signal: float = 0.5
) -> Shared:
    """Groups of unlike size dealt to folds; each labelling labels groups as wholes but for two individuals."""
    rng = np.random.default_rng(seed)
    groups = np.concatenate([np.arange(n_groups), rng.integers(0, n_groups, n - n_groups)]).astype(np.int32)
    by_group = np.stack([rng.permutation(np.arange(n_groups) % 5 < 2) for _ in range(p)])
    labels = by_group[:, groups]
    labels[:, -2:] ^= True
    kernels = []
    for _ in range(m):
        traits = rng.normal(size=(n, 9)) + 0.4 + signal * labels[0][:, None]
        traits /= np.linalg.norm(traits, axis=1, keepdims=True)
        kernels.append(traits @ traits.T)
    folds = (rng.permutation(n_groups) % n_folds)[groups].astype(np.int8)
    return Shared(np.array(kernels, np.float32), np.ones((m, n), bool), labels, folds, groups)
