"""An export holds nothing of one person, and says what that costs as leaving groups out shows it."""

from __future__ import annotations

import json
import stat
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from models.make_models import make_screened
from safetensors.numpy import load_file

from phenojax import load_ontology
from phenojax._csr import Csr
from phenojax.errors import ConfigError, ResultError
from phenojax.fusion import Classifier, EnsembleConfig, fit_calibration, fit_sample, score_unit
from phenojax.models import ModelSet, export_models, read_models, write_models
from phenojax.models.export import without_individuals
from phenojax.models.fit import ModelSpace
from phenojax.models.reduced import _coarse_range, _Fitted
from phenojax.models.refit import training_sample
from phenojax.stats import auc

ONTOLOGY = load_ontology()


@pytest.fixture(scope="module")
def models() -> ModelSet:
    return make_screened().models


@pytest.fixture(scope="module")
def exported(models: ModelSet) -> ModelSet:
    return without_individuals(models, ontology=ONTOLOGY)


def individuals_of(models: ModelSet, key: tuple[str, str]) -> Csr:
    """The observed terms of a model's training individuals."""
    rows = models.models[key].rows
    assert models.individuals is not None
    assert rows is not None
    return models.individuals.terms.take(rows)


def carriers(models: ModelSet, key: tuple[str, str]) -> dict[int, int]:
    """How many training individuals have each term in their closure."""
    closures = Csr(*ONTOLOGY.graph.closures(*individuals_of(models, key)))
    term, count = np.unique(closures.indices, return_counts=True)
    return dict(zip(term.tolist(), count.tolist(), strict=True))


def test_nothing_of_one_person_is_written(models: ModelSet, tmp_path: Path) -> None:
    export_models(models, tmp_path / "out", ontology=ONTOLOGY)
    told = json.loads((tmp_path / "out" / "models.json").read_text())
    assert told["holds_individuals"] is False
    assert "holds no individual" in " ".join(told["about"])
    assert not (tmp_path / "out" / "individuals.safetensors").exists()
    assert models.individuals is not None
    everything = b"".join(path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file())
    names = {*models.individuals.ids, *(g for g in models.individuals.groups if g)}
    assert [name for name in names if name.encode() in everything] == []
    of_models = {"case_quantiles", "control_quantiles"}
    of_patterns = {
        "term_idx", "term_values", "face", "jackknife_intercepts", "jackknife_terms", "jackknife_faces"
    }  # fmt: skip
    for path in (tmp_path / "out" / "genes").iterdir():
        tensors = load_file(path)
        assert {name.rpartition("/")[2] for name in tensors} <= of_models | of_patterns
        assert all(len(t) == 1 for name, t in tensors.items() if "/jackknife" in name)
        assert all(not t.any() for name, t in tensors.items() if name.endswith(("jackknife_terms", "jackknife_faces")))
    assert stat.S_IMODE((tmp_path / "out" / "models.json").stat().st_mode) & 0o400
    read = read_models(tmp_path / "out")
    assert not read.holds_individuals
    assert read.min_individuals == 5


def kept_terms(models: ModelSet, count: dict[int, int], least: int = 5) -> set[int]:
    """From the commonest down: enough carriers, and no kept term above with only a few more."""
    kept: set[int] = set()
    for term in sorted(count, key=lambda term: -count[term]):
        if count[term] < least or models.weights[term] <= 0:
            continue
        above = kept & set(ONTOLOGY.graph.ancestors(np.array([term], np.int32)).tolist())
        if not any(0 < count[a] - count[term] < least for a in above):
            kept.add(term)
    return kept


def test_every_term_left_is_of_enough_individuals_and_so_is_each_difference(
    models: ModelSet, exported: ModelSet
) -> None:
    for key, model in exported.models.items():
        count = carriers(models, key) if key[1] != "face" else {}
        kept = kept_terms(models, count)
        for pattern in model.patterns.values():
            if len(pattern.term_idx):
                assert set(pattern.term_idx.tolist()) == kept
                assert len(kept) < sum(n >= 5 for n in count.values())  # some are too close to one above


def test_numbers_are_told_to_few_digits(exported: ModelSet) -> None:
    for model in exported.models.values():
        for pattern in model.patterns.values():
            assert all(value == float(f"{value:.2e}") for value in pattern.term_values.tolist())
            assert pattern.jackknife is not None
            spread = float(pattern.jackknife.intercepts[0])
            assert spread == pytest.approx(float(f"{spread:.2e}"), rel=1e-6)
        low, high = model.facts.closure_weight_low, model.facts.closure_weight_high
        assert all(value is None or value == pytest.approx(float(f"{value:.1e}")) for value in (low, high))


def test_the_cost_is_that_of_fits_without_the_own_group(models: ModelSet, exported: ModelSet) -> None:
    """By brute force: collapse each fit without a group, move rare terms one by one, score its members."""
    key = ("AAA", "hpo")
    model, found = models.models[key], exported.models[key]
    sample = training_sample(models, model, ONTOLOGY)
    shared = (sample.kernels, sample.present, sample.groups, sample.labels)
    fitted = fit_sample(*shared, classifier=Classifier.ENSEMBLE, config=EnsembleConfig(), jackknife=True)
    count = carriers(models, key)
    assert sample.closures is not None
    kept = kept_terms(models, count)
    folds = " are folded;" in exported.notes[-1]
    closures = [sample.closures.row(i).tolist() for i in range(len(sample.labels))]
    size = np.array([models.weights[closure].sum() for closure in closures])
    scores = np.zeros(len(closures))
    without = fitted.without[True,]
    for k, group in enumerate(without.groups.tolist()):
        worth = dict.fromkeys(count, 0.0)
        for closure, coefficient, weight in zip(closures, without.coefficients[k, 0], size, strict=True):
            for term in closure:
                worth[term] += models.weights[term] * coefficient / np.sqrt(weight)
        for term in [t for t in worth if t not in kept]:
            value = worth.pop(term)
            above = [a for a in ONTOLOGY.graph.ancestors(np.array([term], np.int32)).tolist() if a in kept]
            if folds and above:
                least = min(count[a] for a in above)
                nearest = min(a for a in above if count[a] == least)
                worth[nearest] += value * count[term] / least
        for i in np.flatnonzero(sample.groups == group):
            scores[i] = without.intercepts[k] + sum(worth.get(t, 0.0) for t in closures[i]) / np.sqrt(size[i])
    cost = found.export_cost
    assert cost is not None
    assert cost.auc_export == pytest.approx(auc(sample.labels, np.round(scores, 9)), abs=1e-9)
    assert cost.auc_whole == pytest.approx(auc(sample.labels, fitted.training), abs=1e-9)
    unit = score_unit(Classifier.ENSEMBLE, model.facts.n_groups_used)
    again = fit_calibration(scores[None], sample.labels, sample.groups, unit)
    assert found.slope == pytest.approx(again.slopes[0], rel=1e-6)
    assert found.offset == pytest.approx(again.offsets[0], abs=1e-6)
    for cases in (True, False):
        mine = np.sort(scores[sample.labels == cases])
        parts = np.array_split(mine, len(mine) // 5)
        np.testing.assert_allclose(found.reference_scores(cases), [part.mean() for part in parts], atol=1e-6)


def test_the_more_must_share_a_term_the_fewer_are_left_and_faces_lose_nothing(models: ModelSet) -> None:
    kept = without_individuals(models, ontology=ONTOLOGY, min_individuals=2)
    more = without_individuals(models, ontology=ONTOLOGY, min_individuals=6)
    for key, model in kept.models.items():
        cost, harder = model.export_cost, more.models[key].export_cost
        assert cost is not None
        assert harder is not None
        assert cost.n_terms_whole >= cost.n_terms_export >= harder.n_terms_export
        if key[1] == "face":
            assert cost.auc_export == cost.auc_whole


def test_what_a_note_names_and_the_extremes_stay_behind(models: ModelSet, exported: ModelSet) -> None:
    for key, model in exported.models.items():
        whole = models.models[key].facts
        assert model.facts.note == ""
        if whole.closure_weight_low is not None and whole.closure_weight_high is not None:
            assert model.facts.closure_weight_low is not None
            assert model.facts.closure_weight_high is not None
            closures = Csr(*ONTOLOGY.graph.closures(*individuals_of(models, key)))
            weights = np.sort([models.weights[closures.row(row)].sum() for row in range(closures.n_rows)])
            weights = weights[weights > 0]
            assert 0.9 * weights[:5].mean() < model.facts.closure_weight_low <= weights[:5].mean()
            assert weights[-5:].mean() <= model.facts.closure_weight_high < 1.1 * weights[-5:].mean()


def test_patterns_and_models_of_few_individuals_are_left_out_and_named(models: ModelSet) -> None:
    n_cases = {key: model.facts.n_cases for key, model in models.models.items()}
    least = max(n_cases.values())
    exported = without_individuals(models, ontology=ONTOLOGY, min_individuals=least)
    gone = [key for key in models.models if key not in exported.models]
    assert all(n_cases[key] == least for key in exported.models)
    assert gone
    for gene, modality in gone:
        assert f"{gene} ({modality})" in exported.notes[-1]
    # some of the twelve cases lack a face
    assert all("both" not in model.patterns for model in exported.models.values())
    with pytest.raises(ResultError, match="nothing can be exported"):
        without_individuals(models, ontology=ONTOLOGY, min_individuals=least + 1)


def test_an_export_cannot_be_exported_again(exported: ModelSet, tmp_path: Path) -> None:
    with pytest.raises(ResultError, match="hold no individuals"):
        export_models(exported, tmp_path / "x", ontology=ONTOLOGY)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("value", [1, 0, 2.5, True, "5"])
def test_a_number_that_hides_nobody_is_refused(models: ModelSet, value: int, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="min_individuals must be a whole number of at least 2"):
        export_models(models, tmp_path / "x", ontology=ONTOLOGY, min_individuals=value)


def test_another_release_is_refused_by_the_option_that_there_is(models: ModelSet) -> None:
    with pytest.raises(ConfigError, match=r"are of HPO release 2000-01-01, .* give it as ontology, --ontology"):
        without_individuals(replace(models, ontology_version="2000-01-01"), ontology=ONTOLOGY)


def test_a_sample_in_which_nobody_has_terms_has_no_range_of_them(models: ModelSet) -> None:
    model = models.models["AAA", "both"]
    sample = training_sample(models, model, ONTOLOGY)
    bare = replace(sample, present=np.stack([np.zeros(len(sample.labels), bool), sample.present[1]]))
    space = ModelSpace(bare, models.weights)
    again = _Fitted(model, bare, space, None, None, 5)  # type: ignore[arg-type]
    assert _coarse_range(again) == (None, None)


def test_models_that_this_version_would_fit_otherwise_are_refused(models: ModelSet) -> None:
    model = models.models["AAA", "hpo"]
    assert model.training_scores is not None
    other = replace(models, models={("AAA", "hpo"): replace(model, training_scores=model.training_scores + 1)})
    with pytest.raises(ResultError, match="fitted again it gives other scores"):
        without_individuals(other, ontology=ONTOLOGY)


def test_an_export_is_never_mistaken_for_the_models_it_came_from(exported: ModelSet, tmp_path: Path) -> None:
    read = read_models(write_models(exported, tmp_path / "m"))
    per_person = [f.name for f in fields(next(iter(read.models.values()))) if f.name in ("rows", "groups", "is_case")]
    for model in read.models.values():
        assert all(getattr(model, name) is None for name in per_person)
        assert not model.holds_individuals
        assert len(model.reference_scores(True)) >= 1
