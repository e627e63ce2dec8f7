"""For every gene of a cohort: do its carriers share a recognisable phenotype? Research use only; does not diagnose.

The names below are the public surface. They load on first use, so that ``import phenojax`` alone is quick and touches
nothing: JAX, for one, sets environment variables when it is imported.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.metadata import version
from types import ModuleType
from typing import TYPE_CHECKING, Any

from phenojax.errors import CohortError, ConfigError, OntologyError, PhenojaxError, ResultError

if TYPE_CHECKING:
    from phenojax import plot as plot
    from phenojax.cohort import Cohort, Individual, Sex, SimulationConfig, read_cohort, simulate, write_cohort
    from phenojax.explain import enrichment
    from phenojax.face.embedding.embed import embed_faces
    from phenojax.face.embedding.result import FaceEmbeddings
    from phenojax.face.embedding.storage import read_embeddings
    from phenojax.face.gallery import FaceGallery
    from phenojax.matchmaking import nearest
    from phenojax.models import score
    from phenojax.models.explain_faces import explain_faces
    from phenojax.ontology import Ontology, load_ontology
    from phenojax.screen import ScreenConfig, ScreenResult, compare, screen
    from phenojax.similarity import distances, linkage, measure, rank, similarity, term_similarity
    from phenojax.similarity.information_content import information_content
    from phenojax.subgroups import DiscoverConfig, SubgroupResult, discover

__version__ = version("phenojax")

__all__ = [
    "Cohort",
    "CohortError",
    "ConfigError",
    "DiscoverConfig",
    "FaceEmbeddings",
    "FaceGallery",
    "Individual",
    "Ontology",
    "OntologyError",
    "PhenojaxError",
    "ResultError",
    "ScreenConfig",
    "ScreenResult",
    "Sex",
    "SimulationConfig",
    "SubgroupResult",
    "__version__",
    "compare",
    "discover",
    "distances",
    "embed_faces",
    "enrichment",
    "explain_faces",
    "information_content",
    "linkage",
    "load_ontology",
    "measure",
    "nearest",
    "plot",
    "rank",
    "read_cohort",
    "read_embeddings",
    "score",
    "screen",
    "similarity",
    "simulate",
    "term_similarity",
    "write_cohort",
]

_HOME = {
    "Cohort": "phenojax.cohort",
    "DiscoverConfig": "phenojax.subgroups",
    "FaceEmbeddings": "phenojax.face.embedding.result",
    "FaceGallery": "phenojax.face.gallery",
    "Individual": "phenojax.cohort",
    "Ontology": "phenojax.ontology",
    "ScreenConfig": "phenojax.screen",
    "ScreenResult": "phenojax.screen",
    "Sex": "phenojax.cohort",
    "SimulationConfig": "phenojax.cohort",
    "SubgroupResult": "phenojax.subgroups",
    "compare": "phenojax.screen",
    "discover": "phenojax.subgroups",
    "distances": "phenojax.similarity",
    "embed_faces": "phenojax.face.embedding.embed",
    "enrichment": "phenojax.explain",
    "explain_faces": "phenojax.models.explain_faces",
    "information_content": "phenojax.similarity.information_content",
    "linkage": "phenojax.similarity",
    "load_ontology": "phenojax.ontology",
    "measure": "phenojax.similarity",
    "term_similarity": "phenojax.similarity",
    "nearest": "phenojax.matchmaking",
    "rank": "phenojax.similarity",
    "read_cohort": "phenojax.cohort",
    "read_embeddings": "phenojax.face.embedding.storage",
    "score": "phenojax.models",
    "screen": "phenojax.screen",
    "similarity": "phenojax.similarity",
    "simulate": "phenojax.cohort",
    "write_cohort": "phenojax.cohort",
}


def __getattr__(name: str) -> Any:
    if name == "plot":
        return import_module("phenojax.plot")
    if name not in _HOME:
        raise AttributeError(f"module 'phenojax' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)


class _Package(ModuleType):
    """Keeps `phenojax.screen` and `phenojax.similarity` functions although packages have these names too.

    Importing a submodule binds it on its parent; for a public name that would hide the function behind its module.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _HOME and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
