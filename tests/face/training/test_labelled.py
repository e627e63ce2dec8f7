"""The class of a photograph is the folder it lies in, or a column of its cohort."""

from __future__ import annotations

from pathlib import Path

import pytest

from phenojax import Cohort, Individual
from phenojax.errors import CohortError, ConfigError
from phenojax.face.training.labelled import labelled_photographs


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")
    return folder


def test_a_folder_of_folders_has_classes_and_the_folders_in_them_are_persons(tmp_path: Path) -> None:
    touch(tmp_path, "A/1.jpg", "A/ann/2.jpg", "A/ann/old/3.png", "B/bob/1.jpg", "B/notes.txt", ".hidden/x.jpg")
    found = labelled_photographs(tmp_path)
    assert list(found.photographs) == ["A/1", "A/ann/2", "A/ann/old/3", "B/bob/1"]
    assert found.photographs["A/ann/old/3"] == str(tmp_path / "A/ann/old/3.png")
    assert found.labels == ("A", "A", "A", "B")
    assert found.groups == (None, "A/ann", "A/ann", "B/bob")
    assert labelled_photographs(tmp_path, group=None).groups == (None,) * 4
    with pytest.raises(ConfigError, match="goes with a table or a cohort"):
        labelled_photographs(tmp_path, by="gene")
    touch(tmp_path, "lost.jpg")
    with pytest.raises(CohortError, match=r"lost\.jpg: lies beside the folders of the classes; expected .*CLASS/PHOTO"):
        labelled_photographs(tmp_path)


def test_a_table_needs_no_terms(tmp_path: Path) -> None:
    (tmp_path / "faces.csv").write_text("photo,label,site\nx/1.jpg,A,s1\nx/2.jpg,B,\n,A,s1\nx/4.jpg,,s1\n")
    found = labelled_photographs(tmp_path / "faces.csv", group="site")
    assert found.photographs == {"row1": str(tmp_path / "x/1.jpg"), "row2": str(tmp_path / "x/2.jpg")}
    assert (found.labels, found.groups, found.left_out) == (("A", "B"), ("s1", None), 2)


def test_a_cohort_has_its_genes_for_classes_where_these_are_asked_for() -> None:
    people = Cohort(
        (
            Individual("a", gene="G", group="1", photo="a.jpg"),
            Individual("b", gene="H", photo="b.jpg"),
            Individual("c", photo="c.jpg"),
        )
    )
    found = labelled_photographs(people, by="gene")
    assert found == ({"a": "a.jpg", "b": "b.jpg"}, ("G", "H"), ("1", None), 1)
    with pytest.raises(CohortError, match="nobody has a value of 'label'; name the column that holds the classes"):
        labelled_photographs(people)
    with pytest.raises(CohortError, match="no column 'disease_name'; there are id, gene"):
        labelled_photographs(people, by="disease_name")
    with pytest.raises(CohortError, match="nobody with a value of 'gene' has a photograph"):
        labelled_photographs(Cohort((Individual("a", gene="G"),)), by="gene")
