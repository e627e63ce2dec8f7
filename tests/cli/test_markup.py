"""Brackets in the names of folders and terms are printed as they are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from report.make_result import make_result
from subgroups.test_discover import two_types

import phenojax as pj
from phenojax.cli.discover import _print
from phenojax.cli.output import print_summary


@pytest.mark.parametrize("name", ["res[/b]", "x[bold]", "a[b"])
def test_a_folder_in_brackets_is_named(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    print_summary(make_result(2), Path(name))
    assert f"Report: {name}/report.html" in capsys.readouterr().out


def test_a_term_in_brackets_is_named(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    found = pj.discover(two_types(), "G", permutations=19, resamples=10, k=2)
    at = found.terms.column_names.index("label")
    labels = pa.array(["Seizure [/b]"] * found.terms.num_rows)
    _print(replace(found, terms=found.terms.set_column(at, "label", labels)), None)
    assert "Seizure [/b]" in capsys.readouterr().out
