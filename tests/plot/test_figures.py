"""The figures show what the tables say, on the caller's axes, and are written the same twice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest
from report.make_result import make_result

import phenojax as pj

pytest.importorskip("matplotlib", reason="figures need the extra 'plots'")
from matplotlib.figure import Figure
from matplotlib.text import Text

RESULT = make_result(60)
ROWS = {row["gene"]: row for row in RESULT.table.to_pylist()}
SIGNIFICANT = next(g for g, r in ROWS.items() if r["q_value"] is not None and r["q_value"] < 0.05)
UNTESTED = next(g for g, r in ROWS.items() if r["auc"] is None)
FACE_MAP = SimpleNamespace(
    mean=np.outer(np.linspace(-1, 1, 20), np.ones(16)).astype(np.float32),
    average_face=np.full((20, 16, 3), 128, np.uint8),
    n=7,
)


def words(figure: Figure) -> str:
    """All text that a reader sees."""
    return "\n".join(text.get_text() for text in figure.findobj(Text))


def test_the_volcano_has_a_point_for_every_tested_gene_and_names_significant_ones() -> None:
    ax = pj.plot.volcano(RESULT, names=3)
    points = np.concatenate([np.asarray(c.get_offsets()) for c in ax.collections])
    tested = [row for row in ROWS.values() if row["p_value"] is not None]
    expected = np.array([[row["auc"], -np.log10(row["p_value"])] for row in tested])
    assert sorted(map(tuple, points.round(9))) == sorted(map(tuple, expected.round(9)))
    named = [t.get_text() for t in ax.texts]
    assert len(named) == 3
    assert all(ROWS[gene]["q_value"] <= 0.05 for gene in named)


def test_names_of_the_volcano_do_not_cover_each_other() -> None:
    ax = pj.plot.volcano(RESULT, names=30)
    ax.figure.draw_without_rendering()  # type: ignore[union-attr]
    boxes = [text.get_window_extent() for text in ax.texts]
    pairs = [(a, b) for k, a in enumerate(boxes) for b in boxes[:k]]
    assert len(boxes) > 1
    assert not any(a.overlaps(b) for a, b in pairs)


def test_a_long_name_of_a_comparison_leaves_room_for_its_numbers() -> None:
    name = "SATB1, variant_class: " + " + ".join(["frameshift and nonsense"] * 8) + " vs missense"
    table = RESULT.table.to_pylist()
    row = next(r for r in table if r["gene"] == SIGNIFICANT) | {"gene": name}
    renamed = [r | {"gene": name} for r in RESULT.predictions.to_pylist() if r["gene"] == SIGNIFICANT]
    result = replace(
        RESULT,
        table=pa.Table.from_pylist([row], schema=RESULT.table.schema),
        predictions=pa.Table.from_pylist(renamed, schema=RESULT.predictions.schema),
    )
    figure = pj.plot.gene(result, name)
    title = next(text for text in figure.findobj(Text) if "controls; p" in text.get_text())
    figure.draw_without_rendering()
    box = title.get_window_extent()
    assert 0 <= box.x0 < box.x1 <= figure.bbox.width


def test_the_qq_plot_leaves_out_what_has_no_valid_p() -> None:
    ax = pj.plot.qq(RESULT)
    n = sum(len(c.get_offsets()) for c in ax.collections if c.get_label() != "95 % without any signal")
    assert n == sum(row["q_value"] is not None for row in ROWS.values())


def test_axes_of_the_caller_are_drawn_on() -> None:
    axes = Figure().subplots(2, 3).ravel()
    drawn = (
        pj.plot.volcano(RESULT, ax=axes[0]),
        pj.plot.auc_by_size(RESULT, ax=axes[1]),
        pj.plot.roc(RESULT, SIGNIFICANT, ax=axes[2]),
        pj.plot.probabilities(RESULT, SIGNIFICANT, ax=axes[3]),
        pj.plot.terms(RESULT, SIGNIFICANT, ax=axes[4]),
        pj.plot.qq(RESULT, ax=axes[5]),
    )
    assert all(a is b for a, b in zip(drawn, axes, strict=True))


def test_terms_stand_at_their_prevalence_the_most_significant_on_top() -> None:
    ax = pj.plot.terms(RESULT, SIGNIFICANT, n=4)
    rows = sorted((r for r in RESULT.explanations.to_pylist() if r["gene"] == SIGNIFICANT), key=lambda r: r["p_value"])
    cases = next(c for c in ax.collections if c.get_label() == "cases")
    np.testing.assert_allclose(np.asarray(cases.get_offsets())[:, 0], [r["case_prevalence"] for r in rows[:4]])
    low, high = ax.get_ylim()
    assert low > high, "the first is on top"


def test_the_shares_of_cases_and_of_controls_sum_to_one_each() -> None:
    ax = pj.plot.probabilities(RESULT, SIGNIFICANT)
    assert [sum(bar.get_height() for bar in bars) for bars in ax.containers] == pytest.approx([1, 1])


@pytest.mark.parametrize("face_map", [None, FACE_MAP])
def test_the_figure_of_a_gene_says_its_numbers_and_what_it_is_not(face_map: SimpleNamespace | None) -> None:
    figure = pj.plot.gene(RESULT, SIGNIFICANT, face_map=face_map)
    text, row = words(figure), ROWS[SIGNIFICANT]
    assert f"AUC {row['auc']:.2f}" in text
    assert f"{row['n_cases']} cases in {row['n_groups']} groups" in text
    assert "does not diagnose" in text
    assert ("mean of 7 individuals" in text) == (face_map is not None)


def scores(*, abstained: bool = False) -> SimpleNamespace:
    row = {
        "id": "p1", "gene": "SATB1", "modality": "hpo", "probability": 0.83, "probability_low": 0.6,
        "probability_high": 0.94, "abstained": abstained, "reason": "too_few_cases" if abstained else None,
        "note": "3 cases" if abstained else None,
    }  # fmt: skip
    terms = [
        {"id": "p1", "gene": "SATB1", "modality": "hpo", "label": f"term {k}", "contribution": 0.5 - 0.2 * k,
         "standard_error": 0.01 * (k == 1)}
        for k in range(6)
    ]  # fmt: skip
    return SimpleNamespace(table=pa.Table.from_pylist([row]), explanations=pa.Table.from_pylist(terms))


def test_the_figure_of_an_individual_says_probability_interval_and_terms() -> None:
    text = words(pj.plot.individual(scores(), "p1", "SATB1"))
    assert "0.83 (0.60 to 0.94)" in text
    assert "term 0" in text
    assert "does not diagnose" in text
    assert "abstains, too few cases: 3 cases" in words(pj.plot.individual(scores(abstained=True), "p1", "SATB1"))


def test_no_photograph_is_drawn_that_was_not_given() -> None:
    without = pj.plot.individual(scores(), "p1", "SATB1", face=FACE_MAP.mean)
    given = pj.plot.individual(scores(), "p1", "SATB1", face=FACE_MAP.mean, photo=FACE_MAP.average_face)
    count = [sum(len(ax.images) for ax in figure.axes) for figure in (without, given)]
    assert count == [1, 2]


def test_contributions_add_up_though_few_are_shown() -> None:
    rows = scores().explanations.to_pylist()
    ax = pj.plot.contributions(rows, n=3)
    widths = [bar.get_width() for bar in ax.containers[0]]
    assert sum(widths) == pytest.approx(sum(row["contribution"] for row in rows))
    assert ax.get_yticklabels()[-1].get_text() == "3 other terms"


def test_a_deletion_curve_is_drawn() -> None:
    ax = pj.plot.deletion([0, 1, 2], [1, 0.4, 0.1], [1, 0.8, 0.6], ([1, 0.7, 0.5], [1, 0.9, 0.7]))
    np.testing.assert_allclose(ax.lines[1].get_ydata(), [1, 0.4, 0.1])


@pytest.mark.parametrize("ending", [".pdf", ".svg", ".png"])
def test_a_figure_is_written_the_same_twice(ending: str, tmp_path: Path) -> None:
    first, again = (pj.plot.save(pj.plot.gene(RESULT, SIGNIFICANT), tmp_path / f"{k}{ending}") for k in "ab")
    assert first.read_bytes() == again.read_bytes()
    assert len(list(tmp_path.iterdir())) == 2, "no temporary file is left"
    if ending == ".svg":
        assert SIGNIFICANT in first.read_text(encoding="utf-8"), "text stays text"


def test_a_folder_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "figure.pdf").mkdir()
    with pytest.raises(pj.ConfigError, match="is a folder"):
        pj.plot.save(Figure(), tmp_path / "figure.pdf")
    assert pj.plot.save(pj.plot.volcano(RESULT).figure, tmp_path / "FIGURE.PNG").stat().st_size > 1000


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: pj.plot.roc(RESULT, "NONE"), "no gene 'NONE'"),
        (lambda: pj.plot.roc(RESULT, UNTESTED), "was not tested"),
        (lambda: pj.plot.gene(RESULT, SIGNIFICANT, modality="face"), "was not tested by 'face'"),
        (lambda: pj.plot.volcano(RESULT, modality="face"), "no gene was tested by 'face'"),
        (lambda: pj.plot.terms(RESULT, "NONE"), "were not compared"),
        (lambda: pj.plot.contributions([]), "no row"),
        (lambda: pj.plot.contributions([{"id": "a", "label": "x", "contribution": 1.0}, {"id": "b"}]), "several id"),
        (lambda: pj.plot.contributions([{"label": "x"}]), "needs a label and a finite contribution"),
        (lambda: pj.plot.contributions([{"label": "x", "contribution": float("nan")}]), "a finite contribution"),
        (lambda: pj.plot.terms(RESULT, SIGNIFICANT, n=0), "n must be a whole number of at least 1"),
        (lambda: pj.plot.volcano(RESULT, names=-1), "names must be a whole number of at least 0"),
        (lambda: pj.plot.face_map(np.zeros((0, 4))), "finite numbers"),
        (lambda: pj.plot.individual(scores(), "p2", "SATB1"), "no row for individual 'p2'"),
        (lambda: pj.plot.individual(scores(), "p1", "SATB1", modality="face"), "no model of modality 'face'"),
        (lambda: pj.plot.face_map(np.zeros(3)), r"\(h, w\)"),
        (lambda: pj.plot.face_map(np.zeros((3, 3)), np.zeros((2, 3, 3))), "face must have shape"),
        (lambda: pj.plot.deletion([0, 1], [1], [1, 1]), "one length"),
        (lambda: pj.plot.save(Figure(), "figure.gif"), "ends in .pdf, .svg, .png"),
        (lambda: pj.plot.save(Figure(), "nowhere/figure.pdf"), "does not exist"),
    ],
)
def test_what_cannot_be_drawn_says_why(call: object, message: str) -> None:
    with pytest.raises(pj.ConfigError, match=message):
        call()  # type: ignore[operator]
