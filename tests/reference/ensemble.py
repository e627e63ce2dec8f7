"""How the ensemble puts its parts together, as its documentation says it: which kernels, in which units and weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phenojax.fusion import Classifier, EnsembleConfig, centre_kernels, kernel_spread, mix_kernels

Floats = NDArray[np.float64]


class Kernels(NamedTuple):
    """Of one sample: shares of each mix, the mixed kernels, and those of the prototype in units of chance."""

    mixes: Floats
    mixed: Floats
    compared: Floats


def kernels_of(
    kernels: NDArray[np.floating], present: NDArray[np.bool_], groups: NDArray[np.integer], config: EnsembleConfig
) -> Kernels:
    """Of one kernel the prototype takes it as it is, of two the centred ones."""
    single = len(kernels) == 1
    centred = centre_kernels(kernels.astype(np.float64), present, groups)
    mixes = np.array([[1.0]] if single else [[a, 1 - a] for a in config.mixes])
    mixed = np.stack([mix_kernels(centred, present, mix) for mix in mixes])
    n_groups = np.array([len(set(groups[has].tolist())) for has in present])
    unit = 2 * kernel_spread(centred, present, groups) / np.sqrt(n_groups)
    return Kernels(mixes, mixed, (kernels if single else centred) / unit[:, None, None])


def joined(
    classifier: Classifier,
    config: EnsembleConfig,
    mixes: Floats,
    ridge: Floats,
    of_mixes: Floats,
    prototype: Callable[[Floats], Floats],
) -> Floats:
    """The score of a classifier from its parts; ``prototype`` scores with weights ``(rows, m)`` of the modalities."""
    if classifier is Classifier.KERNEL:
        return ridge
    first = of_mixes @ mixes[:, 0]
    if classifier is Classifier.PROTOTYPE and mixes.shape[1] > 1:
        first[:] = config.prototype_mix
    scores = prototype(np.stack([first, 1 - first], axis=1)[:, : mixes.shape[1]])
    return scores if classifier is Classifier.PROTOTYPE else ridge + config.prototype * scores
