"""From what was found to the three tables of a result."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from phenojax import stats
from phenojax.screen.config import Modality
from phenojax.screen.gene import Found
from phenojax.screen.prepare import Prepared
from phenojax.screen.results import EXPLANATIONS_SCHEMA, PREDICTIONS_SCHEMA, TABLE_SCHEMA, Status

# Of a test, those that may not exist.
NUMBERS = (
    "auc", "auc_low", "auc_high", "auc_within", "brier", "ece",
    "p_value", "min_p", "p_tail", "p_tail_fit", "p_mmd", "power",
)  # fmt: skip


def make_tables(prepared: Prepared, found: Sequence[Found]) -> tuple[pa.Table, pa.Table, pa.Table]:
    """Results, explanations and predictions, in the order of ``found``.

    q-values are over the rows of one modality whose status is `ok`: each is a screen of its own, and what is found in
    one does not depend on whether another was asked for; and the p-value of a single group does not hold against what
    is peculiar to that group. A gene's terms are listed once, whichever of its tests looked at them.
    """
    p = np.array([f.test.p_value if f.test is not None and f.status is Status.OK else np.nan for f in found])
    q, q_any_dependence = np.full((2, len(found)), np.nan)
    for modality in Modality:
        rows = np.array([f.modality is modality for f in found], dtype=bool)
        q[rows] = stats.benjamini_hochberg(p[rows])
        q_any_dependence[rows] = stats.benjamini_yekutieli(p[rows])
    explained = {f.gene: f for f in reversed(found) if f.terms is not None}
    results = [_result_row(*row) for row in zip(found, q.tolist(), q_any_dependence.tolist(), strict=True)]
    return (
        pa.Table.from_pylist(results, schema=TABLE_SCHEMA),
        pa.concat_tables(
            [
                EXPLANATIONS_SCHEMA.empty_table(),
                *(_explanations(prepared, f) for f in found if explained.get(f.gene) is f),
            ]
        ),
        pa.concat_tables([PREDICTIONS_SCHEMA.empty_table(), *(_predictions(prepared, f) for f in found)]),
    )


def _result_row(found: Found, q_value: float, q_any_dependence: float) -> dict[str, Any]:
    row: dict[str, Any] = {
        "gene": found.gene,
        "modality": found.modality.value,
        "n_cases": found.n_cases,
        "n_groups": found.n_groups,
        "status": found.status.value,
        "note": found.note,
    }
    if found.test is None or found.plan is None:
        return row
    numbers = {name: getattr(found.test, name) for name in NUMBERS}
    numbers |= {"q_value": q_value, "q_value_by": q_any_dependence}
    return row | {
        "n_controls": int((~found.plan.labels).sum()),
        "n_permutations": found.test.n_permutations,
        "p_method": found.test.p_method.value,
        "cases_needed": found.test.cases_needed,
        **{name: None if math.isnan(value) else value for name, value in numbers.items()},
    }


def _explanations(prepared: Prepared, found: Found) -> pa.Table:
    if found.terms is None:
        return EXPLANATIONS_SCHEMA.empty_table()
    terms, (n_cases, n_controls) = found.terms, found.term_totals
    n = len(terms.term_idx)
    ids = [prepared.ontology.term_ids[t] for t in terms.term_idx]
    columns = {
        "gene": [found.gene] * n,
        "term_id": ids,
        "label": [prepared.ontology.label(i) for i in ids],
        "case_count": terms.case_count,
        "case_n": [n_cases] * n,
        "control_count": terms.control_count,
        "control_n": [n_controls] * n,
        "case_prevalence": terms.case_count / n_cases,
        "control_prevalence": terms.control_count / max(n_controls, 1),
        "odds_ratio": terms.odds_ratio,
        "odds_ratio_low": terms.odds_low,
        "odds_ratio_high": terms.odds_high,
        "p_value": terms.p_value,
        "q_value": terms.q_value,
    }
    return pa.table({f.name: pa.array(columns[f.name], f.type) for f in EXPLANATIONS_SCHEMA}, EXPLANATIONS_SCHEMA)


def _predictions(prepared: Prepared, found: Found) -> pa.Table:
    if found.test is None or found.plan is None:
        return PREDICTIONS_SCHEMA.empty_table()
    n = len(found.plan.rows)
    individuals = prepared.cohort.individuals
    column = prepared.config.group
    groups = prepared.cohort.values(column) if column is not None else (None,) * len(prepared.cohort)
    columns = {
        "gene": [found.gene] * n,
        "modality": [found.modality.value] * n,
        "id": [individuals[r].id for r in found.plan.rows],
        "is_case": found.plan.labels,
        "group": [groups[r] for r in found.plan.rows],
        "fold": found.test.folds.astype(np.int32),
        "score": found.test.scores,
        "probability": found.test.probabilities,
    }
    return pa.table({f.name: pa.array(columns[f.name], f.type) for f in PREDICTIONS_SCHEMA}, PREDICTIONS_SCHEMA)
