"""The Human Phenotype Ontology and its annotations: read once, frozen, shared by everything else."""

from phenojax.ontology.annotations import Annotation, AnnotationTable, Aspect, GeneTable, ReadCounts, SexLimit
from phenojax.ontology.load import build_pack, bundled_path, load_ontology
from phenojax.ontology.lookup import Lookup, LookupStatus
from phenojax.ontology.ontology import PHENOTYPIC_ABNORMALITY, Ontology
from phenojax.ontology.search import SearchHit
from phenojax.ontology.term_operations import CommonAncestor

__all__ = [
    "PHENOTYPIC_ABNORMALITY",
    "Annotation",
    "AnnotationTable",
    "Aspect",
    "CommonAncestor",
    "GeneTable",
    "Lookup",
    "LookupStatus",
    "Ontology",
    "ReadCounts",
    "SearchHit",
    "SexLimit",
    "build_pack",
    "bundled_path",
    "load_ontology",
]
