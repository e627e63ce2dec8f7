"""`import phenojax` is quick, silent and leaves the process as it was."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import phenojax

WATCHED = """
import json, os, sys
before = dict(os.environ)
events = []
def watch(event, arguments):
    if event.startswith("socket."):
        events.append(event)
    elif event == "open":
        path, mode = str(arguments[0]), arguments[1] or ""
        flags = os.O_WRONLY | os.O_RDWR | os.O_CREAT
        writes = any(letter in mode for letter in "wax+") or (arguments[2] or 0) & flags
        if writes and "__pycache__" not in path:
            events.append(f"open {path}")
    elif event in ("os.mkdir", "os.rename", "os.remove", "os.putenv", "os.unsetenv", "subprocess.Popen", "os.system"):
        events.append(f"{event} {arguments[0]!r}")
sys.addaudithook(watch)
STATEMENT
changed = {k for k in before.keys() | os.environ.keys() if before.get(k) != os.environ.get(k)}
print("REPORT" + json.dumps({"events": events, "environment": sorted(changed), "modules": sorted(sys.modules)}))
"""


def run(code: str, *options: str, where: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *options, "-c", code], capture_output=True, text=True, check=True, cwd=where, timeout=120
    )


def watch(statement: str, where: Path) -> tuple[dict[str, list[str]], str]:
    """What a statement did to its process, and what it printed."""
    done = run(WATCHED.replace("STATEMENT", statement), where=where)
    printed, _, report = done.stdout.partition("REPORT")
    return json.loads(report), printed + done.stderr


def test_importing_changes_no_variable_opens_no_socket_writes_no_file_and_prints_nothing(tmp_path: Path) -> None:
    report, printed = watch("import phenojax", tmp_path)
    assert report["events"] == []
    assert report["environment"] == []
    assert printed == ""
    assert list(tmp_path.iterdir()) == []


def test_importing_loads_none_of_the_large_third_party_packages(tmp_path: Path) -> None:
    report, _ = watch("import phenojax", tmp_path)
    assert not {"jax", "numba", "numpy", "plotly", "pyarrow", "scipy"} & set(report["modules"])


def test_only_a_custom_measure_loads_numba(tmp_path: Path) -> None:
    report, _ = watch("import phenojax; phenojax.similarity, phenojax.measure, phenojax.screen", tmp_path)
    assert "phenojax.similarity.custom" in report["modules"]
    assert "numba" not in report["modules"]
    report, _ = watch("import phenojax; phenojax.measure(lambda ic_mica, ic_a, ic_b: ic_mica)", tmp_path)
    assert "numba" in report["modules"]


def test_the_watch_would_see_a_socket_a_file_and_a_variable(tmp_path: Path) -> None:
    statement = (
        "import socket; socket.socket().close(); open('made', 'w').close(); os.environ['MADE'] = '1'; print('hello')"
    )
    report, printed = watch(statement, tmp_path)
    assert "socket.__new__" in report["events"]
    assert "open made" in report["events"]
    assert report["environment"] == ["MADE"]
    assert printed == "hello\n"


def test_every_public_name_is_there_and_none_but_plot_is_a_module() -> None:
    modules = [name for name in phenojax.__all__ if isinstance(getattr(phenojax, name), type(sys))]
    assert modules == ["plot"]
    assert set(dir(phenojax)) == set(phenojax.__all__)


def test_a_function_keeps_its_name_after_the_package_of_that_name_was_imported(tmp_path: Path) -> None:
    code = (
        "import importlib, phenojax\n"
        "shared = [n for n in phenojax.__all__ if importlib.util.find_spec('phenojax.' + n) and n != 'plot']\n"
        "for name in shared:\n"
        "    importlib.import_module('phenojax.' + name)\n"
        "    assert callable(getattr(phenojax, name)), name\n"
        "print(*shared)"
    )
    shared = run("import importlib.util\n" + code, where=tmp_path).stdout.split()
    assert set(shared) == {"screen", "similarity"} & set(phenojax.__all__)
