"""One model with the rare terms left out, and what each training individual then scores without its group."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from phenojax.fusion import Classifier, FittedSample, fit_calibration, score_unit
from phenojax.models.familiarity import outward
from phenojax.models.fit import PATTERNS, ModelSpace, TrainingSample
from phenojax.models.fold_terms import Reduction, reduce_terms
from phenojax.models.gene_model import ExportCost, GeneModel, Jackknife, Pattern
from phenojax.models.model_set import ModelSet
from phenojax.models.refit import refit, training_sample
from phenojax.ontology import Ontology
from phenojax.stats import auc

DROPPED, FOLDED = "dropped", "folded"
# What a term is worth, and how much scores may be off, are told to so many significant digits.
DIGITS = 3

Floats = NDArray[np.float64]


class BothWays(NamedTuple):
    """A model without individuals, by both ways of leaving rare terms out.

    Attributes:
        aucs: of training individuals, each without its group: whole, dropped, folded.
        dropped: without patterns where too few individuals have the modalities of any.
        folded: the same.
    """

    aucs: tuple[float, float, float]
    dropped: GeneModel
    folded: GeneModel


class _Fitted(NamedTuple):
    """A model fitted again. ``reduction`` is None where terms are not looked at."""

    model: GeneModel
    sample: TrainingSample
    space: ModelSpace
    reduction: Reduction | None
    fitted: FittedSample
    least: int


def reduce_model(models: ModelSet, model: GeneModel, ontology: Ontology, min_individuals: int) -> BothWays:
    """Fit a model again and take everything out of it that is of fewer than so many individuals.

    Args:
        models: with individuals.
        model: one of them.
        ontology: their release.
        min_individuals: see `export_models`.

    Raises:
        ResultError: the models hold no individuals, or the fit is not that which was saved.
    """
    sample = training_sample(models, model, ontology)
    space = ModelSpace(sample, models.weights)
    reduction = None if space.terms is None else reduce_terms(space.terms, ontology, min_individuals)
    again = _Fitted(model, sample, space, reduction, refit(models, model, sample), min_individuals)
    scores = {how: _scores(again, how) for how in (DROPPED, FOLDED)}
    whole = again.fitted.training
    known = ~np.isnan(whole)
    aucs = [auc(sample.labels[known], found[known]) for found in (whole, *scores.values())]
    classifier = Classifier(models.config["classifier"])
    dropped, folded = (
        _exported(again, how, scores[how], classifier, (aucs[0], value))
        for how, value in zip((DROPPED, FOLDED), aucs[1:], strict=True)
    )
    return BothWays((aucs[0], aucs[1], aucs[2]), dropped, folded)


def _map(reduction: Reduction, how: str) -> csr_matrix:
    return reduction.folded if how == FOLDED else reduction.dropped


def _scores(again: _Fitted, how: str) -> Floats:
    """What each training individual scores by the fit without its group, terms reduced; NaN where that has none."""
    _, sample, space, reduction, fitted, _ = again
    if reduction is None or space.terms is None:
        return fitted.training
    out = np.full(len(sample.labels), np.nan)
    for key in PATTERNS[again.model.modality]:
        mine = np.flatnonzero((sample.present == np.array(key)[:, None]).all(axis=0))
        without = fitted.without[key]
        order = np.argsort(without.groups)
        which = order[np.searchsorted(without.groups[order], sample.groups[mine])]
        coefficients = without.coefficients[which]
        out[mine] = without.intercepts[which]
        if key[0]:
            values = (_map(reduction, how).T @ space.terms.collapse(coefficients[:, 0]).T).T
            out[mine] += np.asarray(space.terms.rows[mine][:, reduction.places].multiply(values).sum(axis=1)).ravel()
        if key[-1] and sample.faces is not None:
            out[mine] += np.einsum("in,in->i", coefficients[:, -1], sample.kernels[-1][mine])
    return np.where(np.isnan(fitted.training), np.nan, out)


def _exported(again: _Fitted, how: str, scores: Floats, classifier: Classifier, aucs: tuple[float, float]) -> GeneModel:
    model, sample, least = again.model, again.sample, again.least
    unit = score_unit(classifier, model.facts.n_groups_used)
    calibration = fit_calibration(scores[None], sample.labels, sample.groups, unit)
    patterns = {}
    for key, name in PATTERNS[model.modality].items():
        has = sample.present[list(key)].all(axis=0)
        if min((has & sample.labels).sum(), (has & ~sample.labels).sum()) >= least:
            patterns[name] = _pattern(again, model.patterns[name], key, how)
    n_terms = 0 if again.space.terms is None else len(again.space.terms.term_idx)
    n_kept = 0 if again.reduction is None else len(again.reduction.term_idx)
    low, high = _coarse_range(again)
    return replace(
        model,
        patterns=patterns,
        slope=float(calibration.slopes[0]),
        offset=float(calibration.offsets[0]),
        covariance=calibration.covariances[0],
        training_scores=None,
        is_case=None,
        groups=None,
        rows=None,
        # a note may name a group, such as a family
        facts=replace(model.facts, note="", closure_weight_low=low, closure_weight_high=high),
        case_quantiles=_means_of_equal_parts(scores[sample.labels], least),
        control_quantiles=_means_of_equal_parts(scores[~sample.labels], least),
        export_cost=ExportCost(*aucs, n_terms_whole=n_terms, n_terms_export=n_kept),
    )


def _pattern(again: _Fitted, pattern: Pattern, key: tuple[bool, ...], how: str) -> Pattern:
    """A pattern over the kept terms, with one number for how much its scores may be off."""
    sample, terms, reduction = again.sample, again.space.terms, again.reduction
    jackknife = _mean_jackknife(pattern, again, key)
    if terms is None or reduction is None or not key[0]:
        return replace(pattern, jackknife=jackknife)
    values = coarse(np.asarray(_map(reduction, how).T @ pattern.term_values))
    # the average individual's part stays 0
    has = sample.present[0]
    parts = (terms.rows[:, reduction.places] @ values)[has]
    groups = sample.groups[has]
    base = -float(np.average(parts, weights=1.0 / np.bincount(groups)[groups]))
    return replace(pattern, term_idx=reduction.term_idx, term_values=values, hpo_base=base, jackknife=jackknife)


def _mean_jackknife(pattern: Pattern, again: _Fitted, key: tuple[bool, ...]) -> Jackknife | None:
    """A constant row: the mean variance over the training individuals who have the modalities of the pattern."""
    rows, sample, terms = pattern.jackknife, again.sample, again.space.terms
    has = sample.present[list(key)].all(axis=0)
    if rows is None or not has.any():
        return None
    moved = np.tile(rows.intercepts.astype(np.float64), (int(has.sum()), 1))
    if key[0] and terms is not None:
        moved += terms.rows[has] @ rows.terms.T.astype(np.float64)
    if rows.faces is not None and sample.faces is not None:
        moved += sample.faces[has].astype(np.float64) @ rows.faces.T
    spread = np.float32(coarse(np.sqrt((moved**2).sum(axis=1).mean(keepdims=True)))[0])
    n_kept = 0 if again.reduction is None or not key[0] else len(again.reduction.term_idx)
    faces = None if rows.faces is None else np.zeros((1, rows.faces.shape[1]), np.float32)
    return Jackknife(np.array([spread]), np.zeros((1, n_kept), np.float32), faces)


def coarse(values: Floats) -> Floats:
    """Numbers ``(n,)`` to `DIGITS` significant digits."""
    return np.array([float(f"{value:.{DIGITS - 1}e}") for value in values.tolist()], dtype=np.float64)


def _coarse_range(again: _Fitted) -> tuple[float | None, float | None]:
    """The mean closure weight of the `min_individuals` that have least, and that of those with most, outward."""
    terms = again.space.terms
    weights = np.zeros(0) if terms is None else np.sort(terms.closure_weight[again.sample.present[0]])
    if len(weights) < again.least:
        return None, None
    low, high = float(weights[: again.least].mean()), float(weights[-again.least :].mean())
    return outward(low, up=False), outward(high, up=True)


def _means_of_equal_parts(scores: Floats, least: int) -> Floats:
    """Means of the parts of the sorted scores, as equal as can be, of at least ``least`` individuals each."""
    known = np.sort(scores[~np.isnan(scores)])
    if len(known) < least:
        return np.zeros(0)
    return np.array([part.mean() for part in np.array_split(known, len(known) // least)])
