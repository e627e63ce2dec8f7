"""A model collapsed onto terms and faces says of a new individual what its kernel rows say."""

from __future__ import annotations

import numpy as np
import pytest
from models.make_models import make_screened
from numpy.typing import NDArray
from scipy.special import expit

from phenojax import load_ontology
from phenojax._csr import Csr, csr_from_rows
from phenojax.fusion import Classifier, EnsembleConfig, FittedSample
from phenojax.models import GeneModel, ModelSet, Pattern, TrainingSample, fit_gene_model
from phenojax.models.refit import refit, training_sample
from phenojax.similarity import closure_kernel

ONTOLOGY = load_ontology()
Floats = NDArray[np.float64]


def part_of_terms(pattern: Pattern, values: NDArray[np.floating], models: ModelSet, terms: Csr) -> Floats:
    """By the formula, one individual after the other."""
    value = np.zeros(len(models.weights))
    value[pattern.term_idx] = values
    closures = Csr(*ONTOLOGY.graph.closures(*terms))
    out = np.zeros(closures.n_rows)
    for i in range(closures.n_rows):
        weight = models.weights[closures.row(i)].sum()
        out[i] = value[closures.row(i)].sum() / np.sqrt(weight) if weight > 0 else 0.0
    return out


def strangers(models: ModelSet, n: int = 12) -> tuple[Csr, Floats]:
    """Terms and unit faces of people nobody knows; one without a term that weighs anything."""
    rng = np.random.default_rng(7)
    inside = np.flatnonzero(ONTOLOGY.phenotype_mask)
    assert models.individuals is not None
    mine = models.individuals.terms.indices
    rows = [np.append(rng.choice(inside, 3), rng.choice(mine, 3)) for _ in range(n - 1)]
    faces = rng.normal(size=(n, 12)) + 1
    return csr_from_rows([*rows, [ONTOLOGY.index("HP:0000001")]]), faces / np.linalg.norm(faces, axis=1)[:, None]


def refitted(models: ModelSet, model: GeneModel) -> tuple[TrainingSample, FittedSample]:
    sample = training_sample(models, model, ONTOLOGY)
    return sample, refit(models, model, sample)


@pytest.mark.parametrize("key", list(make_screened().models.models), ids="-".join)
def test_a_new_individual_scores_what_its_kernel_rows_say(key: tuple[str, str]) -> None:
    models = make_screened().models
    model = models.models[key]
    sample, fitted = refitted(models, model)
    terms, faces = strangers(models)
    assert models.individuals is not None
    assert model.rows is not None
    rows = []
    if model.modality != "face":
        rows.append(closure_kernel(ONTOLOGY, models.weights, terms, models.individuals.terms.take(model.rows)))
    if sample.faces is not None:
        rows.append(faces @ sample.faces.T.astype(np.float64))
    names = {"hpo": ["hpo"], "face": ["face"], "both": ["both", "hpo", "face"]}[model.modality]
    assert list(model.patterns) == names
    for (has, by_kernel), (name, pattern) in zip(fitted.patterns.items(), model.patterns.items(), strict=True):
        expected = by_kernel.intercept + sum(
            row.astype(np.float64) @ coefficients
            for row, coefficients in zip(rows, by_kernel.coefficients, strict=True)
        )
        found = pattern.intercept + part_of_terms(pattern, pattern.term_values, models, terms)
        if name != "hpo":
            assert pattern.face is not None
            found += faces @ pattern.face.astype(np.float64)
        np.testing.assert_allclose(found, expected, atol=2e-5)
        of_parts = [pattern.hpo_base, pattern.face_base][model.modality == "face" :][: len(has)]
        np.testing.assert_allclose(of_parts, by_kernel.bases, atol=1e-6)


@pytest.mark.parametrize("modality", ["hpo", "face", "both"])
def test_the_rows_of_the_jackknife_hold_the_variance_of_leaving_groups_out(modality: str) -> None:
    """With as many rows as groups: exactly; the groups with a case and those without are two strata."""
    models = make_screened().models
    model = models.models["AAA", modality]
    sample, fitted = refitted(models, model)
    whole = fit_gene_model(
        sample,
        models.weights,
        model.facts,
        gene="AAA",
        modality=modality,
        classifier=Classifier.ENSEMBLE,
        config=EnsembleConfig(),
        rows=model.rows if model.rows is not None else np.zeros(0, np.int64),
        jackknife_rows=1000,
    )
    assert models.individuals is not None
    assert model.rows is not None
    for (has, without), (name, pattern) in zip(fitted.without.items(), whole.patterns.items(), strict=True):
        with_case = {int(g) for g in sample.groups[sample.labels]}
        deviation = np.zeros((len(without.groups), len(sample.labels)))
        for is_case in (True, False):
            stratum = np.array([(int(g) in with_case) == is_case for g in without.groups])
            scores = without.intercepts[stratum, None] + sum(
                without.coefficients[stratum, m] @ sample.kernels[m] for m in range(len(has))
            )
            k = stratum.sum()
            deviation[stratum] = np.sqrt((k - 1) / k) * (scores - scores.mean(axis=0))
        jackknife = pattern.jackknife
        assert jackknife is not None
        terms = models.individuals.terms.take(model.rows)
        rows = jackknife.intercepts.astype(np.float64)[:, None] * np.ones(len(sample.labels))
        if name != "face":
            rows += [part_of_terms(pattern, row, models, terms) for row in jackknife.terms]
        if jackknife.faces is not None and sample.faces is not None:
            rows += jackknife.faces @ sample.faces.T
        assert len(rows) == len(without.groups)
        mine = sample.present[list(has)].all(axis=0)
        np.testing.assert_allclose((rows**2).sum(axis=0)[mine], (deviation**2).sum(axis=0)[mine], rtol=1e-3)
        few = model.patterns[name].jackknife
        assert few is not None
        assert len(few.intercepts) == min(8, len(without.groups))


def test_a_model_tells_its_own_training_individuals_apart_as_the_screen_did() -> None:
    screened = make_screened()
    predictions = screened.result.predictions.to_pylist()
    for (gene, modality), model in screened.models.models.items():
        mine = [row for row in predictions if (row["gene"], row["modality"]) == (gene, modality)]
        assert model.is_case is not None
        assert model.training_scores is not None
        assert [row["is_case"] for row in mine] == model.is_case.tolist()
        assert screened.models.individuals is not None
        assert model.rows is not None
        assert [row["id"] for row in mine] == [screened.models.individuals.ids[row] for row in model.rows]
        if gene == "AAA":
            found = np.corrcoef(model.training_scores, [row["score"] for row in mine])[0, 1]
            assert found > 0.9
            probability = expit(model.slope * model.training_scores + model.offset)
            assert np.corrcoef(probability, [row["probability"] for row in mine])[0, 1] > 0.9


def test_the_facts_are_those_of_the_table() -> None:
    screened = make_screened()
    rows = {(row["gene"], row["modality"]): row for row in screened.result.table.to_pylist()}
    tested = [key for key, row in rows.items() if row["auc"] is not None]
    assert list(screened.models.models) == tested
    assert ("ONE", "hpo") not in tested
    for key, model in screened.models.models.items():
        for name in ("status", "note", "n_cases", "n_controls", "n_groups", "auc", "p_value", "q_value"):
            assert getattr(model.facts, name) == rows[key][name], name
        assert (model.facts.closure_weight_low is None) == (model.modality == "face")
