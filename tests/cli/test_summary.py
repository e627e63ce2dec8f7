"""The table at the end of a screen fits the terminal, and names the top terms where that leaves room for them."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from report.make_result import make_result

from phenojax.cli.output import TOP_GENES, console, print_summary, printable


def test_names_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    made = make_result(5)
    evil = pa.array(["E\x1b[2J\x9bVIL\u202e", *made.table["gene"].to_pylist()[1:]])
    table = made.table.set_column(0, made.table.schema.field("gene"), evil)
    print_summary(replace(made, table=table, run={"notes": ["note\x1b]0;x\x07"]}), None)
    told = capsys.readouterr().out
    assert "E\ufffd[2J\ufffdVIL\ufffd" in told
    assert "note\ufffd]0;x" in told
    assert not {"\x1b", "\x9b", "\x07", "\u202e"} & set(told)


def test_a_console_of_a_terminal_keeps_its_own_colours(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    console().print("plain \x1b[2J", style="bold", markup=False)
    told = capsys.readouterr().out
    assert "\x1b[1m" in told
    assert "\x1b[2J" not in told


@given(st.text())
def test_what_is_printable_stays_as_it_is(text: str) -> None:
    shown = printable(text)
    assert len(shown) == len(text)
    assert all(a == b for a, b in zip(text, shown, strict=True) if a.isprintable())
    assert printable(shown) == shown
    assert not {"\x1b", "\n", "\r", "\x9b"} & set(shown)


@pytest.mark.parametrize("width", [80, 120, 160])
def test_the_summary_names_the_top_terms_where_the_terminal_has_room(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_result(60)
    named_alike = pc.starts_with(made.table["gene"], "GENE")  # one has a name that fills the line
    result = replace(made, table=made.table.filter(named_alike))
    best: dict[str, dict[str, object]] = {}
    for term in result.explanations.to_pylist():
        if term["gene"] not in best or term["p_value"] < best[term["gene"]]["p_value"]:
            best[term["gene"]] = term
    monkeypatch.setenv("COLUMNS", str(width))
    print_summary(result, None)
    head, *lines = capsys.readouterr().out.splitlines()[: TOP_GENES + 1]
    assert all(len(line) <= width for line in (head, *lines))
    assert ("top term" in head) == (width >= 120)
    of_gene = {row["gene"]: row for row in result.table.to_pylist()}
    named = 0
    for line in lines:
        row = of_gene.get(line.split()[0])
        if row is not None and row["q_value"] is not None and row["q_value"] <= 0.05 and width >= 120:
            assert line.rstrip().endswith(str(best[row["gene"]]["label"]))
            named += 1
    assert (named > 0) == (width >= 120)
