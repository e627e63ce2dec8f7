"""PhEval's standardised results: columns, ranks and truth, one file for each individual, whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from phenojax.cohort import Cohort, Individual
from phenojax.errors import ConfigError
from phenojax.ontology import Ontology, load_ontology
from phenojax.similarity import RANK_SCHEMA, rank
from phenojax.similarity.pheval import DISEASE_SCHEMA, GENE_SCHEMA, write_pheval

MARFAN, LOEYS_DIETZ = "OMIM:154700", "OMIM:609192"
COHORT = Cohort(
    (
        Individual("PMID_1/A", gene="FBN1", disease=(MARFAN,), observed=("HP:0001166", "HP:0001083", "HP:0002616")),
        Individual("B", gene="SATB1", disease=("OMIM:1",)),
    )
)


@pytest.fixture(scope="module")
def onto() -> Ontology:
    return load_ontology()


def rows(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return found


@pytest.mark.parametrize(("method", "places"), [("similarity", [2, 2]), ("likelihood", [1, 2])])
def test_diseases_are_written_and_read_back(method: str, places: list[int], onto: Ontology, tmp_path: Path) -> None:
    table = rank(COHORT, [MARFAN, LOEYS_DIETZ], ontology=onto, method=method, p_values=False)
    folder = write_pheval(table, COHORT, tmp_path / "out", ontology=onto)
    assert folder == tmp_path / "out" / "pheval_disease_results"
    assert sorted(path.name for path in folder.iterdir()) == [
        "B-disease_result.parquet",
        "PMID_1%2FA-disease_result.parquet",
    ]
    first = pq.read_table(folder / "PMID_1%2FA-disease_result.parquet")
    assert first.schema.equals(DISEASE_SCHEMA)
    ranked = [hit for hit in table.to_pylist() if hit["target"] is not None]
    assert first.to_pylist() == [
        {
            "rank": place,
            "score": hit["score"],
            "disease_identifier": hit["target"],
            "mondo_identifier": hit["target"],
            "true_positive": hit["target"] == MARFAN,
        }
        for place, hit in zip(places, ranked, strict=True)
    ]
    assert rows(folder / "B-disease_result.parquet") == [
        {"rank": 0, "score": 0.0, "disease_identifier": "OMIM:1", "mondo_identifier": "OMIM:1", "true_positive": True}
    ]
    assert ds.dataset(folder).to_table().num_rows == 3


def test_equal_scores_share_the_largest_of_their_ranks(onto: Ontology, tmp_path: Path) -> None:
    names = list(onto.diseases()[:5])
    values = {
        "id": ["B"] * 5, "target": names, "label": names, "score": [3.0, 2.0, 2.0, 1.0, 1.0],
        "rank": [1.0, 2.5, 2.5, 6.0, 6.0], "p_value": [None] * 5, "matched_terms": [[]] * 5,
    }  # fmt: skip
    folder = write_pheval(pa.table(values, schema=RANK_SCHEMA), COHORT, tmp_path / "out", ontology=onto)
    # the last two are of five equal ones, of which three are beyond the table
    assert [row["rank"] for row in rows(folder / "B-disease_result.parquet")] == [1, 3, 3, 8, 8, 0]


def test_genes_have_symbol_and_number(onto: Ontology, tmp_path: Path) -> None:
    table = rank(COHORT, ["FBN1", "TGFBR2"], ontology=onto, method="likelihood", p_values=False)
    folder = write_pheval(table, COHORT, tmp_path / "out", ontology=onto)
    first = pq.read_table(folder / "PMID_1%2FA-gene_result.parquet")
    assert first.schema.equals(GENE_SCHEMA)
    found = {row["gene_symbol"]: (row["gene_identifier"], row["true_positive"]) for row in first.to_pylist()}
    assert found == {"FBN1": ("NCBIGene:2200", True), "TGFBR2": ("NCBIGene:7048", False)}
    assert [row["rank"] for row in rows(folder / "B-gene_result.parquet")] == [0]


def test_nothing_is_written_over_or_left_half_done(onto: Ontology, tmp_path: Path) -> None:
    table = rank(COHORT, [MARFAN], ontology=onto, method="likelihood", p_values=False)
    stranger = Cohort((Individual("C", observed=("HP:0001166",)),))
    with pytest.raises(ConfigError, match="ranks for 'PMID_1/A', who is not in this cohort"):
        write_pheval(table, stranger, tmp_path / "out", ontology=onto)
    both = rank(COHORT, [MARFAN, "FBN1"], ontology=onto, p_values=False)
    with pytest.raises(ConfigError, match="of diseases or of genes, not of both"):
        write_pheval(both, COHORT, tmp_path / "out", ontology=onto)
    assert not (tmp_path / "out").exists()
    with pytest.raises(ConfigError, match="does not exist; make it first"):
        write_pheval(table, COHORT, tmp_path / "no" / "out", ontology=onto)
    write_pheval(table, COHORT, tmp_path / "out", ontology=onto)
    with pytest.raises(ConfigError, match="pheval_disease_results exists; give another folder"):
        write_pheval(table, COHORT, tmp_path / "out", ontology=onto)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["pheval_disease_results"]


def test_an_id_that_no_file_can_have_is_refused_and_leaves_nothing(onto: Ontology, tmp_path: Path) -> None:
    for name in ("A" * 300, "/" * 80):  # a slash is written as three characters
        cohort = Cohort((Individual(name, observed=("HP:0001166",)),))
        table = rank(cohort, [MARFAN], ontology=onto, method="likelihood", p_values=False)
        with pytest.raises(
            ConfigError, match=r"name of \d+ bytes .* where file systems take 255; give it a shorter id"
        ):
            write_pheval(table, cohort, tmp_path / "out", ontology=onto)
        assert not list(tmp_path.iterdir())


def test_a_folder_of_its_own_making_goes_when_writing_fails(
    onto: Ontology, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object, **_more: object) -> None:
        raise OSError("no space left on device")

    table = rank(COHORT, [MARFAN], ontology=onto, method="likelihood", p_values=False)
    monkeypatch.setattr(pq, "write_table", full)
    with pytest.raises(OSError, match="no space left"):
        write_pheval(table, COHORT, tmp_path / "out", ontology=onto)
    assert not list(tmp_path.iterdir())
