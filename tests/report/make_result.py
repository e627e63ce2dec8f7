"""A screen result made of nothing: realistic in shape, with text that would break a careless page."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from scipy.ndimage import gaussian_filter

from phenojax.explain.face.face_map import FaceMap
from phenojax.screen.results import (
    EXPLANATIONS_SCHEMA,
    GENE_SIMILARITY_SCHEMA,
    PREDICTIONS_SCHEMA,
    TABLE_SCHEMA,
    ScreenResult,
    Status,
)

HOSTILE = "<script>alert('x')</script> & \"quoted\" </script><img src=x onerror=alert(1)>"
LABELS = (
    "Seizure",
    "Global developmental delay",
    "Intellectual disability, severe",
    "Hypotonia",
    "Hypertelorism",
    "Short stature",
    "Atrial septal defect",
    "Scoliosis",
    "Sensorineural hearing impairment",
    "Cleft palate",
    "Abnormal delivery of a surprisingly long-named phenotypic feature of the distal phalanx of the 5th finger",
)


def make_result(n_genes: int = 220, seed: int = 7) -> ScreenResult:
    """A screen of `n_genes` genes: every status, both ends of the p-value, ties at the smallest p, hostile text."""
    rng = np.random.default_rng(seed)
    rows: list[dict[str, Any]] = []
    explanations: list[dict[str, Any]] = []
    predictions: list[dict[str, Any]] = []
    for i in range(n_genes):
        gene = HOSTILE if i == 3 else f"GENE{i + 1:03d}"
        row = _gene_row(rng, gene, i)
        rows.append(row)
        if row["auc"] is None:
            continue
        predictions += _gene_predictions(rng, row)
        explanations += _gene_terms(rng, row)
    _fill_q_values(rows)
    return ScreenResult(
        table=pa.Table.from_pylist(rows, schema=TABLE_SCHEMA),
        explanations=pa.Table.from_pylist(explanations, schema=EXPLANATIONS_SCHEMA),
        predictions=pa.Table.from_pylist(predictions, schema=PREDICTIONS_SCHEMA),
        run=make_run(n_genes),
        gene_similarity=make_gene_similarity(rng, [row["gene"] for row in rows if row["n_cases"] >= 5]),
    )


def make_face_map(rng: np.random.Generator, gene: str = "any", size: int = 112) -> FaceMap:
    """Smooth, as averages are; of nobody."""
    mean = gaussian_filter(rng.normal(size=(size, size)), 5).astype(np.float32)
    face = gaussian_filter(rng.uniform(0, 255, (size, size, 3)), (5, 5, 0)).astype(np.uint8)
    n = int(rng.integers(5, 40))
    return FaceMap(gene, "both", mean, np.zeros_like(mean), face, n, "integrated-gradients", notes=("A note.",))


def make_empty_result() -> ScreenResult:
    """A screen in which no gene was listed at all."""
    return ScreenResult(
        TABLE_SCHEMA.empty_table(), EXPLANATIONS_SCHEMA.empty_table(), PREDICTIONS_SCHEMA.empty_table(), make_run(0)
    )


def make_gene_similarity(rng: np.random.Generator, genes: list[str]) -> pa.Table:
    """Genes of six kinds, those of a kind more alike; every tenth has one publication, so that its own is not known."""
    kind = rng.integers(0, 6, len(genes))
    a, b = np.triu_indices(len(genes))
    values = np.where(kind[a] == kind[b], 0.4, 0.1) * rng.uniform(0.5, 1.0, len(a))
    known = (a != b) | (a % 10 != 0)
    columns = [[genes[k] for k in a], [genes[k] for k in b], np.where(known, values, np.nan)]
    return pa.table(
        [pa.array(c, f.type, from_pandas=True) for c, f in zip(columns, GENE_SIMILARITY_SCHEMA, strict=True)],
        GENE_SIMILARITY_SCHEMA,
    )


def make_run(n_genes: int) -> dict[str, Any]:
    """The description of a run, with one unknown term and one empty individual left out."""
    return {
        "phenojax_version": "0.1.0",
        "versions": {"python": "3.11.2", "jax": "0.10.2", "numpy": "2.4.6"},
        "platform": {"system": "Linux", "device": "cpu"},
        "ontology": {
            "version": "2025-01-16",
            "source": "bundled",
            "licence": "HPO licence: free, cite the consortium, show the version, do not alter",
            "citation": "Gargano et al., Nucleic Acids Research 2024, doi 10.1093/nar/gkad1005",
        },
        "information_content": "gene",
        "classifier": {"name": "ensemble", "prototype": 1.0},
        "config": {"ic": "auto", "min_cases": 5, "group": "group", "permutations": 1000, "genes": None},
        "seed": 0,
        "timings": {"encode": 0.21, "similarity": 3.4, "screen": 21.75},
        "cohort": {"source": "/somewhere/cohort <b>one.jsonl.gz", "n_individuals": 5277, "n_genes": n_genes},
        "validation": {
            "release": "2025-01-16",
            "findings": {
                "replaced": [["p17", "HP:0001388", "HP:0001382"]],
                "obsolete": [["p3", "HP:0000057", None]],
                "unknown": [[f"patient {k}", f"HP:{9999999 - k % 60}", None] for k in range(120)],
                "empty": [[HOSTILE, "", None]],
                "duplicates": [],
            },
        },
        "left_out": ["69 individuals have no gene", HOSTILE],
        "notes": ["Controls were matched on the number of terms."],
    }


def _gene_row(rng: np.random.Generator, gene: str, i: int) -> dict[str, Any]:
    n_cases = int(np.clip(rng.lognormal(2.3, 0.9), 2, 180))
    row: dict[str, Any] = dict.fromkeys(TABLE_SCHEMA.names)
    row.update(gene=gene, modality="hpo", n_cases=n_cases, n_controls=0, n_groups=int(rng.integers(1, 9)), note="")
    if i % 29 == 5:
        row.update(status="failed", note=f"the fit did not converge {HOSTILE}")
        return row
    if n_cases < 5:
        row.update(status="too_few_cases", note=f"{n_cases} cases; at least 5 are needed")
        return row
    real = rng.random() < 0.7
    auc = float(np.clip(rng.normal(0.96 if real else 0.5, 0.04 if real else 0.11), 0.2, 1.0))
    half = 0.9 / np.sqrt(n_cases) * (0.25 + (1 - auc))
    min_p = 1 / 1001
    p_value = min_p if auc > 0.85 else float(np.clip(rng.random() if not real else 0.01, min_p, 1))
    row.update(
        n_controls=n_cases * 4,
        auc=auc,
        auc_low=max(0.0, auc - half),
        auc_high=min(1.0, auc + half),
        auc_within=float(np.clip(auc - 0.01, 0, 1)),
        brier=float(0.05 + (1 - auc) * 0.3),
        ece=0.1,
        p_value=p_value,
        min_p=min_p,
        p_method="draws",
        n_permutations=1000,
        p_mmd=p_value,
        power=0.8,
        cases_needed=n_cases,
        status="single_group" if row["n_groups"] == 1 else "ok",
        note="all cases come from one publication" if row["n_groups"] == 1 else "",
    )
    return row


def _gene_predictions(rng: np.random.Generator, row: dict[str, Any]) -> list[dict[str, Any]]:
    shift = 4 * (row["auc"] - 0.5)
    made = []
    for k in range(row["n_cases"] + row["n_controls"]):
        is_case = k < row["n_cases"]
        score = rng.normal(shift if is_case else -shift)
        made.append(
            {
                "gene": row["gene"],
                "modality": "hpo",
                "id": f"{row['gene']} individual {k}",
                "is_case": is_case,
                "group": f"PMID:{k % row['n_groups']}"
                if row["gene"] != HOSTILE
                else f"{HOSTILE} {k % row['n_groups']}",
                "fold": k % 5,
                "score": float(score),
                "probability": float(1 / (1 + np.exp(-score))),
            }
        )
    return made


def _gene_terms(rng: np.random.Generator, row: dict[str, Any]) -> list[dict[str, Any]]:
    made = []
    for k, label in enumerate(LABELS):
        case_n, control_n = row["n_cases"], row["n_controls"]
        case_count = int(rng.binomial(case_n, 0.9 / (k + 1)))
        control_count = int(rng.binomial(control_n, 0.12))
        made.append(
            {
                "gene": row["gene"],
                "term_id": f"HP:{1000 + k:07d}",
                "label": HOSTILE if k == 2 else label,
                "case_count": case_count,
                "case_n": case_n,
                "control_count": control_count,
                "control_n": control_n,
                "case_prevalence": case_count / case_n,
                "control_prevalence": control_count / control_n,
                "odds_ratio": float("inf") if control_count == 0 else 1.0 + 20.0 / (k + 1),
                "p_value": 10.0 ** -(8 - k),
                "q_value": min(1.0, 10.0 ** -(7 - k)),
            }
        )
    return made


def _fill_q_values(rows: list[dict[str, Any]]) -> None:
    """Over the tests across groups, as a screen does."""
    tested = sorted((row for row in rows if row["status"] == Status.OK), key=lambda row: row["p_value"])
    smallest = 1.0
    for rank in range(len(tested), 0, -1):
        smallest = min(smallest, tested[rank - 1]["p_value"] * len(tested) / rank)
        tested[rank - 1]["q_value"] = smallest
    harmonic = sum(1 / rank for rank in range(1, len(tested) + 1))
    for row in tested:
        row["q_value_by"] = min(1.0, row["q_value"] * harmonic)
