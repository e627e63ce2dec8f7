"""What a section shows is what the tables hold: groups, nearest genes, modalities, faces."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from report.make_result import make_face_map, make_result
from sklearn.metrics import roc_auc_score

from phenojax.report import render
from phenojax.report.face_maps import draw_face, overlay
from phenojax.report.genes import gene_rows
from phenojax.report.groups import LISTED_GROUPS, group_lines
from phenojax.report.likeness import STEPS, UNKNOWN, Likeness, heatmap_figure
from phenojax.report.png import png_address
from phenojax.report.sections import gene_sections
from phenojax.report.sources import sources
from phenojax.screen.results import ScreenResult


def picture(address: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(address.removeprefix("data:image/png;base64,"))))


@given(st.integers(2, 30), st.integers(0, 1000))
def test_what_each_group_beats_is_together_the_auc(n_cases: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    is_case = np.arange(n_cases + 25) < n_cases
    score = np.round(rng.normal(is_case, 1.0), 1)  # with ties
    group = np.array([f"PMID:{rng.integers(15)}" for _ in is_case], dtype=object)
    lines = group_lines(is_case, score, 1 / (1 + np.exp(-score)), group)
    assert sum(line.n_cases for line in lines) == n_cases
    assert len(lines) <= LISTED_GROUPS + 1
    assert sum(line.n_cases * line.beaten for line in lines) / n_cases == pytest.approx(roc_auc_score(is_case, score))
    for line in lines[:LISTED_GROUPS]:
        kept = ~is_case | (group == line.name)
        assert line.beaten == pytest.approx(roc_auc_score(is_case[kept], score[kept]))
    sizes = [line.n_cases for line in lines[:LISTED_GROUPS]]
    assert sizes == sorted(sizes, reverse=True)


def test_cases_of_no_known_group_are_told_apart_and_without_any_group_nothing_is_said() -> None:
    is_case = np.array([True, True, True, False])
    score = np.array([0.9, 0.8, 0.1, 0.5])
    group = np.array(["A", None, "A", None], dtype=object)
    assert [(line.name, line.n_cases, line.beaten) for line in group_lines(is_case, score, score, group)] == [
        ("A", 2, 0.5),
        ("not known", 1, 1.0),
    ]
    assert group_lines(is_case, score, score, np.full(4, None)) == []


def test_the_nearest_genes_are_those_of_the_table_and_never_the_gene_itself() -> None:
    table = make_result(60).gene_similarity
    likeness = Likeness(table)
    of = {(row["gene"], row["other"]): row["similarity"] for row in table.to_pylist()}
    for gene in likeness.genes:
        others = sorted((-(of.get((gene, o)) or of.get((o, gene)) or 0), o) for o in likeness.genes if o != gene)
        assert likeness.nearest(gene) == [(o, pytest.approx(-value)) for value, o in others[:5]]
        assert likeness.own(gene) == (None if np.isnan(of[gene, gene] or np.nan) else pytest.approx(of[gene, gene]))
    assert likeness.nearest("of no cohort") == []
    assert likeness.own("of no cohort") is None


def test_the_heatmap_holds_every_pair_and_puts_the_like_together() -> None:
    genes = [f"G{k}" for k in range(12)]
    kind = np.array([k % 3 for k in range(12)])
    a, b = np.triu_indices(12)
    values = np.where(kind[a] == kind[b], 0.5, 0.1).astype(np.float32)
    values[0] = np.nan
    table = pa.table({"gene": [genes[k] for k in a], "other": [genes[k] for k in b], "similarity": values})
    figure = heatmap_figure(Likeness(table), genes)
    assert figure is not None
    trace, tree = figure["data"]
    assert sorted(trace["genes"]) == sorted(genes)
    order = [genes.index(gene) for gene in trace["genes"]]
    assert len([k for k in range(11) if kind[order[k]] != kind[order[k + 1]]]) == 2
    cells = np.frombuffer(base64.b64decode(trace["cells"]), np.uint8)
    rows, columns = (np.array(order)[k] for k in np.triu_indices(12))
    expected = np.where(kind[rows] == kind[columns], 0.5 * STEPS, 0.1 * STEPS)
    expected[(rows == 0) & (columns == 0)] = UNKNOWN
    np.testing.assert_array_equal(cells, expected.astype(np.uint8))
    assert len(tree["x"]) == len(tree["y"]) == 11 * 5
    assert {x for x in tree["x"] if x is not None} >= set(range(12))


def test_of_very_many_genes_those_with_the_strongest_evidence_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("phenojax.report.likeness.MOST_DRAWN", 4)
    likeness = Likeness(make_result(60).gene_similarity)
    strongest = likeness.genes[::-1]
    figure = heatmap_figure(likeness, strongest)
    assert figure is not None
    assert sorted(figure["data"][0]["genes"]) == sorted(strongest[:4])
    assert heatmap_figure(Likeness(make_result(60).gene_similarity.slice(0, 1)), []) is None


def test_a_gene_has_one_section_whatever_tests_it_had_and_links_to_those_of_the_nearest() -> None:
    result = make_result(60)
    table, predictions = result.table, result.predictions
    face = table.set_column(1, table.schema.field("modality"), pa.array(["face"] * len(table)))
    of_face = predictions.set_column(1, predictions.schema.field("modality"), pa.array(["face"] * len(predictions)))
    both = ScreenResult(
        pa.concat_tables([face, table]),
        result.explanations,
        pa.concat_tables([of_face, predictions]),
        result.run,
        gene_similarity=result.gene_similarity,
    )
    rows = gene_rows(both)
    sections = gene_sections(both, rows, Likeness(both.gene_similarity), {})
    of_section = {section.row.anchor: section.row.values["gene"] for section in sections}
    assert len(of_section) == len(set(of_section.values())) == len(sections)
    assert set(of_section.values()) == {row.values["gene"] for row in rows if row.has_section}
    for section in sections:
        assert section.row.values["gene"] == section.rows[0].values["gene"]
        assert [row.values["modality"] for row in section.rows] == ["hpo", "face"]
        assert [modality for modality, _ in section.curves] == ["hpo", "face"]
        assert section.roc is not None
        assert section.roc.count("<polyline") == 2
        assert all(of_section[n.anchor] == n.gene for n in section.nearest if n.anchor)
        assert {n.gene for n in section.nearest if not n.anchor}.isdisjoint(of_section.values())
    alone = gene_sections(result, gene_rows(result), Likeness(result.gene_similarity), {})
    assert all(len(section.rows) == 1 for section in alone)


def test_a_png_is_read_back_as_it_was() -> None:
    rng = np.random.default_rng(0)
    grey = rng.integers(0, 256, (7, 5), np.uint8)
    np.testing.assert_array_equal(np.asarray(picture(png_address(grey))), grey)
    palette = rng.integers(0, 256, (256, 4), np.uint8)
    np.testing.assert_array_equal(np.asarray(picture(png_address(grey, palette)).convert("RGBA")), palette[grey])


def test_a_map_is_coloured_by_sign_and_opaque_by_size() -> None:
    attribution = np.zeros((128, 128), np.float32)
    attribution[:64, :64], attribution[64:, 64:] = 2.0, -1.0
    drawn = np.asarray(picture(overlay(attribution)).convert("RGBA")).astype(int)
    assert drawn.shape == (42, 42, 4)  # means of three by three
    assert drawn.shape[0] <= 56
    raises, nothing, lowers = drawn[10, 10], drawn[10, 30], drawn[30, 30]
    # as in pj.plot: blue speaks for the gene, vermilion against it
    assert raises[2] > raises[0]
    assert lowers[0] > lowers[2]
    assert raises[3] > lowers[3] > nothing[3] == 0
    assert np.asarray(picture(overlay(np.zeros((9, 9)))).convert("RGBA"))[..., 3].max() == 0


def test_a_face_map_is_drawn_over_the_average_face_of_so_many_individuals() -> None:
    face_map = make_face_map(np.random.default_rng(0))
    drawn = draw_face("A<b>", face_map)
    assert f"Average face of {face_map.n} individuals" in drawn
    assert "blue: the parts that raise the score of A&lt;b&gt; on average, vermilion: those that lower it" in drawn
    average, coloured = (picture(address) for address in re.findall(r'href="([^"]*)"', drawn))
    assert (average.mode, coloured.mode) == ("L", "P")
    assert average.size == coloured.size == (56, 56)
    grey = face_map.average_face.mean(axis=2).reshape(56, 2, 56, 2).mean(axis=(1, 3))
    np.testing.assert_allclose(np.asarray(average, float), grey, atol=3.5)


def test_a_gene_with_a_face_map_has_a_section_whatever_its_q() -> None:
    result = make_result(60)
    without = next(row.values["gene"] for row in gene_rows(result) if row.corrected and not row.has_section)
    maps = {without: make_face_map(np.random.default_rng(0), without)}
    rows = gene_rows(result, maps)
    sections = gene_sections(result, rows, Likeness(result.gene_similarity), maps)
    (section,) = [section for section in sections if section.row.values["gene"] == without]
    assert section.face is not None
    assert len(sections) == 1 + len(gene_sections(result, gene_rows(result), Likeness(result.gene_similarity), {}))
    page = render(result, face_maps=maps)
    assert f'<a href="#{section.row.anchor}">{without}</a>' in page
    assert f'id="{section.row.anchor}"' in page
    assert page.count('<svg class="face"') == 1
    assert "every gene with a map of the face, whatever its q" in page


def test_only_what_was_used_is_cited() -> None:
    result = make_result(20)
    cited = " ".join(source.reference for source in sources(result))
    assert "Dingemans" in cited
    assert "10.1093/nar/gkad1005" in cited
    assert "Benjamini" in cited
    assert "Besag" not in cited
    early = ScreenResult(result.table, result.explanations, result.predictions, {"config": {"sequential": True}})
    assert "Besag" in " ".join(source.reference for source in sources(early))
    assert "Sundararajan" in " ".join(source.reference for source in sources(result, {"integrated-gradients"}))
    assert "Pesquita" in cited
    assert "Platt" in cited
    theirs = {"classifier": {"name": "phenoscore"}}
    as_phenoscore = ScreenResult(result.table, result.explanations, result.predictions, theirs)
    assert "Platt" not in " ".join(source.reference for source in sources(as_phenoscore))
    untested = ScreenResult(result.table.slice(0, 0), result.explanations.slice(0, 0), result.predictions, {})
    assert [source.reference[:9] for source in sources(untested)] == ["Dingemans"]
