"""Information content: of a toy release by hand, of random annotations by plain loops, and of the real release."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from reference import similarity as plain
from reference.obo import Term, write_obo
from reference.random_sets import graphs

from phenojax import _core
from phenojax.cohort import Cohort, Individual, SimulationConfig, simulate
from phenojax.errors import ConfigError, OntologyError
from phenojax.ontology import Ontology, load_ontology
from phenojax.similarity import IcSource, conditional_ic, information_content, similarity

HPOA_COLUMNS = (
    "database_id disease_name qualifier hpo_id reference evidence onset frequency sex modifier aspect biocuration"
)

# (disease, qualifier, term, aspect)
ROWS = [
    ("OMIM:1", "", "HP:0000003", "P"),
    ("OMIM:1", "", "HP:0000003", "P"),
    ("OMIM:1", "", "HP:0000006", "I"),
    ("OMIM:2", "", "HP:0000002", "P"),
    ("OMIM:2", "NOT", "HP:0000003", "P"),
    ("OMIM:3", "", "HP:0000006", "I"),
    ("OMIM:4", "NOT", "HP:0000002", "P"),
    ("ORPHA:1", "", "HP:0000003", "P"),
    ("DECIPHER:1", "", "HP:0000002", "P"),
]
GENES = [
    ("1", "AAA", "HP:0000003", "OMIM:1"),
    ("2", "BBB", "HP:0000002", "OMIM:2"),
    ("1", "AAA", "HP:0000002", "OMIM:2"),
    # two genes without a symbol
    ("3", "-", "HP:0000006", "OMIM:3"),
    ("4", "-", "HP:0000002", "OMIM:3"),
    ("4", "-", "HP:0000006", "OMIM:3"),
]
IDS = ["HP:0000001", "HP:0000002", "HP:0000003", "HP:0000004", "HP:0000005", "HP:0000006", "HP:0000118"]


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Ontology:
    """All > (phenotype > 2 > 3, phenotype > 4, all > 5 > 6)."""
    folder: Path = tmp_path_factory.mktemp("toy")
    above = {
        "HP:0000001": [],
        "HP:0000002": ["HP:0000118"],
        "HP:0000003": ["HP:0000002"],
        "HP:0000004": ["HP:0000118"],
        "HP:0000005": ["HP:0000001"],
        "HP:0000006": ["HP:0000005"],
        "HP:0000118": ["HP:0000001"],
    }
    (folder / "hp.obo").write_text(write_obo([Term(t, name=t, is_a=p) for t, p in above.items()]))
    lines = ["#version: 2025-01-16", "\t".join(HPOA_COLUMNS.split())]
    lines += ["\t".join((d, d, q, t, "PMID:1", "PCS", "", "", "", "", a, "x")) for d, q, t, a in ROWS]
    (folder / "phenotype.hpoa").write_text("\n".join(lines) + "\n")
    genes = ["ncbi_gene_id\tgene_symbol\thpo_id\thpo_name\tfrequency\tdisease_id"]
    genes += ["\t".join((n, s, t, t, "-", d)) for n, s, t, d in GENES]
    (folder / "genes.txt").write_text("\n".join(genes) + "\n")
    ontology = load_ontology(folder / "hp.obo", annotations=folder / "phenotype.hpoa", genes=folder / "genes.txt")
    assert list(ontology.term_ids) == IDS
    return ontology


@pytest.fixture(scope="module")
def bundled() -> Ontology:
    return load_ontology()


NOBODY = object()
EXPECTED = {
    # of N = 3: OMIM:4 is only said not to have something
    "omim": (3, [3, 2, 1, NOBODY, 2, 2, 2]),
    "orpha": (1, [1, 1, 1, NOBODY, NOBODY, NOBODY, 1]),
    "decipher": (1, [1, 1, NOBODY, NOBODY, NOBODY, NOBODY, 1]),
    "all": (5, [5, 4, 2, NOBODY, 2, 2, 4]),
    "gene": (4, [4, 3, 1, NOBODY, 2, 2, 3]),
}


@pytest.mark.parametrize("ic", EXPECTED)
def test_each_source_counts_its_own_diseases_once_and_not_what_is_negated(toy: Ontology, ic: str) -> None:
    total, counts = EXPECTED[ic]
    expected = [math.log(total + 1) if n is NOBODY else -math.log(n / total) for n in counts]
    np.testing.assert_allclose(information_content(toy, ic), expected, atol=1e-15)


@pytest.mark.parametrize("ic", ["omim", "orpha", "gene"])
def test_hpo3s_differs_by_0_where_nobody_has_the_term(toy: Ontology, ic: str) -> None:
    total, counts = EXPECTED[ic]
    expected = [0.0 if n is NOBODY else -math.log(n / total) for n in counts]
    np.testing.assert_allclose(information_content(toy, f"hpo3_{ic}"), expected, atol=1e-15)
    assert not IcSource(f"hpo3_{ic}").is_monotone


def test_a_cohort_is_counted_by_who_has_the_term_or_anything_below_it(toy: Ontology) -> None:
    cohort = Cohort(
        (
            Individual("a", observed=("HP:0000003", "HP:0000002")),
            Individual("b", observed=("HP:0000002",), excluded=("HP:0000004",)),
            Individual("c", observed=("HP:0000118", "HP:0000006")),  # inheritance is no phenotype
            Individual("d", excluded=("HP:0000003",)),
            Individual("e", observed=("HP:0000006",)),
        )
    )
    once, nobody = math.log(3), math.log(4)
    expected = [0, math.log(3 / 2), once, nobody, nobody, nobody, 0]
    np.testing.assert_allclose(information_content(toy, cohort), expected, atol=1e-15)
    with pytest.raises(ConfigError, match="none of whose 2 individuals has an observed term"):
        information_content(toy, cohort.subset([3, 4]))


def test_a_cohort_may_be_the_source_of_its_own_similarity(toy: Ontology) -> None:
    cohort = Cohort((Individual("a", observed=("HP:0000003",)), Individual("b", observed=("HP:0000002",))))
    found = similarity(cohort, ontology=toy, ic=cohort)
    np.testing.assert_allclose(found, [[math.log(2), 0], [0, 0]], atol=1e-7)


def test_phenopys_smooths_and_knows_the_phenotype_branch_alone(toy: Ontology) -> None:
    # OMIM:1 and OMIM:2 have phenotype annotations; roots and other branches score 0
    expected = [0, 0, -math.log(2 / 3), -math.log(1 / 3), 0, 0, 0]
    np.testing.assert_allclose(information_content(toy, "phenopy"), expected, atol=1e-15)


def test_a_mapping_names_terms_and_leaves_the_others_what_their_parents_have(toy: Ontology) -> None:
    found = information_content(toy, {"HP:0000002": 2.5, "HP:0000118": 0.5})
    np.testing.assert_array_equal(found, [0, 2.5, 2.5, 0.5, 0, 0, 0.5])
    with pytest.raises(OntologyError, match="HP:0009999"):
        information_content(toy, {"HP:0009999": 1.0})
    with pytest.raises(ConfigError, match="at least 0, not -1"):
        information_content(toy, {"HP:0000002": -1.0})


def test_an_array_is_taken_when_it_fits(toy: Ontology) -> None:
    given_values = np.arange(7.0)
    np.testing.assert_array_equal(information_content(toy, given_values), given_values)
    with pytest.raises(ConfigError, match=r"ic must have shape \(7,\), not \(5,\)"):
        information_content(toy, np.ones(5))


def test_what_is_not_known_is_refused(toy: Ontology, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"ic must be one of omim, orpha, .*not 'OMIM'"):
        information_content(toy, "OMIM")
    (tmp_path / "bare.obo").write_text(write_obo([Term("HP:0000001", name="All", is_a=[])]))
    with pytest.raises(ConfigError, match=r"ic='omim' needs annotations.*annotations="):
        information_content(load_ontology(tmp_path / "bare.obo"))


def test_what_was_computed_cannot_be_changed(toy: Ontology) -> None:
    with pytest.raises(ValueError, match="read-only"):
        information_content(toy)[0] = 1.0


@given(graph=graphs(), data=st.data())
def test_counts_are_those_of_plain_sets(graph, data: st.DataObject) -> None:
    row = st.tuples(st.integers(0, 4), st.integers(0, graph.n_terms - 1))
    rows = data.draw(st.lists(row, max_size=20))
    items, terms = (np.array([r[i] for r in rows], dtype=np.int32) for i in (0, 1))
    assert _core.annotation_counts(graph.graph, items, terms, 5).tolist() == plain.annotation_counts(
        graph.parents, rows
    )


@pytest.mark.parametrize(
    ("items", "terms", "message"),
    [
        ([0], [0, 0], "one length, not 1 and 2"),
        ([2], [0], "items: index 2"),
        ([0], [1], "terms: index 1"),
        ([-1], [0], "-1"),
    ],
)
def test_counts_of_malformed_rows_are_refused(items: list[int], terms: list[int], message: str) -> None:
    graph = _core.OntologyGraph(np.zeros(2, dtype=np.int64), np.zeros(0, dtype=np.int32))
    with pytest.raises(ValueError, match=message):
        _core.annotation_counts(graph, np.array(items, dtype=np.int32), np.array(terms, dtype=np.int32), 2)


@pytest.mark.parametrize("ic", [source for source in IcSource if source.is_monotone])
def test_a_terms_ic_never_falls_below_its_parents(ic: str, bundled: Ontology) -> None:
    assert_monotone(bundled, information_content(bundled, ic))


def test_a_terms_ic_never_falls_below_its_parents_in_a_cohort(bundled: Ontology) -> None:
    cohort = simulate(bundled, SimulationConfig(n_individuals=60), seed=3)
    values = information_content(bundled, cohort)
    assert_monotone(bundled, values)
    assert values.max() == pytest.approx(math.log(61))


def assert_monotone(ontology: Ontology, values: NDArray[np.float64]) -> None:
    offsets, parents = ontology.graph.parents
    children = np.repeat(np.arange(ontology.n_terms), np.diff(offsets))
    assert (values[children] >= values[parents]).all()
    assert values[ontology.index("HP:0000001")] == 0
    assert (values >= 0).all()
    # the sum along the heaviest path is the value itself: what conditional_ic leaves over is never negative
    assert (conditional_ic(ontology, values) >= 0).all()


@pytest.mark.parametrize("ic", [source for source in IcSource if not source.is_monotone])
def test_as_hpo3_has_it_an_unannotated_term_falls_below_its_parents(ic: str, bundled: Ontology) -> None:
    values = information_content(bundled, ic)
    offsets, parents = bundled.graph.parents
    children = np.repeat(np.arange(bundled.n_terms), np.diff(offsets))
    below = values[children] < values[parents]
    assert below.any()
    assert (values[children[below]] == 0).all()


def test_the_genes_without_a_symbol_are_genes_of_their_own(bundled: Ontology) -> None:
    table = bundled.gene_table
    unnamed = table.gene_idx == bundled.genes().index("-")
    assert len(np.unique(table.row_ncbi_id[unnamed])) == 6
    # each of the others is one gene, which the table of genes names
    np.testing.assert_array_equal(table.row_ncbi_id[~unnamed], table.ncbi_id[table.gene_idx[~unnamed]])
    rarest = information_content(bundled, "gene").max()
    assert rarest == pytest.approx(math.log(len(np.unique(table.row_ncbi_id)) + 1))
