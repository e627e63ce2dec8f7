"""A hand-made cohort of known and of new publications, screened once: terms, faces and both."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import NamedTuple

from screen.make_cohort import make_cohort
from screen.make_faces import as_embeddings, make_vectors

from phenojax import Cohort, ScreenResult, load_ontology, screen
from phenojax.face.embedding.result import FaceEmbeddings
from phenojax.ontology import Ontology

PLANTED, NULL = {"ZPLANT": 8}, {"ANULL": 8, "BNULL": 7, "CNULL": 7}
NEW = ("5", "6", "7")


class Screened(NamedTuple):
    """The publications whose number is in `NEW` are not in the screen; HSINGLE has one group, GFEW too few carriers."""

    ontology: Ontology
    known: Cohort
    new: Cohort
    known_faces: FaceEmbeddings
    new_faces: FaceEmbeddings
    result: ScreenResult


@cache
def screened() -> Screened:
    made = make_cohort(PLANTED, NULL | {"GFEW": 1})
    single = make_cohort({}, {"HSINGLE": 1}, per_publication=6)  # of the same seed: the same noise
    whole = Cohort((*made.individuals, *single.individuals), "hand-made")
    vectors = make_vectors(whole, {"ZPLANT"}, missing=0.3)
    is_new = [i.id.split("-")[1] in NEW for i in whole]
    rows = {kind: [row for row, new in enumerate(is_new) if new is kind] for kind in (True, False)}
    faces = {kind: as_embeddings([whole.ids[r] for r in rows[kind]], vectors[rows[kind]]) for kind in rows}
    known, new = whole.subset(rows[False]), whole.subset(rows[True])
    ontology = load_ontology()
    result = screen(known, faces[False], ontology=ontology, permutations=199, seed=3)
    # some of those to be scored have a face only
    blind = [replace(i, observed=()) if i.id.endswith("5-1") else i for i in new]
    new = Cohort(tuple(blind), new.source)
    return Screened(ontology, known, new, faces[False], faces[True], result)
