"""Bad input gives one error that names the file, the place and the value, and says what was expected."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from pathlib import Path

import pytest

from phenojax.cohort import read_cohort
from phenojax.errors import CohortError

PACKET = {"id": "a", "subject": {"id": "s"}, "phenotypicFeatures": [{"type": {"id": "HP:0001250"}}]}


def fails(path: Path, *parts: str) -> None:
    """Reading raises one CohortError that names the file and holds every part."""
    with pytest.raises(CohortError) as caught:
        read_cohort(path)
    for part in (path.name, *parts):
        assert part in str(caught.value)


def file_of(tmp_path: Path, name: str, content: str | bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def tar_of(documents: dict[str, object], mode: str = "w") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]
        for name, document in documents.items():
            data = document if isinstance(document, bytes) else json.dumps(document).encode()
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    fails(tmp_path / "none.tsv", "no such file or folder")


def test_an_unknown_extension_lists_the_known_ones(tmp_path: Path) -> None:
    fails(file_of(tmp_path, "cohort.xls", "x"), "cannot tell the format", ".xlsx", ".parquet", ".tar.xz")


@pytest.mark.parametrize("name", ["c.tsv", "c.csv", "c.jsonl", "c.parquet", "c.xlsx", "c.json", "c.zip", "c.tar.gz"])
def test_an_empty_file(tmp_path: Path, name: str) -> None:
    fails(file_of(tmp_path, name, b""), "is empty")


@pytest.mark.parametrize(
    ("name", "content"),
    [("c.tsv", "id\thpo\n"), ("c.jsonl", "\n\n"), ("c.json", "[]"), ("c.jsonl.gz", gzip.compress(b""))],
)
def test_a_cohort_of_nobody(tmp_path: Path, name: str, content: str | bytes) -> None:
    fails(file_of(tmp_path, name, content), "holds no individuals")


def test_a_compressed_sheet_of_nothing(tmp_path: Path) -> None:
    fails(file_of(tmp_path, "c.tsv.gz", gzip.compress(b"")), "is empty", "header line")


def test_a_missing_column_says_which_there_are(tmp_path: Path) -> None:
    fails(file_of(tmp_path, "c.tsv", "id\tGene\tterms\na\tb\tc\n"), "no column 'hpo'", "id, Gene, terms")
    fails(file_of(tmp_path, "c.jsonl", '{"id": "a", "hpo": []}\n{"id": "b"}\n'), "line 2", "no column 'hpo'", "id")


def test_a_table_of_photographs_needs_no_terms(tmp_path: Path) -> None:
    cohort = read_cohort(file_of(tmp_path, "c.csv", "id,gene,photo\na,G,a.jpg\nb,H,\n"))
    assert [individual.observed for individual in cohort] == [(), ()]
    assert cohort.individuals[0].photo == str(tmp_path / "a.jpg")
    fails(file_of(tmp_path, "d.csv", "id,gene\na,G\n"), "no column 'hpo'", "and no 'photo'")


def test_a_column_that_stands_there_twice(tmp_path: Path) -> None:
    fails(file_of(tmp_path, "c.tsv", "id\tHPO\thpo \na\t\t\n"), "column 'hpo' stands there twice")


@pytest.mark.parametrize(
    "term", ["HP:123", "hp0001250", "HP:00012500", "HP_0001250", "hp:0001250", "Seizure", "HP:٠٠٠١٢٥٠"]
)
@pytest.mark.parametrize("column", ["hpo", "hpo_excluded"])
def test_a_malformed_id_is_named_with_its_place(tmp_path: Path, term: str, column: str) -> None:
    other = "hpo" if column == "hpo_excluded" else "hpo_excluded"
    sheet = f"id\t{column}\t{other}\na\tHP:0001250\t\nb\tHP:0001250;{term}\t\n"
    fails(file_of(tmp_path, "c.tsv", sheet), "line 3", column, repr(term), "expected 'HP:' and seven digits")
    line = json.dumps({"id": "b", column: [term], other: []}, ensure_ascii=False)
    fails(file_of(tmp_path, "c.jsonl", line), "line 1", column, repr(term))


def test_terms_that_are_no_list(tmp_path: Path) -> None:
    fails(file_of(tmp_path, "c.jsonl", '{"id": "a", "hpo": 7}'), "line 1", "hpo 7 is not a list")
    fails(file_of(tmp_path, "c.jsonl", '{"id": "a", "hpo": [7]}'), "line 1", "holds 7")
    fails(file_of(tmp_path, "c.tsv", "id\thpo\na\t['HP:0001250'\n"), "line 2", "does not end with ']'")


def test_an_id_given_twice_names_both_places(tmp_path: Path) -> None:
    fails(file_of(tmp_path, "c.tsv", "id\thpo\na\t\nb\t\na\t\n"), "line 4", "'a'", "line 2 already")


def test_an_id_that_is_empty(tmp_path: Path) -> None:
    fails(file_of(tmp_path, "c.tsv", "id\thpo\na\t\n\tHP:0001250\n"), "line 3", "the id is empty")


def test_lines_of_json_with_and_without_ids(tmp_path: Path) -> None:
    fails(file_of(tmp_path, "c.jsonl", '{"id": "a", "hpo": []}\n{"hpo": []}'), "1 of 2 individuals have no id")


@pytest.mark.parametrize(("value", "reason"), [("-1", "negative"), ("200", "above 150"), ("old", "cannot be read")])
def test_an_age_out_of_range(tmp_path: Path, value: str, reason: str) -> None:
    fails(file_of(tmp_path, "c.csv", f"id,hpo,age\na,,3\nb,,{value}\n"), "line 3", value, reason)


@pytest.mark.parametrize("value", ["1", "woman"])
def test_a_sex_that_nobody_can_be_sure_of(tmp_path: Path, value: str) -> None:
    fails(file_of(tmp_path, "c.csv", f"id,hpo,sex\na,,{value}\n"), "line 2", f"sex {value!r}", "expected female, male")


def test_a_row_of_another_length(tmp_path: Path) -> None:
    fails(file_of(tmp_path, "c.tsv", "id\thpo\na\tHP:0001250\tx\n"), "line 2", "3 cells, but the header has 2")
    fails(file_of(tmp_path, "c.tsv", "id\tgene\thpo\na\tb\n"), "line 2", "2 cells, but the header has 3")


def test_a_quote_that_never_closes(tmp_path: Path) -> None:
    fails(file_of(tmp_path, "c.csv", 'id,hpo\na,"HP:0001250\nb,\n'), "line 3", "check the quotes")


def test_text_that_is_not_utf8_names_the_line(tmp_path: Path) -> None:
    latin = "id\thpo\tlabel\na\t\tx\nb\t\tMünchen\n".encode("latin-1")
    fails(file_of(tmp_path, "c.tsv", latin), "line 3", "'fc' is not UTF-8", "save the file as UTF-8")
    fails(file_of(tmp_path, "c.jsonl", b'{"id": "\xff", "hpo": []}'), "line 1", "not UTF-8")


def test_broken_json_names_the_line(tmp_path: Path) -> None:
    fails(file_of(tmp_path, "c.jsonl", '{"id": "a", "hpo": []}\n{"id": \n'), "line 2", "not JSON")
    fails(file_of(tmp_path, "c.jsonl", '["a"]\n'), "line 1", "holds a list", "one JSON object per line")
    fails(file_of(tmp_path, "c.json", '{"id": '), "file c.json", "not JSON")


def test_a_gzip_cut_short(tmp_path: Path) -> None:
    lines = "".join(json.dumps({"id": f"i{n}", "hpo": [f"HP:{n * 7919:07d}"]}) + "\n" for n in range(999))
    whole = gzip.compress(lines.encode())
    fails(file_of(tmp_path, "c.jsonl.gz", whole[: len(whole) // 2]), "broken or cut short after line")
    fails(file_of(tmp_path, "d.jsonl.gz", lines), "broken or cut short after line 0")
    fails(file_of(tmp_path, "c.json.gz", whole[:50]), "broken or cut short")


def test_a_workbook_that_is_none(tmp_path: Path) -> None:
    fails(file_of(tmp_path, "c.xlsx", "id\thpo\n"), "not an .xlsx workbook", "save it as .xlsx")
    with zipfile.ZipFile(tmp_path / "d.xlsx", "w") as archive:
        archive.writestr("hello.txt", "x")
    fails(tmp_path / "d.xlsx", "not a readable Excel workbook")


def test_a_parquet_file_that_is_none(tmp_path: Path) -> None:
    fails(file_of(tmp_path, "c.parquet", "id,hpo\n"), "not a readable Parquet file")


@pytest.mark.parametrize(("name", "mode"), [("c.tar", "w"), ("c.tar.gz", "w:gz"), ("c.tar.xz", "w:xz")])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_an_archive_cut_short(tmp_path: Path, name: str, mode: str, share: float) -> None:
    whole = tar_of({f"{n:02}.json": {**PACKET, "id": f"i{n}"} for n in range(20)}, mode)
    content = len(whole) if mode != "w" else 20 * 1024
    fails(file_of(tmp_path, name, whole[: int(content * share)]), "broken or cut short", "copy it again")


def test_a_tar_cut_between_two_members(tmp_path: Path) -> None:
    whole = tar_of({f"{n:02}.json": {**PACKET, "id": f"i{n}"} for n in range(20)})
    fails(file_of(tmp_path, "c.tar", whole[: 10 * 1024]), "broken or cut short")


def test_a_zip_cut_short_or_none(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.json", json.dumps(PACKET))
    fails(file_of(tmp_path, "c.zip", buffer.getvalue()[:-30]), "broken, cut short or encrypted")


def test_a_broken_member_is_named(tmp_path: Path) -> None:
    fails(file_of(tmp_path, "c.tar", tar_of({"x/ok.json": PACKET, "x/bad.json": b"{"})), "file x/bad.json", "not JSON")
    bad = {**PACKET, "phenotypicFeatures": [{"type": {"id": "HP:1"}}]}
    fails(file_of(tmp_path, "c.tar", tar_of({"x/bad.json": bad})), "file x/bad.json", "'HP:1'", "seven digits")
    fails(file_of(tmp_path, "c.tar", tar_of({"x.json": b'"\xff"'})), "file x.json", "not UTF-8")


def test_json_that_is_no_phenopacket(tmp_path: Path) -> None:
    fails(
        file_of(tmp_path, "c.json", '{"name": "x"}'), "neither a Phenopacket nor a Family nor a Cohort", "it has name"
    )
    many = {f"{'member' * 10}{k}": k for k in range(500)}
    listed = ", ".join([("member" * 10)[:30]] * 5)
    fails(file_of(tmp_path, "c.json", json.dumps(many)), f"it has {listed}, ...; expected GA4GH v2 JSON")
    bad = {**PACKET, "phenotypicFeatures": [{"id": "HP:0001250"}]}
    fails(file_of(tmp_path, "c.json", json.dumps(bad)), "phenopacket 'a'", "does not follow the Phenopacket v2 schema")
    old = {**PACKET, "phenotypicFeatures": [{"type": {"id": "HP:0001250"}, "negated": True}]}
    fails(file_of(tmp_path, "c.json", json.dumps(old)), "schema 1", "expected schema 2")


def test_a_folder_or_archive_without_json(tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    (folder / "readme.txt").write_text("x")
    fails(folder, "holds no .json file")
    fails(file_of(tmp_path, "c.tar", tar_of({"a.txt": b"x"})), "holds no .json file")


def test_a_huge_member_is_refused_before_it_is_read(tmp_path: Path) -> None:
    member = tarfile.TarInfo("bomb.json")
    member.size = 1 << 40
    fails(file_of(tmp_path, "c.tar", member.tobuf() + b"0" * 1024), "bomb.json", "is larger than")
