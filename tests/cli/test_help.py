"""The help of every command names its options whole, on a narrow terminal too."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from typer.main import get_command

from phenojax.cli import main
from phenojax.cli.app import app


def _commands(command: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    """The words of every command, and the long names of its options."""
    yield path, [name for one in getattr(command, "params", ()) for name in one.opts if name.startswith("--")]
    for name, below in getattr(command, "commands", {}).items():
        yield from _commands(below, (*path, name))


@pytest.mark.parametrize(("path", "names"), [pytest.param(*c, id=" ".join(c[0])) for c in _commands(get_command(app))])
def test_no_option_is_cut_at_80_columns(
    path: tuple[str, ...], names: list[str], capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert main([*path, "--help"]) == 0
    told = capfd.readouterr().out
    assert max(map(len, told.splitlines())) <= 80
    assert re.findall(r"--[\w-]*…", told) == []
    assert [name for name in names if name not in re.findall(r"--[\w-]+", told)] == []
