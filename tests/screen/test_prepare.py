"""What a cohort's comparisons share: the information content that `auto` stands for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from phenojax import load_ontology
from phenojax.cohort import Cohort, Individual
from phenojax.ontology import Ontology
from phenojax.screen.config import ScreenConfig
from phenojax.screen.prepare import information_source, prepare
from phenojax.similarity import information_content

COLUMNS = (
    *("database_id", "disease_name", "qualifier", "hpo_id", "reference", "evidence"),
    *("onset", "frequency", "sex", "modifier", "aspect", "biocuration"),
)
TERMS = ("HP:0000118", "HP:0000002", "HP:0000003", "HP:0000004")
COHORT = Cohort((Individual("a", gene="G", observed=TERMS[1:2]), Individual("b", gene="H", observed=TERMS[2:3])), "two")


@pytest.fixture
def without_genes(tmp_path: Path) -> Ontology:
    """A release of four terms and three diseases, and nothing of genes."""
    obo = "format-version: 1.2\ndata-version: hp/releases/2024-03-06\n\n[Term]\nid: HP:0000001\nname: All\n"
    for term, parent in zip(TERMS, ("HP:0000001", *[TERMS[0]] * 3), strict=True):
        obo += f"\n[Term]\nid: {term}\nname: Term {term}\nis_a: {parent}\n"
    lines = ["#version: 2024-03-06", "\t".join(COLUMNS)]
    for disease, term in (("OMIM:1", TERMS[1]), ("OMIM:2", TERMS[1]), ("ORPHA:3", TERMS[2])):
        lines.append("\t".join([disease, disease, "", term, "PMID:1", "PCS", "", "", "", "", "P", "x"]))
    (tmp_path / "hp.obo").write_text(obo)
    (tmp_path / "phenotype.hpoa").write_text("\n".join(lines) + "\n")
    return load_ontology(tmp_path / "hp.obo", annotations=tmp_path / "phenotype.hpoa")


def test_auto_counts_genes_where_the_release_knows_them() -> None:
    ontology = load_ontology()
    found = prepare(COHORT, ontology, ScreenConfig())
    np.testing.assert_array_equal(found.ic, information_content(ontology, "gene"))
    assert information_source(ontology, ScreenConfig()) == "gene"


def test_auto_counts_diseases_of_omim_where_the_release_knows_no_gene(without_genes: Ontology) -> None:
    assert len(without_genes.genes()) == 0
    found = prepare(COHORT, without_genes, ScreenConfig())
    np.testing.assert_array_equal(found.ic, information_content(without_genes, "omim"))
    assert information_source(without_genes, ScreenConfig()) == "omim"


def test_what_is_asked_for_is_not_replaced(without_genes: Ontology) -> None:
    for source in ("orpha", "omim", "seco"):
        assert information_source(without_genes, ScreenConfig(ic=source)) == source
        found = prepare(COHORT, without_genes, ScreenConfig(ic=source))
        np.testing.assert_array_equal(found.ic, information_content(without_genes, source))
