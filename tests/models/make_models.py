"""A small screen with models of all modalities, and individuals whom it does not know."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from screen.make_cohort import make_cohort
from screen.make_faces import as_embeddings, make_vectors

from phenojax import Cohort, ScreenResult, load_ontology, screen
from phenojax.models import ModelSet


class Screened(NamedTuple):
    """A cohort with faces for most of it, and what its screen found."""

    cohort: Cohort
    vectors: NDArray[np.float32]
    result: ScreenResult

    @property
    def models(self) -> ModelSet:
        assert self.result.models is not None
        return self.result.models


@cache
def make_screened(classifier: str = "ensemble") -> Screened:
    """Two planted genes and three others, each in four publications of three; some lack terms, some a face."""
    cohort = make_cohort({"AAA": 4, "B/../B": 4}, {"CCC": 4, "DDD": 4, "ONE": 1}, seed=2)
    vectors = make_vectors(cohort, {"AAA"}, missing=0.2)
    embeddings = as_embeddings(cohort.ids, vectors)
    result = screen(
        cohort, embeddings, ontology=load_ontology(), permutations=9, classifier=classifier, min_controls=20
    )
    return Screened(cohort, vectors, result)
