"""Which of an individual's terms carry a score, for every row of a table of scores that speaks."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from phenojax.explain import term_contributions
from phenojax.models.model_set import ModelSet
from phenojax.models.new_individuals import PATTERN_OF_KIND, NewIndividuals
from phenojax.ontology import Ontology

TERMS_SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("gene", pa.string()),
        ("modality", pa.string()),
        ("term_id", pa.string()),
        ("label", pa.string()),
        ("contribution", pa.float64()),
        ("standard_error", pa.float64()),
        ("leave_one_out", pa.float64()),
    ]
)
DIGITS = 6


def explain_scores(
    scores: pa.Table, models: ModelSet, individuals: NewIndividuals, ontology: Ontology, threads: int
) -> pa.Table:
    """Share the part of the terms in each score among them (`term_contributions`).

    Args:
        scores: `SCORES_SCHEMA`; rows that abstain, or whose score does not come from terms, have none here.
        models: that gave the scores.
        individuals: that were scored.
        ontology: of the models.
        threads: for the core; the numbers do not depend on it.

    Returns:
        `TERMS_SCHEMA`; models in the order of their first row, in each the individuals in theirs, and of each the term
        that adds most first. The contributions of an individual add up to ``hpo_score``: no terms count as the average
        individual of the sample.
    """
    spoken = scores.filter(pc.and_(pc.is_valid(scores["probability"]), pc.is_valid(scores["hpo_score"])))
    row_of = {id_: row for row, id_ in enumerate(individuals.ids)}
    rows_of: dict[tuple[str, str, str], list[int]] = {}
    for id_, gene, modality in zip(*(spoken[name].to_pylist() for name in ("id", "gene", "modality")), strict=True):
        kind = int(individuals.kinds[row_of[id_]])
        rows_of.setdefault((gene, modality, PATTERN_OF_KIND[modality][kind]), []).append(row_of[id_])
    parts = [TERMS_SCHEMA.empty_table()]
    for (gene, modality, name), rows in rows_of.items():
        parts.append(_of_model(models, (gene, modality), name, rows, individuals, ontology, threads))
    return pa.concat_tables(parts)


def _of_model(
    models: ModelSet,
    key: tuple[str, str],
    name: str,
    rows: list[int],
    individuals: NewIndividuals,
    ontology: Ontology,
    threads: int,
) -> pa.Table:
    pattern = models.models[key].patterns[name]
    values = np.zeros(len(models.weights))
    values[pattern.term_idx] = pattern.term_values
    found = term_contributions(
        ontology, models.weights, values, individuals.observed.take(rows), empty=-pattern.hpo_base, threads=threads
    )
    of_row = np.repeat(np.arange(len(rows)), np.diff(found.offsets))
    order = np.lexsort((-found.shapley, of_row))
    ids = [ontology.term_ids[term] for term in found.term_idx[order].tolist()]
    columns = {
        "id": [individuals.ids[rows[r]] for r in of_row[order].tolist()],
        "gene": [key[0]] * len(ids),
        "modality": [key[1]] * len(ids),
        "term_id": ids,
        "label": [ontology.label(term) for term in ids],
        "contribution": found.shapley[order].round(DIGITS),
        "standard_error": found.standard_error[order].round(DIGITS),
        "leave_one_out": found.leave_one_out[order].round(DIGITS),
    }
    return pa.table(columns, TERMS_SCHEMA)
