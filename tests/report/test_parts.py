"""Numbers, drawings and figures say what they are given."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pytest
from report.make_result import make_result

from phenojax.report import numbers
from phenojax.report.drawings import interval_bar, score_histogram
from phenojax.report.genes import gene_rows
from phenojax.report.overview import mark_words, overview_figures
from phenojax.screen.gene import FLOOR_NOTE
from phenojax.screen.results import ScreenResult


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (float("nan"), "–"),
        (0.0, "0"),
        (1.0, "1"),
        (0.999, "1"),
        (0.0499, "0.05"),
        (1 / 1001, "0.001"),
        (0.00012, "1.2e−4"),
        (3e-12, "3.0e−12"),
    ],
)
def test_p_values_read_as_they_should(value: float | None, text: str):
    assert numbers.probability(value) == text


def test_a_share_above_nought_never_reads_as_nought():
    assert [numbers.percent(v) for v in (0, 0.001, 0.5, 1, None)] == ["0%", "<1%", "50%", "100%", "–"]


def test_odds_counts_and_durations():
    assert [numbers.ratio(v) for v in (float("inf"), 123.4, 2.04, None, float("nan"))] == ["∞", "123", "2.0", "–", "–"]
    assert [numbers.count(v) for v in (None, 5277)] == ["–", "5,277"]
    assert [numbers.seconds(v) for v in (0.214, 21.75, 150)] == ["0.21 s", "21.8 s", "2.5 min"]


def test_the_bar_puts_dot_and_interval_at_their_values():
    bar = interval_bar(0.5, 0.25, 1.0)
    assert 'class="dot" d="M48 8h0"' in bar
    assert "M26 8H92" in bar
    assert 'class="iv"' not in interval_bar(0.5, None, None)


def test_the_histogram_draws_cases_up_and_controls_down():
    drawn = score_histogram(np.array([True, True, False]), np.array([1.0, 0.97, 0.01]))
    case, control = (re.search(rf'class="{name}" d="([^"]*)"', drawn)[1] for name in ("case", "control"))
    assert case == "M229 70v-60.0h10V70Z"
    assert control == "M1 70v60.0h10V70Z"


def test_each_tested_gene_is_one_mark_of_each_plot():
    result = make_result()
    rows = gene_rows(result)
    tested, corrected = (sum(chosen) for chosen in zip(*((r.tested, r.corrected) for r in rows), strict=True))
    assert 0 < corrected < tested
    for name, figure in overview_figures(rows).items():
        marks = [trace for trace in figure["data"] if trace["mode"] == "markers"]
        # against the order of chance only those p-values stand that hold
        assert sum(len(trace["x"]) for trace in marks) == (corrected if name == "qq" else tested)
        assert all(len(trace["x"]) == len(trace["y"]) == len(trace["customdata"]) for trace in marks)
        assert all(row in mark_words(rows) for trace in marks for row in trace["customdata"])
        roles = {"significant", "quiet"} if name == "qq" else {"significant", "caution", "quiet"}
        assert {trace["meta"]["role"] for trace in marks} == roles


def test_the_strongest_evidence_comes_first_and_the_untested_last():
    rows = gene_rows(make_result())
    q_values = [row.values["q_value"] for row in rows]
    known = [q for q in q_values if q is not None]
    assert known == sorted(known)
    assert q_values[len(known) :] == [None] * (len(q_values) - len(known))
    p_values = [row.values["p_value"] for row in rows[len(known) :]]
    of_one_group = [p for p in p_values if p is not None]
    assert of_one_group == sorted(of_one_group)
    assert of_one_group
    assert p_values[len(of_one_group) :] == [None] * (len(p_values) - len(of_one_group))


def test_a_note_does_not_repeat_what_the_column_p_shows():
    result = make_result(40)
    notes = [f"{note}; {FLOOR_NOTE}" if note else FLOOR_NOTE for note in result.table["note"].to_pylist()]
    field = result.table.schema.get_field_index("note")
    told = ScreenResult(
        result.table.set_column(field, "note", pa.array(notes)), result.explanations, result.predictions, result.run
    )
    assert [row.note for row in gene_rows(told)] == [row.note for row in gene_rows(result)]
