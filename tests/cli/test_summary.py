"""The table at the end of a screen fits the terminal, and names the top terms where that leaves room for them."""

from __future__ import annotations

from dataclasses import replace

import pyarrow.compute as pc
import pytest
from report.make_result import make_result

from phenojax.cli.output import TOP_GENES, print_summary


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
