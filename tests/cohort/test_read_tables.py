"""What a row of a .jsonl file or a sheet says is what the individual has."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from phenojax.cohort import Cohort, Sex, read_cohort

SharedData = Callable[[str], Path]


def written(path: Path, text: str) -> Path:
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def read_tsv(tmp_path: Path, *lines: str) -> Cohort:
    return read_cohort(written(tmp_path / "cohort.tsv", "\n".join(lines) + "\n"))


def test_every_field_of_a_sheet_is_read(tmp_path: Path) -> None:
    cohort = read_tsv(
        tmp_path,
        "id\tgene\thpo\thpo_excluded\tsex\tage\tgroup\tphoto\tdisease\tlabel\tsite",
        "a\tSATB1\tHP:0001250;HP:0000252\tHP:0000248\tF\tP3Y9M\tPMID:1\tfaces/a.jpg\tOMIM:619228;OMIM:1\tmissense\tUtrecht",
        "b\t\t\t\t\t\t\t\t\t\t",
    )
    a, b = cohort
    assert (a.id, a.gene, a.group, a.label) == ("a", "SATB1", "PMID:1", "missense")
    assert a.observed == ("HP:0001250", "HP:0000252")
    assert a.excluded == ("HP:0000248",)
    assert (a.sex, a.age, a.disease) == (Sex.FEMALE, 3.75, ("OMIM:619228", "OMIM:1"))
    assert a.photo == str(tmp_path / "faces" / "a.jpg")
    assert (b.gene, b.observed, b.excluded, b.age, b.group, b.photo, b.label) == (None, (), (), None, None, None, None)
    assert b.sex is Sex.UNKNOWN
    assert cohort.columns == {"site": ("Utrecht", None)}


@pytest.mark.parametrize(
    "cell",
    [
        "HP:0001250;HP:0000252",
        "HP:0001250, HP:0000252",
        "HP:0001250|HP:0000252",
        "HP:0001250 HP:0000252",
        " HP:0001250 ; HP:0000252 ; ",
        "['HP:0001250', 'HP:0000252']",
        '["HP:0001250", "HP:0000252"]',
        "('HP:0001250', 'HP:0000252')",
        "{'HP:0001250', 'HP:0000252'}",
    ],
)
def test_a_list_of_ids_may_be_separated_as_people_do(tmp_path: Path, cell: str) -> None:
    quoted = '"' + cell.replace('"', '""') + '"'
    (individual,) = read_cohort(written(tmp_path / "c.csv", f"id,hpo\na,{quoted}\n"))
    assert individual.observed == ("HP:0001250", "HP:0000252")


def test_a_list_literal_is_never_evaluated(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not an HPO id"):
        read_cohort(written(tmp_path / "c.csv", f"id,hpo\na,\"[open('{tmp_path}/made', 'w')]\"\n"))
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("cell", ["", "NA", "nan", "[]", "None"])
def test_an_individual_without_terms_is_legal(tmp_path: Path, cell: str) -> None:
    cohort = read_tsv(tmp_path, "id\thpo", f"a\t{cell}", "b\tHP:0001250")
    assert [i.observed for i in cohort] == [(), ("HP:0001250",)]


def test_case_and_spaces_of_column_names_do_not_count(tmp_path: Path) -> None:
    cohort = read_tsv(tmp_path, " ID \tGene\tHPO\t Site ", "a\tKIF1A\tHP:0001250\tx")
    assert (cohort.individuals[0].gene, cohort.columns) == ("KIF1A", {"Site": ("x",)})


def test_the_publication_is_the_group_only_where_there_is_no_group(tmp_path: Path) -> None:
    with_pmid = read_tsv(tmp_path, "id\thpo\tpmid", "a\t\tPMID:1")
    with_both = read_tsv(tmp_path, "id\thpo\tpmid\tgroup", "a\t\tPMID:1\tsite 2", "b\t\tPMID:1\t")
    assert with_pmid.values("group") == with_pmid.values("pmid") == ("PMID:1",)
    assert with_both.values("group") == ("site 2", None)
    assert with_both.values("pmid") == ("PMID:1", "PMID:1")


def test_ids_come_from_the_photographs_where_a_sheet_has_none(tmp_path: Path) -> None:
    by_photo = read_tsv(tmp_path, "path_to_file\thpo_all\ty_label", "f\\3.png\t\t0", "f\\8.png\t\t1")
    by_row = read_tsv(tmp_path, "path_to_file\thpo_all\ty_label", "a/3.png\t\t0", "b/3.png\t\t1")
    assert by_photo.ids == ("3", "8")
    assert by_photo.values("photo") == (str(tmp_path / "f/3.png"), str(tmp_path / "f/8.png"))
    assert by_row.ids == ("row1", "row2")
    assert by_row.values("label") == ("0", "1")


@pytest.mark.parametrize("name", ["c.csv", "c.csv.gz"])
def test_a_csv_with_semicolons_a_bom_and_windows_lines_is_read(tmp_path: Path, name: str) -> None:
    cohort = read_cohort(written(tmp_path / name, '\ufeffid;gene;hpo\r\na;NF1;"HP:0001250;HP:0000252"\r\n\r\n'))
    assert cohort.ids == ("a",)
    assert cohort.individuals[0].observed == ("HP:0001250", "HP:0000252")


def test_a_disease_with_a_name_stays_whole(tmp_path: Path) -> None:
    cohort = read_tsv(tmp_path, "id\thpo\tdisease", "a\t\tKleefstra syndrome, type 1", "b\t\tOMIM:1, OMIM:2")
    assert [i.disease for i in cohort] == [("Kleefstra syndrome, type 1",), ("OMIM:1", "OMIM:2")]


def test_excel_numbers_nan_and_index_columns_are_understood(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([None, "id", "hpo", "age", "label", "visits"])
    sheet.append([0, 17, "HP:0001250", 3.5, 1, 2.0])
    sheet.append([None, None, None, None, None, None])
    sheet.append([1, "x", None, "P6M", None, None])
    book.save(tmp_path / "c.xlsx")
    cohort = read_cohort(tmp_path / "c.xlsx")
    assert cohort.ids == ("17", "x")
    assert [(i.observed, i.age, i.label) for i in cohort] == [(("HP:0001250",), 3.5, "1"), ((), 0.5, None)]
    assert cohort.columns == {"visits": ("2", None)}


def test_parquet_may_hold_lists_or_text(tmp_path: Path) -> None:
    lists = pa.table({"id": ["a", "b"], "hpo": [["HP:0001250"], None], "age": [1.5, None], "label": [1, 0]})
    text = pa.table({"id": ["a", "b"], "hpo": ["HP:0001250", None], "age": ["P18M", None], "label": ["1", "0"]})
    pq.write_table(lists, tmp_path / "lists.parquet")
    pq.write_table(text, tmp_path / "text.parquet")
    assert read_cohort(tmp_path / "lists.parquet").individuals == read_cohort(tmp_path / "text.parquet").individuals


def test_lines_of_json_may_have_different_keys(tmp_path: Path) -> None:
    lines = [
        {
            "id": "a",
            "hpo": ["HP:0001250"],
            "sex": "UNKNOWN_SEX",
            "variants": [{"class": "nonsense"}],
            "nested": {"x": 1},
        },
        {"id": "b", "hpo": [], "site": "x", "tags": ["p", "q"]},
        {"id": "c", "hpo": [], "variants": [], "nested": {}},
    ]
    text = "\n\n".join(json.dumps(line) for line in lines)
    cohort = read_cohort(written(tmp_path / "c.jsonl.gz", text))
    assert cohort.columns == {
        "variant_class": ("nonsense", None, None),
        "variant_effect": ("loss_of_function", None, None),
        "protein_position": (None, None, None),
        "site": (None, "x", None),
        "tags": (None, "p;q", None),
    }


def test_the_dev_cohort_is_read_whole(shared_data: SharedData) -> None:
    cohort = read_cohort(shared_data("cohorts/phenopacket-store-dev.jsonl.gz"))
    assert len(cohort) == 5_277
    assert len(set(cohort.values("gene"))) == 362
    assert len(set(cohort.values("group"))) == 899
    assert len({d for i in cohort for d in i.disease}) == 402
    assert sum(len(i.observed) + len(i.excluded) for i in cohort) == 119_003
    assert sum(i.age is not None for i in cohort) == 3_986
    assert {"variant_class", "disease_label", "cohort", "pmid"} <= cohort.columns.keys()
    assert "variants" not in cohort.columns


@pytest.mark.parametrize(("name", "n"), [("random_generated_sample_data", 20), ("satb1_data", 16)])
def test_the_sheets_of_phenoscore_are_read(shared_data: SharedData, name: str, n: int) -> None:
    cohort = read_cohort(shared_data(f"phenoscore/{name}.xlsx"))
    assert len(cohort) == n
    assert sorted(str(label) for label in cohort.values("label")) == ["0"] * (n // 2) + ["1"] * (n // 2)
    assert all(len(i.observed) >= 3 and i.photo is not None and i.photo.endswith(".png") for i in cohort)


def test_the_ids_of_a_large_sheet_are_shared(tmp_path: Path) -> None:
    rows = (f"i{r}\tGENE{r % 300}\tHP:{r % 5000:07d};HP:{r % 3000:07d}\tPMID:{r % 900}" for r in range(100_000))
    path = written(tmp_path / "big.tsv", "id\tgene\thpo\tpmid\n" + "\n".join(rows))
    cohort = read_cohort(path)
    first, again = cohort.individuals[0], cohort.individuals[15_000]
    assert first.observed[0] is again.observed[0], "the ids of a large cohort are shared"
    assert first.gene is again.gene
