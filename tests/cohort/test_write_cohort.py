"""phenojax reads what it writes."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phenojax.cohort import Cohort, Individual, Sex, read_cohort, write_cohort
from phenojax.errors import CohortError

EXTENSIONS = [".jsonl", ".jsonl.gz", ".tsv", ".tsv.gz", ".csv", ".csv.gz", ".parquet", ".xlsx"]

text = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp", "Cn")) | st.sampled_from(" ;,|'\"=#[]"), min_size=1
).map(str.strip).filter(bool)  # fmt: skip
name = st.from_regex(r"[A-Za-z][A-Za-z0-9 _.-]{0,8}[A-Za-z0-9]", fullmatch=True)
terms = st.lists(st.integers(0, 9_999_999).map(lambda n: f"HP:{n:07d}"), max_size=5).map(tuple)
individuals = st.builds(
    Individual,
    id=text,
    gene=st.none() | text,
    observed=terms,
    excluded=terms,
    sex=st.sampled_from(Sex),
    age=st.none() | st.floats(0, 150),
    group=st.none() | text,
    photo=st.none() | name,
    disease=st.lists(st.from_regex(r"(OMIM|ORPHA):[0-9]{1,6}", fullmatch=True), max_size=2).map(tuple),
    label=st.none() | text,
)
FIELDS = {"id", "gene", "hpo", "hpo_excluded", "sex", "age", "group", "photo", "disease", "label"}


@st.composite
def cohorts(draw: st.DrawFn) -> Cohort:
    people = draw(st.lists(individuals, min_size=1, max_size=5, unique_by=lambda i: i.id))
    names = draw(st.lists(name.filter(lambda n: n.lower() not in FIELDS), max_size=2, unique_by=str.lower))
    values = st.lists(st.none() | text, min_size=len(people), max_size=len(people)).map(tuple)
    return Cohort(tuple(people), "drawn", {column: draw(values) for column in names})


@pytest.mark.parametrize("extension", EXTENSIONS)
@settings(max_examples=40, deadline=None)
@given(cohort=cohorts())
def test_a_cohort_comes_back_as_it_was(extension: str, cohort: Cohort) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"cohort{extension}"
        placed = [replace(i, photo=i.photo and f"{folder}/{i.photo}") for i in cohort]
        write_cohort(Cohort(tuple(placed), cohort.source, cohort.columns), path)
        back = read_cohort(path)
        exact = 0.0 if extension != ".xlsx" else 1e-14  # Excel keeps 15 digits of a number
        for old, new in zip(placed, back, strict=True):
            assert new.age == (None if old.age is None else pytest.approx(old.age, rel=exact, abs=0))
        assert [replace(i, age=None) for i in back] == [replace(i, age=None) for i in placed]
        assert back.columns == cohort.columns
        assert [p.name for p in Path(folder).iterdir()] == [path.name], "no temporary file stays"


@pytest.mark.parametrize("extension", [".jsonl.gz", ".tsv.gz", ".parquet"])
def test_the_same_cohort_is_the_same_bytes(tmp_path: Path, extension: str) -> None:
    cohort = Cohort((Individual("a", "NF1", ("HP:0001250",)),), "x", {"site": ("s",)})
    write_cohort(cohort, tmp_path / f"a{extension}")
    write_cohort(cohort, tmp_path / f"b{extension}")
    assert (tmp_path / f"a{extension}").read_bytes() == (tmp_path / f"b{extension}").read_bytes()


def test_columns_named_as_other_names_of_fields_do_not_shadow_them(tmp_path: Path) -> None:
    columns = {"pmid": ("PMID:1",), "hpo_all": ("HP:0000002",), "y_label": ("x",), "path_to_file": ("f",)}
    cohort = Cohort((Individual("a", observed=("HP:0000001",)),), "x", columns)
    write_cohort(cohort, tmp_path / "c.tsv")
    back = read_cohort(tmp_path / "c.tsv")
    assert (back.individuals, back.columns) == (cohort.individuals, columns)


@pytest.mark.parametrize("target", ["c.txt", "c.xlsx.gz", "c.zip"])
def test_another_format_is_refused(tmp_path: Path, target: str) -> None:
    with pytest.raises(CohortError, match="cannot write this; expected"):
        write_cohort(Cohort((Individual("a"),)), tmp_path / target)


def test_a_column_named_like_a_field_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CohortError, match="column 'Gene' cannot be written; rename it"):
        write_cohort(Cohort((Individual("a"),), "x", {"Gene": ("g",)}), tmp_path / "c.tsv")


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CohortError, match="does not exist"):
        write_cohort(Cohort((Individual("a"),)), tmp_path / "no" / "c.tsv")


def test_nothing_is_left_half_written(tmp_path: Path) -> None:
    path = tmp_path / "c.xlsx"
    path.write_text("kept")
    for label, reason in (("x" * 40_000, "do not fit an Excel cell"), ("\x00", "control character")):
        with pytest.raises(CohortError, match=reason):
            write_cohort(Cohort((Individual("a", label=label),)), path)
        assert path.read_text() == "kept"
        assert [p.name for p in tmp_path.iterdir()] == ["c.xlsx"]
