"""When a model says nothing of an individual, and why.

A probability that should not be believed is not given. What speaks against it is a fact of the model (it was not shown
to work), of the individual (nothing to look at, or unlike everybody that was learnt from) or of both (the individual is
one of those that the model learnt from).
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from phenojax.models.gene_model import GeneModel

# A closure may weigh so many times more, or less, than any of the model's own individuals.
SLACK = 3.0


class Reason(StrEnum):
    """Why there is no probability; where several hold, the first of them in this order.

    Attributes:
        NOTHING_TO_LOOK_AT: the individual has no term and no face that the model looks at.
        TOO_FEW_CASES: the gene was not tested, or its model rests on fewer cases than asked for.
        NO_MODEL: the test of the gene failed, or its classifier leaves no model.
        SINGLE_GROUP: all cases, or controls, come from one group, and the model may know that group and nothing else.
        NOT_SIGNIFICANT: the carriers were not shown to share a phenotype.
        LEARNT_FROM: the individual, by id, terms and face, is one of those whom the model was fitted on.
        OUT_OF_DISTRIBUTION: unlike those whom the models were fitted on; the note says in what.
    """

    NOTHING_TO_LOOK_AT = "nothing_to_look_at"
    TOO_FEW_CASES = "too_few_cases"
    NO_MODEL = "no_model"
    SINGLE_GROUP = "single_group"
    NOT_SIGNIFICANT = "not_significant"
    LEARNT_FROM = "learnt_from"
    OUT_OF_DISTRIBUTION = "out_of_distribution"


class Note(StrEnum):
    """What else a reader of a row should know."""

    OWN_GROUP = "individuals of the same group are among those the model learnt from"
    NAMESAKE = "same id as an individual that the model learnt from, but other terms or another face: scored as new"
    WITHOUT_OWN_GROUP = (
        "learnt from: the score is that from the others, the own group left out; its parts and terms are not told"
    )
    LITTLE = "less is observed than in those learnt from"
    MUCH = "more is observed than in those learnt from"
    STRANGE = "too much is observed that those learnt from never show"


REASONS, NOTES = tuple(Reason), tuple(Note)
NONE = -1


def reason_of_model(model: GeneModel, min_cases: int, max_q: float) -> Reason | None:
    """Why a model says nothing of anybody; None where it may speak."""
    facts = model.facts
    if facts.n_cases < min_cases:
        return Reason.TOO_FEW_CASES
    if facts.status == "single_group":
        return Reason.SINGLE_GROUP
    if facts.q_value is None or not facts.q_value <= max_q:
        return Reason.NOT_SIGNIFICANT
    return None


def reason_of_status(status: str) -> Reason:
    """Of a gene in the results that has no model."""
    return Reason.TOO_FEW_CASES if status == "too_few_cases" else Reason.NO_MODEL


def outside_range(weight: NDArray[np.float64], model: GeneModel) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whose closures weigh less, and whose more, than a model's own individuals': bool ``(n,)`` each."""
    low, high = model.facts.closure_weight_low, model.facts.closure_weight_high
    if low is None or high is None:
        return np.zeros(len(weight), bool), np.zeros(len(weight), bool)
    return weight < low / SLACK, weight > high * SLACK
