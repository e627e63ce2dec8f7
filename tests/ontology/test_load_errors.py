"""A file that is wrong is one clear error that names the file and the line."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest
from reference.obo import parse_obo, write_obographs

from phenojax.errors import OntologyError
from phenojax.ontology import Ontology, build_pack, load_ontology

from .conftest import GENE_COLUMNS, GENES, HPOA, HPOA_COLUMNS, OBO, table

HEAD = "format-version: 1.2\n\n"
ROW = "OMIM:1|One||HP:0000002|PMID:1|PCS|||||P|x"
GENE_ROW = "10|NAT2|HP:0000002|Tall|-|OMIM:2"


def stanza(number: int, *tags: str) -> str:
    return "\n".join(["[Term]", f"id: HP:{number:07}", f"name: n{number}", *tags, "", ""])


def fails(path: Path, message: str, **files: Path) -> None:
    """Loading must fail, naming `path` and then `message`."""
    with pytest.raises(OntologyError, match=re.escape(str(path)) + ".*" + message):
        load_ontology(**files)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        (HEAD, r"no \[Term\] with an HP id"),
        ("once upon a time\n", "line 1: expected 'tag: value'"),
        (HEAD + stanza(1) + stanza(1), "line 7: HP:0000001 is defined a second time; first on line 3"),
        (HEAD + stanza(1, "is_a: HP:0000009"), "line 6: the parent HP:0000009 of HP:0000001 is not a term"),
        (HEAD + stanza(1, "is_a: HP:0000001"), "line 3: the is_a edges form a cycle through HP:0000001"),
        (
            HEAD + stanza(1, "is_a: HP:0000002") + stanza(2, "is_a: HP:0000003") + stanza(3, "is_a: HP:0000002"),
            "line (8|13): the is_a edges form a cycle through HP:000000(2|3)",
        ),
        (HEAD + stanza(1, "is_a: HP:2"), "line 6: malformed id 'HP:2'"),
        (HEAD + stanza(1, "alt_id: HP:0000002") + stanza(2), "line 6: HP:0000002 is an alternate id"),
        (HEAD + stanza(1, "is_obsolete: true"), "every term is obsolete"),
        (HEAD + "[Term]\nid: HP:0000001\n", "line 3: HP:0000001 has no name"),
        (HEAD + stanza(1) + "[Term]\nid: HP:00000", "line 8: the file ends in the middle of a line"),
    ],
)
def test_a_bad_obo_file(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "bad.obo"
    path.write_text(text)
    fails(path, message, source=path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "line 1: expected a string, found the end of the file; it seems truncated"),
        ('{"graphs": []}', "no graph with an HP class"),
        ('{"graphs": [{"nodes": [\n{"id": "x/HP_1"}]}]}', "line 2: malformed id"),
        ('{"graphs": [{"nodes": [\n{"id": "x/HP_0000001"}]}]}', "line 2: HP:0000001 has no label"),
        ('{"graphs": [{"nodes": [\n{"lbl": "x"}]}]}', "line 2: this node has no id"),
        ('{"graphs": 3}', "line 1: expected an array"),
        ('{"graphs": [' + "[" * 1000 + "]}", "expected an object"),
        ('{"x": ' + "[" * 1000 + "]}", "nested deeper than 64"),
    ],
)
def test_a_bad_obographs_file(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text)
    fails(path, message, source=path)


def test_two_nodes_of_one_id_and_cycles_in_obographs(tmp_path: Path) -> None:
    document = json.loads(write_obographs(parse_obo(OBO)[1]))
    graph = document["graphs"][0]
    path = tmp_path / "bad.json"
    twice = {"graphs": [{**graph, "nodes": [*graph["nodes"], graph["nodes"][0]]}]}
    path.write_text(json.dumps(twice, indent=1))
    fails(path, r"line \d+: HP:0000001 is defined a second time; first on line \d+", source=path)
    edge = {"sub": "x/HP_0000001", "pred": "is_a", "obj": "x/HP_0000003"}
    path.write_text(json.dumps({"graphs": [{**graph, "edges": [*graph["edges"], edge]}]}, indent=1))
    fails(path, r"line \d+: the is_a edges form a cycle through HP:0000", source=path)
    edge = {"sub": "x/HP_0000777", "pred": "is_a", "obj": "x/HP_0000003"}
    path.write_text(json.dumps({"graphs": [{**graph, "edges": [edge]}]}, indent=1))
    fails(path, "is_a edge from HP:0000777, which is not a term", source=path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        (OBO, "line 1: no line of column names; expected the tab-separated columns database_id"),
        (GENES, "line 1: no line of column names"),
        (table(HPOA_COLUMNS, [ROW, "OMIM:1|One"]), "line 3: found 2 columns"),
        (table(HPOA_COLUMNS, [ROW + "|more"]), "line 2: found 13 columns"),
        (table(HPOA_COLUMNS, [ROW.replace("HP:0000002", "0000002")]), "line 2: malformed hpo_id '0000002'"),
        (table(HPOA_COLUMNS, [ROW.replace("OMIM:1", "")]), "line 2: malformed disease id ''"),
        (table(HPOA_COLUMNS, [ROW.replace("PCS||", "PCS||often")]), "line 2: frequency 'often'; expected 3/7, 45%"),
        (table(HPOA_COLUMNS, [ROW.replace("PCS||", "PCS||3/x")]), "line 2: frequency '3/x'"),
        (table(HPOA_COLUMNS, [ROW.replace("PCS|", "PCS|soon")]), "line 2: malformed onset 'soon'"),
        (table(HPOA_COLUMNS, [ROW.replace("|P|", "|Q|")]), "line 2: aspect 'Q'"),
        (table(HPOA_COLUMNS, [ROW.replace("One|", "One|PERHAPS")]), "line 2: qualifier 'PERHAPS'"),
        (HPOA[:-20], r"line \d+: the file ends in the middle of a line"),
    ],
)
def test_a_bad_hpoa_file(tmp_path: Path, small_files: dict[str, Path], text: str, message: str) -> None:
    path = tmp_path / "bad.hpoa"
    path.write_text(text)
    fails(path, message, source=small_files["source"], annotations=path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        (HPOA, "line 1: no line of column names; expected the tab-separated columns ncbi_gene_id"),
        (table(GENE_COLUMNS, ["10|NAT2"]), "line 2: found 2 columns"),
        (table(GENE_COLUMNS, [GENE_ROW.replace("10", "ten")]), "line 2: ncbi_gene_id 'ten'"),
        (table(GENE_COLUMNS, [GENE_ROW.replace("HP:", "")]), "line 2: malformed hpo_id"),
        (GENES[:-3], "line 4: the file ends in the middle of a line"),
    ],
)
def test_a_bad_gene_file(tmp_path: Path, small_files: dict[str, Path], text: str, message: str) -> None:
    path = tmp_path / "bad.txt"
    path.write_text(text)
    fails(path, message, source=small_files["source"], genes=path)


def test_files_that_are_not_there_or_not_files(tmp_path: Path) -> None:
    fails(tmp_path / "none.obo", "No such file", source=tmp_path / "none.obo")
    fails(tmp_path, "Is a directory", source=tmp_path)


def test_a_damaged_gzip_file(tmp_path: Path) -> None:
    path = tmp_path / "hp.obo.gz"
    whole = gzip.compress(OBO.encode())
    for content in (whole[:-9], whole[:40] + b"\x00\xff\x00" + whole[43:], b"\x1f\x8b"):
        path.write_bytes(content)
        fails(path, "the gzip file is damaged or truncated", source=path)


def test_malformed_utf8_is_read_as_replacement_characters(tmp_path: Path) -> None:
    path = tmp_path / "hp.obo"
    path.write_bytes(OBO.replace("Tall stature", "T\x00ll").encode().replace(b"\x00", b"\xff\xfe"))
    ontology = load_ontology(path)
    assert ontology.label("HP:0000002") == "T��ll"
    assert ontology.search("Tall") != ()


@pytest.mark.parametrize("cut", [cut for cut in range(0, len(OBO) - 1, 11) if OBO[cut - 1 : cut] != "\n"])
def test_a_file_cut_inside_a_line_never_loads(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "hp.obo"
    path.write_text(OBO[:cut])
    fails(path, "the file is empty|the file ends in the middle of a line|malformed|expected", source=path)


@pytest.mark.parametrize("cut", [cut for cut in range(1, len(OBO) - 1) if OBO[cut - 1] == "\n"])
def test_a_file_cut_between_lines_loads_as_fewer_terms_or_not_at_all(tmp_path: Path, small: Ontology, cut: int) -> None:
    path = tmp_path / "cut.obo"
    path.write_text(OBO[:cut])
    if OBO[:cut].count("\nname:") == OBO[:cut].count("[Term]") > 0:
        # the start of "obsolete" terms looks like a current one until its is_obsolete has been read
        current = {term for term in load_ontology(path).term_ids if not term.startswith("HP:000003")}
        assert current <= set(small.term_ids)
    else:
        fails(path, "has no name|has no id|no \\[Term\\]", source=path)


def test_a_failed_build_writes_nothing(tmp_path: Path, small_files: dict[str, Path]) -> None:
    out = tmp_path / "new" / "x.pack"
    with pytest.raises(OntologyError, match="cannot be written"):
        build_pack(out, **small_files)
    small_files["genes"].write_text("nonsense\n")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(OntologyError, match="line 1: no line of column names"):
        build_pack(tmp_path / "x.pack", **small_files)
    assert sorted(tmp_path.iterdir()) == before
