"""What is a photograph, what is it called, and when does a path mean a cohort."""

from __future__ import annotations

from pathlib import Path

import pytest

from phenojax.cohort import Cohort, Individual
from phenojax.errors import CohortError, ConfigError
from phenojax.face.embedding.photographs import list_photographs


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")


def test_a_folder_gives_its_pictures_by_name_and_passes_over_what_is_hidden_or_no_picture(tmp_path: Path) -> None:
    touch(tmp_path, "b.JPG", "a.png", "inside/a.png", ".hidden.png", ".cache/c.png", "notes.txt", "a.dot.tif")
    found = list_photographs(tmp_path)
    assert found.ids == ("a.dot", "a", "b", "inside/a")
    assert found.photos == tuple(str(tmp_path / name) for name in ("a.dot.tif", "a.png", "b.JPG", "inside/a.png"))


def test_a_folder_of_pictures_and_phenopackets_is_a_folder_of_pictures(tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text('{"id": "p", "subject": {"id": "s"}, "phenotypicFeatures": []}')
    assert list_photographs(tmp_path).photos == (None,)
    touch(tmp_path, "a.png")
    assert list_photographs(tmp_path).ids == ("a",)


def test_two_photographs_of_one_name_are_both_named(tmp_path: Path) -> None:
    touch(tmp_path, "a.png", "a.jpg")
    with pytest.raises(CohortError, match=r"a\.jpg and .*a\.png would both be called 'a'"):
        list_photographs(tmp_path)
    with pytest.raises(CohortError, match="would both be called 'a'"):
        list_photographs([tmp_path / "a.png", tmp_path / "a.png"])
    both = list_photographs({"x": tmp_path / "a.png", "y": tmp_path / "a.png"})
    assert both.ids == ("x", "y")


def test_a_list_keeps_its_order_and_every_row_whether_or_not_there_is_such_a_file(tmp_path: Path) -> None:
    touch(tmp_path, "one/z.png", "two/a.png")
    given = [str(tmp_path / "two" / "a.png"), str(tmp_path / "one" / "z.png"), str(tmp_path / "gone.png")]
    found = list_photographs([*given, "https://example.org/x.jpg"])
    assert found.ids == ("two/a", "one/z", "gone", "https://example.org/x.jpg")
    assert found.photos == (*given, "https://example.org/x.jpg")
    assert list_photographs([]).ids == ()


def test_a_cohort_has_a_row_for_each_individual_with_or_without_a_photograph(tmp_path: Path) -> None:
    cohort = Cohort((Individual("a", photo="a.png"), Individual("b")))
    assert list_photographs(cohort).photos == ("a.png", None)
    (tmp_path / "c.tsv").write_text("id\thpo\tphoto\na\tHP:0000001\tx.png\n")
    assert list_photographs(tmp_path / "c.tsv").photos == (str(tmp_path / "x.png"),)


def test_one_picture_is_called_by_its_stem(tmp_path: Path) -> None:
    touch(tmp_path, "face.jpeg")
    assert list_photographs(str(tmp_path / "face.jpeg")).ids == ("face",)


def test_a_path_that_holds_nothing_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(CohortError, match=r"nowhere\.jpg: no such file"):
        list_photographs(tmp_path / "nowhere.jpg")
    with pytest.raises(CohortError, match="no such file or folder"):
        list_photographs(tmp_path / "nowhere")
    with pytest.raises(CohortError, match=r"holds no pictures \(.*\.png.*\), and is no cohort either"):
        list_photographs(tmp_path)
    with pytest.raises(ConfigError, match="not int"):
        list_photographs(7)  # type: ignore[arg-type]
