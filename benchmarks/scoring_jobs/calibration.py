"""How well probabilities, and their intervals, fit individuals of publications that no model has seen."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from phenojax import Cohort, ScreenResult, score, stats
from phenojax.ontology import Ontology

BINS = 10
# A gene is looked at with so many carriers, and its own curve with so many.
FEWEST, FEWEST_FOR_CURVE = 3, 25
# An interval may miss the true probability by so much: near 0 and 1 the truth is known no better.
TOLERANCE = 0.025


class Gene(NamedTuple):
    """Of one gene: AUC in the screen and of unseen publications, its groups, and arrays over the unseen individuals."""

    name: str
    auc_screen: float
    auc_unseen: float
    n_groups: int
    q_value: float
    rows: pd.DataFrame


def halves(cohort: Cohort, seed: int) -> tuple[Cohort, Cohort]:
    """Whole publications, dealt at random."""
    groups = np.array([i.group or i.id for i in cohort])
    names = np.unique(groups)
    chosen = np.random.default_rng(seed).permutation(names)[: len(names) // 2]
    first = np.isin(groups, chosen)
    return cohort.subset(np.flatnonzero(first).tolist()), cohort.subset(np.flatnonzero(~first).tolist())


def unseen(result: ScreenResult, cohort: Cohort, ontology: Ontology) -> tuple[list[Gene], pd.DataFrame]:
    """Every tested gene with carriers enough in ``cohort``, none of whom, nor their publications, was in the screen."""
    table = score(result, cohort, ontology=ontology, max_q=1.0).table.to_pandas()
    gene_of = {i.id: i.gene for i in cohort}
    table["carrier"] = table.id.astype(str).map(gene_of) == table.gene.astype(str)
    tested = {row["gene"]: row for row in result.table.to_pylist() if row["status"] == "ok"}
    found = []
    for name, rows in table[table.score.notna()].groupby("gene", observed=True):
        if name not in tested or rows.carrier.sum() < FEWEST:
            continue
        auc = stats.auc(rows.carrier.to_numpy(), rows.score.to_numpy())
        row = tested[name]
        found.append(Gene(str(name), row["auc"], auc, row["n_groups"], row["q_value"], rows))
    return found, table


def auc_lines(genes: list[Gene]) -> list[str]:
    """Screen against unseen publications, by the number of publications that the screen had."""
    lines = [
        "| publications of the gene in the screen | genes | AUC in the screen, mean | of unseen ones, mean (median) |",
        "|---|---|---|---|",
    ]
    parts = {"2": lambda g: g.n_groups == 2, "3": lambda g: g.n_groups == 3, "4 or more": lambda g: g.n_groups > 3,
             "any": lambda _: True, "any, q <= .05": lambda g: g.q_value <= 0.05}  # fmt: skip
    for name, holds in parts.items():
        mine = [gene for gene in genes if holds(gene)]
        if mine:
            screened, others = (np.array([g.auc_screen for g in mine]), np.array([g.auc_unseen for g in mine]))
            lines.append(
                f"| {name} | {len(mine)} | {screened.mean():.3f} | {others.mean():.3f} ({np.median(others):.3f}) |"
            )
    return lines


def balanced(carrier: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Weights with which carriers and others are equally frequent."""
    return np.where(carrier, 0.5 / carrier.sum(), 0.5 / (~carrier).sum())


def calibration_lines(genes: list[Gene]) -> list[str]:
    """Brier score, calibration error and the bins; genes weigh alike, in each carriers and others too."""
    spoken = [(g.rows[~g.rows.abstained], g) for g in genes]
    spoken = [(rows, g) for rows, g in spoken if rows.carrier.sum() >= 2]
    brier = np.mean([(balanced(r.carrier.to_numpy()) * (r.probability - r.carrier) ** 2).sum() for r, _ in spoken])
    weight = np.concatenate([balanced(rows.carrier.to_numpy()) for rows, _ in spoken])
    rows = pd.concat([rows for rows, _ in spoken])
    of_bin = np.minimum((rows.probability * BINS).astype(int), BINS - 1).to_numpy()
    lines, error = [], 0.0
    for k in range(BINS):
        here = of_bin == k
        if not here.any():
            continue
        share = weight[here].sum() / weight.sum()
        mean = {c: np.average(rows[c][here], weights=weight[here])
                for c in ("probability", "carrier", "probability_low", "probability_high")}  # fmt: skip
        error += share * abs(mean["probability"] - mean["carrier"])
        lines.append(
            f"| {k / BINS:.1f} to {(k + 1) / BINS:.1f} | {share:.3f} | {mean['probability']:.3f} | "
            f"{mean['carrier']:.3f} | {mean['probability_low']:.3f} to {mean['probability_high']:.3f} |"
        )
    return [
        f"Brier score {brier:.3f} (.25 for somebody who always says one half), calibration error {error:.3f}, "
        f"{len(spoken)} genes.",
        "",
        "| probability | weight | mean probability | share of carriers | mean interval |",
        "|---|---|---|---|---|",
        *lines,
    ]


def coverage(genes: list[Gene]) -> tuple[float, float, int]:
    """Share of intervals that hold the probability by the gene's own curve, their mean width, and of how many genes.

    The curve is a logistic regression of being a carrier on the score and its square, over the unseen individuals.
    """
    held, widths = [], []
    for gene in genes:
        rows = gene.rows[~gene.rows.abstained]
        carrier = rows.carrier.to_numpy()
        if carrier.sum() < FEWEST_FOR_CURVE:
            continue
        x = np.stack([rows.score, rows.score**2], axis=1)
        x = (x - x.mean(axis=0)) / x.std(axis=0)
        weight = balanced(carrier)
        curve = LogisticRegression(C=1e4, max_iter=1000).fit(x, carrier, sample_weight=weight * len(carrier))
        true = expit(logit(np.clip(curve.predict_proba(x)[:, 1], 1e-9, 1 - 1e-9)))
        inside = (true >= rows.probability_low - TOLERANCE) & (true <= rows.probability_high + TOLERANCE)
        held.append(float((weight * inside).sum()))
        widths.append(float((weight * (rows.probability_high - rows.probability_low)).sum()))
    return float(np.mean(held)), float(np.mean(widths)), len(held)
