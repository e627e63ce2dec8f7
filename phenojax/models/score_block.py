"""All models for some individuals: scores, probabilities, percentiles, and who is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phenojax.models.abstain import NONE, NOTES, REASONS, Note, Reason, outside_range
from phenojax.models.gene_model import FACE, HPO, GeneModel
from phenojax.models.interval import percentiles, probability_interval
from phenojax.models.linear_scores import Evaluated, Functions, evaluate, stack_functions
from phenojax.models.model_set import ModelSet
from phenojax.models.new_individuals import PATTERN_OF_KIND, NewIndividuals, group_numbers
from phenojax.models.score_config import ScoreConfig

Floats = NDArray[np.float64]
# Scores and probabilities are rounded to so many digits.
DIGITS = 6


class Target(NamedTuple):
    """What an individual is scored by: one gene by one modality.

    Attributes:
        gene: as in the results.
        modality: ``hpo``, ``face`` or ``both``.
        model: None where the gene has none.
        reason: why nobody is scored by it; None where it may speak.
    """

    gene: str
    modality: str
    model: GeneModel | None
    reason: Reason | None


class Block(NamedTuple):
    """Of n individuals by m targets, ``(n, m)`` each: float64, NaN where there is none; int8 codes, -1 for none."""

    probability: Floats
    probability_low: Floats
    probability_high: Floats
    score: Floats
    hpo_score: Floats
    face_score: Floats
    percentile_cases: Floats
    percentile_controls: Floats
    reason: NDArray[np.int8]
    note: NDArray[np.int8]


class Stacked(NamedTuple):
    """Everything about m targets that does not depend on the individual.

    Attributes:
        targets: of each column.
        functions: by who has what (see `NewIndividuals.kinds`): which targets score them, and how.
        slope: float64 ``(m,)``; 0 where there is no model.
        offset: the same.
        covariance: float64 ``(m, 2, 2)``.
        cases: ascending training scores, or quantiles, of each.
        controls: the same.
        place: int32 ``(individuals of the models, m)``; where one stands among those a model learnt from, or -1.
        training: float64; the training scores of all models, one after the other.
        start: int64 ``(m,)``; where those of a model begin.
        knows_group: bool ``(groups + 1, m)``; whether a model learnt from members of a group; the last row, which -1
            reads, is False.
    """

    targets: Sequence[Target]
    functions: Mapping[int, tuple[NDArray[np.int64], Functions]]
    slope: Floats
    offset: Floats
    covariance: Floats
    cases: Sequence[Floats]
    controls: Sequence[Floats]
    place: NDArray[np.int32]
    training: Floats
    start: NDArray[np.int64]
    knows_group: NDArray[np.bool_]


def stack(models: ModelSet, targets: Sequence[Target], kinds: Sequence[int]) -> Stacked:
    """Lay the models of the targets side by side, for individuals of these kinds."""
    functions = {}
    for kind in kinds:
        scored = [
            (place, target.model.patterns[name])
            for place, target in enumerate(targets)
            if target.model is not None
            and (name := PATTERN_OF_KIND[target.modality].get(kind)) is not None
            and name in target.model.patterns
        ]
        if scored:
            places = np.array([place for place, _ in scored], dtype=np.int64)
            functions[kind] = places, stack_functions([pattern for _, pattern in scored], len(models.weights))
    m = len(targets)
    slope, offset, covariance = np.zeros(m), np.zeros(m), np.zeros((m, 2, 2))
    cases, controls = [np.zeros(0)] * m, [np.zeros(0)] * m
    for column, (*_, model, _) in enumerate(targets):
        if model is not None:
            slope[column], offset[column], covariance[column] = model.slope, model.offset, model.covariance
            # rounded like the scores that are placed among them, so that ties stay ties
            cases[column], controls[column] = (model.reference_scores(which).round(DIGITS) for which in (True, False))
    place, knows_group = _who_is_known(models, targets)
    training = [_training(target.model) for target in targets]
    start = np.cumsum([0, *(len(scores) for scores in training)])[:-1]
    flat = np.concatenate([np.zeros(0), *training])
    return Stacked(targets, functions, slope, offset, covariance, cases, controls, place, flat, start, knows_group)


def _training(model: GeneModel | None) -> Floats:
    return np.zeros(0) if model is None or model.training_scores is None else model.training_scores


def _who_is_known(models: ModelSet, targets: Sequence[Target]) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    individuals, numbers = models.individuals, group_numbers(models)
    n = 0 if individuals is None else len(individuals.ids)
    place = np.full((n, len(targets)), -1, dtype=np.int32)
    groups = () if individuals is None else individuals.groups
    number_of = np.array([numbers.get(group or "", -1) for group in groups], dtype=np.int64)
    knows_group = np.zeros((len(numbers) + 1, len(targets)), dtype=bool)
    for column, (*_, model, _) in enumerate(targets):
        if model is not None and model.rows is not None and n:
            place[model.rows, column] = np.arange(len(model.rows))
            if len(number_of):
                knows_group[number_of[model.rows], column] = True
    knows_group[-1] = False
    return place, knows_group


def score_block(stacked: Stacked, individuals: NewIndividuals, rows: NDArray[np.int64], config: ScoreConfig) -> Block:
    """Score the individuals at ``rows`` by every target."""
    score, hpo, face, variance = np.full((4, len(rows), len(stacked.targets)), np.nan)
    for kind, (places, functions) in stacked.functions.items():
        here = np.flatnonzero(individuals.kinds[rows] == kind)
        if len(here) == 0:
            continue
        of_kind, where = rows[here], np.ix_(here, places)
        found = evaluate(
            functions,
            individuals.closures.take(of_kind) if kind & 1 else None,
            individuals.weight[of_kind],
            individuals.faces[of_kind] if kind & 2 and individuals.faces is not None else None,
        )
        score[where], variance[where] = found.score, found.variance
        if kind & 1:
            hpo[where] = found.hpo
        if kind & 2:
            face[where] = found.face
    hpo[:, [target.modality == FACE for target in stacked.targets]] = np.nan
    face[:, [target.modality == HPO for target in stacked.targets]] = np.nan
    place = _places(stacked, individuals.learnt_from[rows])
    known = place >= 0
    for part in (score, hpo, face, variance):
        part[known] = np.nan
    if config.training_scores:
        score[known], variance[known] = stacked.training[(stacked.start + place)[known]], 0.0
    reason, note = _refusals(stacked, individuals, rows, known, np.isnan(score), config)
    return _calibrated(stacked, Evaluated(score, hpo, face, variance), place, reason, note, config.level)


def _places(stacked: Stacked, row: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where the models' individuals at ``row`` ``(n,)`` stand among those each was fitted on, ``(n, m)``, or -1."""
    place = np.full((len(row), len(stacked.targets)), -1, dtype=np.int64)
    place[row >= 0] = stacked.place[row[row >= 0]]
    return place


def _refusals(
    stacked: Stacked,
    individuals: NewIndividuals,
    rows: NDArray[np.int64],
    known: NDArray[np.bool_],
    unscored: NDArray[np.bool_],
    config: ScoreConfig,
) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Codes of reasons and notes, written from the last in their order to the first, which stays."""
    reason, note = np.full((2, *known.shape), NONE, dtype=np.int8)
    note[stacked.knows_group[individuals.groups[rows]] & ~known] = NOTES.index(Note.OWN_GROUP)
    note[_places(stacked, individuals.namesake[rows]) >= 0] = NOTES.index(Note.NAMESAKE)
    described = individuals.kinds[rows] % 2 == 1
    for column, (_, modality, model, refused) in enumerate(stacked.targets):
        if model is not None and modality != FACE:
            low, high = outside_range(individuals.weight[rows], model)
            for outside, why in (
                (individuals.strange[rows], Note.STRANGE),
                (high | individuals.much[rows], Note.MUCH),
                (low | individuals.little[rows], Note.LITTLE),
            ):
                here = outside & described & ~known[:, column]
                reason[here, column], note[here, column] = REASONS.index(Reason.OUT_OF_DISTRIBUTION), NOTES.index(why)
        if config.training_scores:
            note[known[:, column], column] = NOTES.index(Note.WITHOUT_OWN_GROUP)
            reason[known[:, column] & unscored[:, column], column] = REASONS.index(Reason.LEARNT_FROM)
        else:
            reason[known[:, column], column] = REASONS.index(Reason.LEARNT_FROM)
        if refused is not None:
            reason[:, column] = REASONS.index(refused)
        if model is not None:
            nothing = unscored[:, column] & ~known[:, column]
            reason[nothing, column], note[nothing, column] = REASONS.index(Reason.NOTHING_TO_LOOK_AT), NONE
    return reason, note


def _calibrated(
    stacked: Stacked,
    found: Evaluated,
    place: NDArray[np.int64],
    reason: NDArray[np.int8],
    note: NDArray[np.int8],
    level: float,
) -> Block:
    """Probabilities and percentiles of who is not refused, among the others; scores of everybody who has one."""
    score = np.round(found.score, DIGITS)
    spoken = np.where(reason == NONE, score, np.nan)
    sure = probability_interval(spoken, found.variance, stacked.slope, stacked.offset, stacked.covariance, level)
    of_cases, of_controls = np.full((2, *score.shape), np.nan)
    for column, (*_, model, refused) in enumerate(stacked.targets):
        if model is None or refused is not None:
            continue
        here = np.flatnonzero(reason[:, column] == NONE)
        own = place[here, column]
        for out, reference, cases in (
            (of_cases, stacked.cases[column], True),
            (of_controls, stacked.controls[column], False),
        ):
            is_own = None if model.is_case is None else (own >= 0) & (model.is_case[own] == cases)
            out[here, column] = percentiles(
                score[here, column], reference, are_quantiles=model.training_scores is None, is_own=is_own
            )
    hpo, face = np.round(found.hpo, DIGITS), np.round(found.face, DIGITS)
    probability, low, high = (np.round(values, DIGITS) for values in sure)
    return Block(probability, low, high, score, hpo, face, of_cases.round(2), of_controls.round(2), reason, note)
