"""Deletion curves over the genes that a screen of the cohort calls: whose scores rest on what is called important?

Every case is explained by a model fitted without its own publication, so that no score rests on the individual itself.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phenojax import Cohort, screen
from phenojax._csr import Csr
from phenojax.explain import DeletionCurve, deletion_curve, deletion_scores, kept_terms_score, term_contributions
from phenojax.fusion import Classifier, fit_sample
from phenojax.models import GeneModel, Individuals
from phenojax.models.collapse import TermSpace
from phenojax.ontology import Ontology
from phenojax.screen.scorers import CONFIG
from phenojax.similarity import closure_kernel

REMOVED = np.arange(7)
FEWEST_TERMS = 8
DRAWS = 100
LARGEST_Q = 0.05


class Explained(NamedTuple):
    """Curves by what was removed first, over the cases of the genes that were called."""

    curves: dict[str, DeletionCurve]
    n_genes: int
    n_called: int
    n_cases: int


def deletion_over_genes(cohort: Cohort, ontology: Ontology) -> Explained:
    result = screen(cohort, ontology=ontology)
    models, individuals = result.models, result.models.individuals if result.models else None
    if models is None or individuals is None:
        raise SystemExit("the screen gave no models")
    called = [
        row["gene"]
        for row in result.table.to_pylist()
        if row["status"] == "ok" and row["modality"] == "hpo" and row["q_value"] <= LARGEST_Q
    ]
    collected: dict[str, list[NDArray[np.float64]]] = {}
    random, genes = [], []
    for gene in called:
        for orders, drawn in of_gene(models.models[gene, "hpo"], individuals, models.weights, ontology):
            for name, guided in orders.items():
                collected.setdefault(name, []).append(guided)
            random.append(drawn)
            genes.append(gene)
    code = np.unique(genes, return_inverse=True)[1]
    curves = {
        name: deletion_curve(guided, random, REMOVED, groups=code.astype(np.int32))
        for name, guided in collected.items()
    }
    return Explained(curves, len(set(genes)), len(called), len(genes))


def of_gene(
    model: GeneModel, individuals: Individuals, weights: NDArray[np.float64], ontology: Ontology
) -> list[tuple[dict[str, NDArray[np.float64]], NDArray[np.float64]]]:
    """Of each case with enough terms: log-odds after removals in each order, and in random orders."""
    assert model.rows is not None
    assert model.groups is not None
    assert model.is_case is not None
    observed = individuals.terms.take(model.rows)
    kernel = closure_kernel(ontology, weights, observed)
    present = np.ones((1, observed.n_rows), dtype=bool)
    fitted = fit_sample(
        kernel[None],
        present,
        model.groups,
        model.is_case,
        classifier=Classifier.ENSEMBLE,
        config=CONFIG,
        jackknife=True,
    )
    if not np.allclose(fitted.training, model.training_scores, atol=1e-6, equal_nan=True):
        raise SystemExit(f"{model.gene}: the refitted model is not that of the screen")
    without = fitted.without[True,]
    space = TermSpace(Csr(*ontology.graph.closures(*observed)), weights)
    values = np.zeros((len(without.groups), ontology.n_terms))
    values[:, space.term_idx] = space.collapse(without.coefficients[:, 0])
    out = []
    for r in np.flatnonzero(model.is_case & (observed.lengths >= FEWEST_TERMS)):
        place = int(np.flatnonzero(without.groups == model.groups[r])[0])
        if np.isnan(without.intercepts[place]):
            continue
        own, intercept = fitted.slope * values[place], fitted.slope * without.intercepts[place] + fitted.offset
        out.append(of_individual(ontology, weights, own, intercept, observed.row(r), individuals.ids[model.rows[r]]))
    return out


def of_individual(
    ontology: Ontology,
    weights: NDArray[np.float64],
    values: NDArray[np.float64],
    intercept: float,
    terms: NDArray[np.int32],
    name: str,
) -> tuple[dict[str, NDArray[np.float64]], NDArray[np.float64]]:
    found = term_contributions(ontology, weights, values, Csr(np.array([0, len(terms)]), terms))
    score = kept_terms_score(ontology, weights, values, terms)
    alone = np.array([weights[ontology.graph.ancestors(terms[i : i + 1])].sum() for i in range(len(terms))])
    orders = {
        "Shapley value": found.shapley,
        "leave one out": found.leave_one_out,
        "information content": alone,
    }
    scores = {
        key: deletion_scores(score, importance, REMOVED, draws=DRAWS, purpose=name)
        for key, importance in orders.items()
    }
    drawn = scores["Shapley value"].random
    return {key: one.guided + intercept for key, one in scores.items()}, drawn + intercept
