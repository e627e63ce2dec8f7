"""phenojax's ensemble and PhenoScore's procedure on the same simulated sets: terms, faces and both, n = 16 .. 100.

Usage: python benchmarks/against_phenoscore.py [--sets 36] [--sizes 16 32 64 100] [--out FILE.md]

Half of a set are carriers of one simulated gene, the others are carriers of 39 further genes; nobody is grouped, so
that the procedure, which knows no publications, is not handicapped. Every gene has a phenotype (`phenojax.simulate`;
everybody loses a part of the terms to terms of anybody else) and a direction in the space of embeddings, both of random
strength; some have no facial signal and some none in terms. An embedding (128 or 512 wide, at unit length) is the
person's own, with a falling spectrum, plus its gene's direction times how strongly the person shows it.

The procedure is read in two ways (phenojax/fusion/phenoscore.py): the mean similarities to cases and controls stand
as they are beside the standardised embedding, or are standardised too ("standardised"). It sees the cases first or
("shuffled") the rows in random order, which its folds depend on. phenojax leaves one out, and is also given five folds
dealt at random ("5 folds"). Classes are of one size, so that its balanced Brier score is the plain one.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import json
import platform
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phenojax import Cohort, fusion, load_ontology, stats
from phenojax.cohort.encode import encode
from phenojax.cohort.simulation import SimulationConfig, simulate
from phenojax.fusion.classifier import Classifier
from phenojax.fusion.phenoscore import phenoscore_features
from phenojax.fusion.platt_svm import stratified_folds, svm_probabilities
from phenojax.screen.scorers import KernelScorer
from phenojax.similarity import closure_kernel, conditional_ic, information_content, set_similarity

N_GENES, GENE_SIZE = 40, 55
WIDTHS = (128, 512)
NO_SIGNAL = 0.2
TERMS_KEPT = (0.15, 1.0)
FACE_STRENGTH = (0.1, 0.8)
# Variances of the embedding's axes fall as rank ** -DECAY: an effective dimension of 83 of 128, 270 of 512.
DECAY = 0.5
EXPRESSIVITY_CV2 = 0.25
MODALITIES = ("hpo", "face", "both")
BAR = 0.015


class SimulatedSet(NamedTuple):
    """One set, cases first; n individuals.

    Attributes:
        labels: bool ``(n,)``.
        closure: float32 ``(n, n)``; phenojax's kernel of terms.
        similarity: float32 ``(n, n)``; best-match average of Resnik's measure, the procedure's.
        embeddings: float32 ``(n, d)``, of unit length.
        kept: share of the terms that are the individuals' own; 0 where the cases have no phenotype.
        strength: of the gene's direction, in units of a person's own vector.
    """

    labels: NDArray[np.bool_]
    closure: NDArray[np.float32]
    similarity: NDArray[np.float32]
    embeddings: NDArray[np.float32]
    kept: float
    strength: float


class Simulation:
    """One cohort of `N_GENES` genes, of which sets are drawn."""

    def __init__(self, seed: int = 0) -> None:
        self.ontology = load_ontology()
        config = SimulationConfig(n_genes=N_GENES, min_size=GENE_SIZE, max_size=GENE_SIZE)
        self.cohort = simulate(self.ontology, config, seed=seed)
        self.genes = np.unique(np.array(self.cohort.values("gene")), return_inverse=True)[1]
        self.weights = conditional_ic(self.ontology, information_content(self.ontology, "gene"))
        self.ic = information_content(self.ontology, "phenopy")

    def draw(self, n: int, k: int) -> SimulatedSet:
        rng = np.random.default_rng([n, k])
        gene = int(rng.integers(N_GENES))
        rows = np.concatenate(
            [
                rng.choice(np.flatnonzero(self.genes == gene), n // 2, replace=False),
                rng.choice(np.flatnonzero(self.genes != gene), n - n // 2, replace=False),
            ]
        )
        lacks = rng.random()
        kept = 0.0 if lacks < NO_SIGNAL else float(rng.uniform(*TERMS_KEPT))
        strength = 0.0 if lacks > 1 - NO_SIGNAL else float(rng.uniform(*FACE_STRENGTH))
        observed = encode(self._with_terms_lost(rng, rows, kept), self.ontology).observed
        return SimulatedSet(
            np.arange(n) < n // 2,
            closure_kernel(self.ontology, self.weights, observed, threads=1),
            set_similarity(self.ontology, self.ic, observed, combine="bma", threads=1),
            self._embeddings(rng, self.genes[rows], gene, strength, WIDTHS[k % len(WIDTHS)]),
            kept,
            strength,
        )

    def _with_terms_lost(self, rng: np.random.Generator, rows: NDArray[np.int64], kept: float) -> Cohort:
        """Cases and controls alike keep a term with probability ``kept``; the others become anybody's."""
        everybody = self.cohort.individuals
        individuals = []
        for row in rows:
            terms = [
                term if rng.random() < kept else str(rng.choice(everybody[rng.integers(len(everybody))].observed))
                for term in everybody[row].observed
            ]
            individuals.append(dataclasses.replace(everybody[row], observed=tuple(dict.fromkeys(terms)), excluded=()))
        return Cohort(tuple(individuals), "simulated")

    def _embeddings(
        self, rng: np.random.Generator, genes: NDArray[np.int64], gene: int, strength: float, d: int
    ) -> NDArray[np.float32]:
        spectrum = np.arange(1, d + 1) ** -DECAY
        scale = np.sqrt(spectrum / spectrum.sum())
        directions = rng.normal(size=(N_GENES, d)) * scale
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        strengths = np.where(rng.random(N_GENES) < NO_SIGNAL, 0.0, rng.uniform(*FACE_STRENGTH, N_GENES))
        strengths[gene] = strength
        shown = strengths[genes] * rng.gamma(1 / EXPRESSIVITY_CV2, EXPRESSIVITY_CV2, len(genes))
        anybody = rng.normal(size=d) * scale
        faces = anybody + rng.normal(size=(len(genes), d)) * scale + shown[:, None] * directions[genes]
        return (faces / np.linalg.norm(faces, axis=1, keepdims=True)).astype(np.float32)


def ours(drawn: SimulatedSet, modality: str, most_folds: int = stats.LEAVE_ONE_GROUP_OUT) -> NDArray[np.float64]:
    """Scores and probabilities ``(2, n)`` of the ensemble, as `phenojax.screen` has them where nobody is matched."""
    faces = drawn.embeddings.astype(np.float64)
    cosines = (faces @ faces.T).astype(np.float32)
    np.fill_diagonal(cosines, 1.0)
    kernels = np.stack({"hpo": [drawn.closure], "face": [cosines], "both": [drawn.closure, cosines]}[modality])
    present = np.ones(kernels.shape[:2], dtype=bool)
    design = stats.make_design(drawn.labels)
    folds = stats.deal_folds(stats.stream(0, "folds"), design, min(5, most_folds), most_folds)
    found = KernelScorer(kernels, present, design, folds, Classifier.ENSEMBLE).observed()
    return np.stack([found.scores, found.probabilities])


def theirs(
    drawn: SimulatedSet, modality: str, *, standardised: bool = False, shuffled: bool = False
) -> NDArray[np.float64]:
    """Probabilities of PhenoScore's procedure, twice, ``(2, n)``."""
    n = len(drawn.labels)
    order = np.random.default_rng(n).permutation(n) if shuffled else np.arange(n)
    labels = drawn.labels[order]
    similarity = None if modality == "face" else drawn.similarity[np.ix_(order, order)]
    embeddings = None if modality == "hpo" else drawn.embeddings[order]
    if standardised:
        found = standardised_probabilities(similarity, labels, embeddings)
    else:
        found = fusion.phenoscore_probabilities(similarity, labels, embeddings)
    out = np.empty(n)
    out[order] = found
    return np.stack([out, out])


def standardised_probabilities(
    similarity: NDArray[np.floating] | None, labels: NDArray[np.bool_], embeddings: NDArray[np.floating] | None
) -> NDArray[np.float64]:
    """The same procedure, every feature standardised on the training individuals; at least ten individuals."""
    folds = stratified_folds(labels)
    found = np.zeros(len(labels))
    for k in np.unique(folds):
        train = folds != k
        x = phenoscore_features(similarity, labels, embeddings, train)
        spread = x[train].std(axis=0)
        x = (x - x[train].mean(axis=0)) / np.where(spread > 0, spread, 1.0)
        found[~train] = svm_probabilities(x[train], labels[train], x[~train])
    return found


def measure(labels: NDArray[np.bool_], found: NDArray[np.float64]) -> tuple[float, float]:
    """Brier score and AUC."""
    return stats.balanced_brier(labels, found[1]), stats.auc(labels, found[0])


METHODS = {
    "phenojax": ours,
    "phenojax, 5 folds": lambda drawn, modality: ours(drawn, modality, 5),
    "procedure": theirs,
    "procedure, shuffled": lambda drawn, modality: theirs(drawn, modality, shuffled=True),
    "standardised": lambda drawn, modality: theirs(drawn, modality, standardised=True),
}
CLASSIC = ("procedure", "standardised")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=int, default=36)
    parser.add_argument("--sizes", type=int, nargs="+", default=[16, 32, 64, 100])
    parser.add_argument("--keep", type=Path, help="figures of each set are written here, and a run goes on from them")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    found: Figures = json.loads(arguments.keep.read_text()) if arguments.keep and arguments.keep.exists() else {}
    simulation = Simulation()
    for n in arguments.sizes:
        for k in range(arguments.sets):
            of_set = found.setdefault(f"{n} {k}", {})
            missing = [key for key in wanted() if "; ".join(key) not in of_set]
            if missing:
                drawn = simulation.draw(n, k)
                for method, modality in missing:
                    of_set[f"{method}; {modality}"] = measure(drawn.labels, METHODS[method](drawn, modality))
        if arguments.keep:
            arguments.keep.write_text(json.dumps(found))
    text = "\n".join(report(found, arguments.sizes, arguments.sets))
    print(text)
    if arguments.out:
        arguments.out.write_text(f"# phenojax and PhenoScore's procedure on the same simulated sets\n\n{text}\n")


Figures = dict[str, dict[str, tuple[float, float]]]


def wanted() -> list[tuple[str, str]]:
    """Methods and modalities: the rows' order and what is standardised matter where there are terms beside a face."""
    every = [(method, modality) for method in ("phenojax", "procedure") for modality in MODALITIES]
    return [*every, *((method, "both") for method in METHODS if method not in ("phenojax", "procedure"))]


def report(found: Figures, sizes: list[int], sets: int) -> list[str]:
    def figures(n: int, method: str, modality: str) -> NDArray[np.float64]:
        return np.array([found[f"{n} {k}"][f"{method}; {modality}"] for k in range(sets)])

    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("phenojax", "jax", "numpy", "scikit-learn"))
    lines = [
        f"{datetime.date.today()}, {cpu()}, Python {platform.python_version()}, {versions}; {sets} sets of each size, "
        "half of each cases. Differences are phenojax (leaving one out) less the method, by set, +- standard error.",
        "",
        "| n | modality | method | Brier: mean | AUC: mean | difference of Brier | difference of AUC |",
        "|---|---|---|---|---|---|---|",
    ]
    for n in sizes:
        for modality in MODALITIES:
            ours_here = figures(n, "phenojax", modality)
            for method in [method for method, of in wanted() if of == modality]:
                here = figures(n, method, modality)
                brier, auc = here.mean(axis=0)
                differences = (
                    "| |" if method == "phenojax" else "| {} | {} |".format(*map(paired, (ours_here - here).T))
                )
                lines.append(f"| {n} | {modality} | {method} | {brier:.4f} | {auc:.4f} {differences}")
    lines += [
        "",
        f"In 'both' the Brier score is to be at least {BAR} lower, the AUC no worse within one standard error:",
        "",
    ]
    aucs = np.concatenate([figures(n, "phenojax", "both")[:, 1] for n in sizes])
    for method in CLASSIC:
        for name, chosen in [*((f"n = {n}", [n]) for n in sizes), ("all sizes", sizes)]:
            difference = np.concatenate([figures(n, "phenojax", "both") - figures(n, method, "both") for n in chosen])
            (brier, auc), error = difference.mean(axis=0), standard_error(difference)
            held = brier <= -BAR and auc >= -error[1]
            lines.append(
                f"* {method}, {name}: Brier {brier:+.4f} +- {error[0]:.4f}, AUC {auc:+.4f} +- {error[1]:.4f}: "
                f"{'held' if held else 'MISSED'}"
            )
    low, high = np.quantile(aucs, (0.05, 0.95))
    return [*lines, "", f"The AUC of phenojax in 'both' is {low:.2f} to {high:.2f} in nine of ten sets."]


def paired(difference: NDArray[np.float64]) -> str:
    return f"{difference.mean():+.4f} +- {standard_error(difference):.4f}"


def standard_error(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Over the first axis."""
    error: NDArray[np.float64] = values.std(axis=0, ddof=1) / np.sqrt(len(values))
    return error


def cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{len(names)} x {names[0]}" if names else platform.processor()


if __name__ == "__main__":
    main()
