"""The page is complete in itself, shows every gene, and takes no text of a result for markup."""

from __future__ import annotations

import base64
import gzip
import itertools
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from plotly.offline import get_plotlyjs
from report.make_result import HOSTILE, make_empty_result, make_face_map, make_result, make_run

from phenojax.report import render, write_report
from phenojax.screen.results import ScreenResult, Status

VOID = {"meta", "input", "br", "link", "img", "hr"}
LIMIT = 8_000_000
MODALITIES = ("hpo", "face", "both")


class Page(HTMLParser):
    """What a browser would make of the page: elements with attributes, text outside scripts, and unclosed tags."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.words.append(data)

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.elements)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def result() -> ScreenResult:
    return make_result()


@pytest.fixture(scope="module")
def html(result: ScreenResult) -> str:
    return render(result)


@pytest.fixture(scope="module")
def parsed(html: str) -> Page:
    return Page(html)


def only_row(result: ScreenResult, row: int) -> ScreenResult:
    table = result.table.slice(row, 1)
    gene = table["gene"][0]
    keep = [t.filter(pc.equal(t["gene"], gene)) for t in (result.explanations, result.predictions)]
    return ScreenResult(
        table,
        *keep,
        make_run(1),
        gene_similarity=result.gene_similarity.filter(pc.equal(result.gene_similarity["gene"], gene)),
    )


def test_every_row_is_in_the_table_with_its_status(result: ScreenResult, parsed: Page):
    shown = [attributes["data-status"] for tag, attributes in parsed.elements if "data-status" in attributes]
    assert sorted(shown) == sorted(result.table["status"].to_pylist())
    assert set(shown) == set(Status)
    for gene in result.table["gene"].to_pylist():
        assert gene in " ".join(parsed.words)


def test_every_gene_with_evidence_has_a_section_and_nothing_else_has(result: ScreenResult, parsed: Page):
    sections = {a["id"] for tag, a in parsed.elements if tag == "details" and a.get("class") == "gene"}
    links = {a["href"][1:] for tag, a in parsed.elements if tag == "a" and a.get("href", "").startswith("#gene-")}
    assert links == sections
    rows = result.table.to_pylist()
    significant = sum(row["q_value"] is not None and row["q_value"] <= 0.05 for row in rows)
    of_one_group = [row for row in rows if row["status"] == Status.SINGLE_GROUP]
    caution = sum(row["p_value"] <= 0.05 for row in of_one_group)
    assert 0 < caution < len(of_one_group)
    assert significant > 0
    assert len(sections) == significant + caution < len(rows)


def test_a_single_group_is_shown_with_its_p_and_is_no_finding(result: ScreenResult, html: str, parsed: Page):
    rows = result.table.to_pylist()
    across = [row for row in rows if row["q_value"] is not None]
    found = sum(row["q_value"] <= 0.05 for row in across)
    alone = [row for row in rows if row["status"] == Status.SINGLE_GROUP]
    caution = sum(row["p_value"] <= 0.05 for row in alone)
    assert f"Of {len(across)} tests, {found} found carriers" in parsed.text
    assert f"Tests in a single group: {len(alone)}, {caution} of them with p ≤ 0.05; they have no q" in parsed.text
    assert html.count('<tr data-status="single_group" data-caution>') == caution
    assert 'data-status="single_group" data-significant' not in html
    assert parsed.text.count(", no q ") >= caution


def test_a_result_of_single_groups_alone_is_a_whole_page(result: ScreenResult):
    alone = result.table.filter(pc.equal(result.table["status"], Status.SINGLE_GROUP.value))
    told = Page(render(ScreenResult(alone, result.explanations, result.predictions, result.run)))
    assert told.open == []
    assert "Of 0 tests, 0 found carriers" in told.text


def test_text_of_a_result_is_never_markup(html: str, parsed: Page):
    assert parsed.open == []
    assert HOSTILE in " ".join(parsed.words)
    assert "<img" not in html.replace(HOSTILE, "")
    assert parsed.count("img") == 0
    scripts = [attributes for tag, attributes in parsed.elements if tag == "script"]
    assert scripts == [{"type": "application/json", "id": "figures"}, {"type": "text/plain", "id": "plotly"}, {}]
    assert not any(name.startswith("on") for _, attributes in parsed.elements for name in attributes)
    assert "alert(" not in re.sub(r"(?s)<script.*?</script>", "", html).replace(
        "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;", ""
    ).replace("onerror=alert(1)&gt;", "")


def test_findings_are_counted_by_term_and_name_no_individual(result: ScreenResult):
    told = Page(render(result)).text
    findings = told[told.index("Findings of the cohort") : told.index("Controls were matched on")]
    assert "individuals without any observed term 1" in findings
    named = ["patient", "p17", "p3", HOSTILE]
    assert [name for name in named if name in findings.replace("was read as", "")] == []


def test_nothing_is_fetched(html: str, parsed: Page):
    for tag, attributes in parsed.elements:
        assert tag not in ("link", "iframe", "object", "embed", "base")
        assert "src" not in attributes
        assert (attributes.get("href") or "#").startswith("#")
    policy = next(a for tag, a in parsed.elements if tag == "meta" and a.get("http-equiv"))["content"]
    assert "default-src 'none'" in policy
    assert "http" not in policy
    style = html[html.index("<style>") : html.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style


def test_what_a_reader_must_know_is_said(parsed: Page):
    for words in (
        "Research use only. Does not diagnose.",
        "2025-01-16",
        "HPO licence: free",
        "10.1093/nar/gkad1005",
        "not protected from publication effects",
        "69 individuals have no gene",
        "HP:9999999 (2)",
        "HP:0001388, HP:0001382 (1)",
        "and 10 more",
        "smallest p",
        "5,277 individuals",
        "Dingemans AJM",
        "Benjamini Y, Hochberg Y",
    ):
        assert words in parsed.text


def test_the_page_names_the_cohort_and_not_where_it_lies(html: str, parsed: Page):
    assert "cohort <b>one.jsonl.gz" in parsed.text
    assert "somebody" not in html


def test_the_page_can_be_read_without_eyes_or_mouse(parsed: Page):
    assert dict(parsed.elements)["html"] == {"lang": "en"}
    levels = [int(tag[1]) for tag, _ in parsed.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in itertools.pairwise(levels))
    plots = [a for _, a in parsed.elements if "plot" in (a.get("class") or "").split()]
    assert len(plots) == 4
    assert all(a["role"] == "img" and a["aria-label"] for a in plots)
    ids = [a["id"] for _, a in parsed.elements if "id" in a]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("row", range(12))
def test_a_result_of_one_row_is_a_whole_page(result: ScreenResult, row: int):
    page_of_one = Page(render(only_row(result, row)))
    assert page_of_one.open == []
    assert sum("data-status" in attributes for _, attributes in page_of_one.elements) == 1


def test_an_empty_result_says_so_and_carries_no_plotting_library():
    html = render(make_empty_result())
    assert len(html) < 100_000
    assert "No gene could be tested" in html
    assert "No gene reached q" in html


def test_a_run_that_tells_nothing_still_gives_a_page(result: ScreenResult):
    bare = ScreenResult(result.table, result.explanations.slice(0, 0), result.predictions.slice(0, 0), {})
    text = Page(render(bare)).text
    assert "No term is listed for this gene." in text
    assert "Nothing: every individual" in text


def all_significant(n_genes: int) -> ScreenResult:
    result = make_result(n_genes, seed=3)
    table = result.table
    q_value = pc.if_else(pc.is_null(table["auc"]), table["q_value"], 0.001)
    index = table.schema.get_field_index("q_value")
    return replace(result, table=table.set_column(index, table.schema.field("q_value"), q_value))


def test_500_genes_with_evidence_stay_under_8_megabytes():
    html = render(all_significant(680))
    assert 500 <= html.count('<details class="gene"') <= 520
    assert len(html.encode()) < LIMIT


def test_500_genes_by_terms_faces_and_both_stay_under_8_megabytes():
    result = all_significant(500)
    table, rng = result.table, np.random.default_rng(3)
    thrice = [table.set_column(1, table.schema.field("modality"), pa.array([m] * len(table))) for m in MODALITIES]
    maps = {gene: make_face_map(rng) for gene in table["gene"].to_pylist()}
    html = render(replace(result, table=pa.concat_tables(thrice)), face_maps=maps)
    assert html.count('<svg class="face"') == html.count('<details class="gene"') > 350
    assert len(html.encode()) < LIMIT


def test_the_file_appears_whole_or_not_at_all(result: ScreenResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "report.html"
    path.write_text("old")

    def fail(self: Path, *_: object, **__: object) -> int:
        self.touch()
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", fail)
        with pytest.raises(OSError, match="disk full"):
            write_report(only_row(result, 0), path)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]
    write_report(only_row(result, 0), path)
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_the_plotting_library_is_held_whole_and_compressed(html: str):
    packed = re.search(r'<script type="text/plain" id="plotly">([A-Za-z0-9+/=]+)</script>', html)
    assert packed is not None
    assert gzip.decompress(base64.b64decode(packed[1])).decode("utf-8") == get_plotlyjs()
    assert len(packed[1]) < len(get_plotlyjs()) / 2


def test_term_counts_over_other_controls_than_the_test_say_so(result: ScreenResult, parsed: Page):
    assert "all other individuals with terms" not in parsed.text
    index = result.explanations.schema.get_field_index("control_n")
    everyone = pc.add(result.explanations["control_n"], 5000).cast("int32")
    wider = result.explanations.set_column(index, result.explanations.schema.field(index), everyone)
    told = Page(render(ScreenResult(result.table, wider, result.predictions, result.run))).text
    assert told.count("all other individuals with terms") == told.count("cases controls (here") > 0
