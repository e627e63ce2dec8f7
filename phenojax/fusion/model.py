"""The one jitted program that a gene needs: scores and rank sums of many labellings."""

from __future__ import annotations

from enum import StrEnum
from functools import partial

import jax
from jax import Array

from phenojax.fusion.prototype import prototype_scores
from phenojax.fusion.ranks import RankSums, rank_sums
from phenojax.fusion.similarity_model import similarity_scores


class Model(StrEnum):
    """What scores an individual."""

    PROTOTYPE = "prototype"
    SIMILARITY = "similarity"


@partial(jax.jit, static_argnames=("model", "n_folds"))
def score_labellings(
    matrices: Array,
    present: Array,
    labels: Array,
    folds: Array,
    groups: Array,
    valid: Array,
    *,
    model: Model,
    n_folds: int,
) -> tuple[RankSums, Array]:
    """Rank sums of ``p`` labellings, and the out-of-fold scores ``(n,)`` of the first one.

    Args:
        matrices: float32 ``(m, n, n)``, one per modality: kernels for `Model.PROTOTYPE`, similarities for
            `Model.SIMILARITY`.
        present: bool ``(m, n)``; who has which modality.
        labels: bool ``(p, n)``; True for a case.
        folds: int8 ``(p, n)``; members of a group share a fold.
        groups: int32 ``(n,)``, in 0 .. n - 1.
        valid: bool ``(n,)``; False on padding.
        model: static.
        n_folds: static; the largest number of folds; folds nobody is in change nothing.
    """
    if model is Model.PROTOTYPE:
        scores = prototype_scores(matrices, present, labels, folds, groups, valid, n_folds)
    else:
        scores = similarity_scores(matrices, present, labels, folds, valid, n_folds)
    return rank_sums(scores, labels, valid), scores[0]
