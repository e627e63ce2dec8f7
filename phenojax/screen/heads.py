"""The fusion head in a screen: for every gene a kernel of terms that was learnt from other genes of the same cohort."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from phenojax._extras import require
from phenojax.errors import ConfigError
from phenojax.screen.prepare import Prepared

logger = logging.getLogger("phenojax")

ROOT = "HP:0000118"
# Samples are padded to a multiple of this, so that few programs serve all.
STEP = 128


class Heads(NamedTuple):
    """Heads of the folds of genes, and what they look at.

    Attributes:
        fitted: a `phenojax.fusion.tasks.CrossFitted`.
        features: bool ``(n, t)``; whether the closure of an individual holds one of the terms in use.
        code: number of each gene.
        branches: names of the branches of terms that have a gate, the rest last.
    """

    fitted: Any
    features: NDArray[np.bool_]
    code: dict[str, int]
    branches: tuple[str, ...]

    def kernel(self, gene: str, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Kernel of the ``k`` individuals at ``rows`` by a head that never saw the gene, float32 ``(k, k)``."""
        fold = int(self.fitted.fold_of_gene[self.code[gene]])
        n = len(rows)
        padded = np.zeros((-(-n // STEP) * STEP, self.features.shape[1]), dtype=np.uint8)
        padded[:n] = self.features[rows]
        found = np.asarray(_kernel(self.fitted.params[fold], jnp.asarray(padded), self.fitted.terms[fold]))[:n, :n]
        # symmetric to the last bit, whatever the product's order
        return np.asarray((found + found.T) / 2, dtype=np.float32)

    def describe(self) -> dict[str, Any]:
        """What run.json says of them; plain JSON values."""
        return {"n_genes": self.fitted.n_genes, "branches": list(self.branches), "folds": len(self.fitted.params)}


@partial(jax.jit)
def _kernel(params: Any, features: jax.Array, terms: Any) -> jax.Array:
    from phenojax.fusion.head import hpo_kernel

    return hpo_kernel(params, features, terms)


def train_heads(prepared: Prepared) -> Heads:
    """Train a head for every fold of genes on the genes of the other folds.

    Raises:
        MissingExtraError: dm-haiku or optax is not installed.
        ConfigError: the cohort has too few genes to learn from.
    """
    require("head", "--head")
    from phenojax.fusion.head import Terms
    from phenojax.fusion.meta import MetaConfig
    from phenojax.fusion.tasks import CohortArrays, TaskConfig, cross_fit

    ontology, n = prepared.ontology, len(prepared.cohort)
    held = np.zeros((n, ontology.n_terms), dtype=bool)
    held[np.repeat(np.arange(n), prepared.closures.lengths), prepared.closures.indices] = True
    used = np.flatnonzero(held.any(axis=0) & (prepared.weights > 0))
    features = held[:, used]
    member, branches = branches_of(prepared, used)
    code = {name: k for k, name in enumerate(sorted({i.gene for i in prepared.cohort if i.gene}))}
    genes = np.array([code.get(i.gene or "", -1) for i in prepared.cohort], dtype=np.int64)
    groups = np.arange(n) if prepared.groups is None else prepared.groups
    weights, ic = (np.asarray(values[used], np.float32) for values in (prepared.weights, prepared.ic))
    none = np.zeros((len(used), 0), np.float32)
    terms = Terms(*map(jnp.asarray, (weights, ic, member, none, none[0])))
    seed = prepared.config.seed
    try:
        arrays = CohortArrays(features, genes, groups)
        fitted = cross_fit(arrays, terms, seed=seed, task=TaskConfig(), meta=MetaConfig())
    except ValueError as error:
        raise ConfigError(f"head=True: {error}; a head needs more genes to learn from, so leave it out") from None
    logger.info("heads were trained on %s genes", fitted.n_genes)
    return Heads(fitted, features, code, branches)


def branches_of(prepared: Prepared, used: NDArray[np.int64]) -> tuple[NDArray[np.float32], tuple[str, ...]]:
    """Shares ``(b, t)`` of the branches in each of the terms ``used``, and their labels; the rest is the last."""
    ontology = prepared.ontology
    branches = sorted(ontology.children(ROOT))
    place = {term: k for k, term in enumerate(ontology.term_ids)}
    member = np.zeros((len(branches) + 1, ontology.n_terms), dtype=np.float32)
    for row, branch in enumerate(branches):
        member[row, [place[term] for term in (branch, *ontology.descendants(branch))]] = 1
    member[-1] = member.sum(axis=0) == 0
    shares = member[:, used] / member[:, used].sum(axis=0)
    return shares, (*(ontology.label(branch) for branch in branches), "the rest")
