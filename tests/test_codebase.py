"""What holds for the code itself: layers, sizes, names, and nothing of the machine it was written on."""

from __future__ import annotations

import ast
import inspect
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from conftest import REPOSITORY

import phenojax

HEADERS = sorted((REPOSITORY / "core_cpp" / "include").rglob("*.hpp"))
# Records, errors and one-line functions: nothing to compile.
HEADER_ONLY = {"csr.hpp", "errors.hpp", "ontology_document.hpp", "term_number.hpp"}
CODE = sorted(
    path
    for folder in ("phenojax", "core_cpp", "tests", "benchmarks", ".ci")
    for path in (REPOSITORY / folder).rglob("*")
    if path.suffix in {".py", ".cpp", ".hpp", ".sh"}
)
PACKAGE = sorted((REPOSITORY / "phenojax").rglob("*.py"))


def relative(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


def tracked_text() -> list[Path]:
    """The files git knows; every file of the source folders where this is no git checkout."""
    listed = (
        subprocess.run(["git", "-C", str(REPOSITORY), "ls-files", "-z"], capture_output=True, text=True, check=False)
        if shutil.which("git")
        else None
    )
    if listed is None or listed.returncode != 0:
        return [*CODE, *REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/*.md"), REPOSITORY / "pyproject.toml"]
    paths = (REPOSITORY / name for name in listed.stdout.split("\0") if name)
    return [path for path in paths if path.is_file() and b"\0" not in path.read_bytes()[:4096]]


def test_the_layers_hold() -> None:
    pytest.importorskip("importlinter", reason="import-linter is in the lint extra: make lint runs it")
    code = "import sys; sys.path.insert(0, ''); from importlinter.cli import lint_imports_command as run; run()"
    done = subprocess.run(
        [sys.executable, "-c", code, "--no-cache"], capture_output=True, text=True, cwd=REPOSITORY, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", PACKAGE, ids=relative)
def test_the_package_never_prints(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    assert [call.lineno for call in calls if call.func.id in {"print", "breakpoint"}] == []  # type: ignore[attr-defined]


def test_only_ontology_and_similarity_touch_the_compiled_core() -> None:
    # import-linter sees Python files only, and the core is none.
    imports = re.compile(r"^\s*(?:from|import)\s.*\b_core\b", re.MULTILINE)
    users = {path.parent.name for path in PACKAGE if imports.search(path.read_text(encoding="utf-8"))}
    assert users == {"ontology", "similarity"}


@pytest.mark.parametrize("path", CODE, ids=relative)
def test_a_file_holds_one_idea_and_so_at_most_400_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def test_no_tracked_file_names_this_machine_a_registry_or_an_unfinished_thought() -> None:
    # The patterns are broken up so that they do not find themselves.
    wanted = re.compile(
        r"/(?:work|tmp/w|root)/[\w.]|(?:files\.)?python"
        r"hosted\.org|py"
        r"pi\.org/simple"
        r"|registry\.npm"
        r"js|\bTO"
        r"DO\b|\bFIX"
        r"ME\b|\bXX"
        r"X\b|march="
        r"native"
    )
    found = []
    for path in tracked_text():
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if wanted.search(line):
                found.append(f"{relative(path)}:{number}: {line.strip()[:120]}")
    assert found == []


def public_functions() -> list[str]:
    return [name for name in phenojax.__all__ if inspect.isfunction(getattr(phenojax, name))]


@pytest.mark.parametrize("name", public_functions())
def test_a_public_function_says_what_it_takes_and_what_it_raises(name: str) -> None:
    function = getattr(phenojax, name)
    text = inspect.getdoc(function) or ""
    assert "Raises:" in text, f"{name} does not say what it raises"
    unnamed = [p for p in inspect.signature(function).parameters if not re.search(rf"\b{p}\b", text)]
    assert unnamed == [], f"the docstring of {name} does not mention {unnamed}"


@pytest.mark.parametrize("path", HEADERS, ids=relative)
def test_a_header_is_guarded_and_its_code_stands_in_the_source_of_its_name(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("#pragma once\n//"), "starts with #pragma once and a line that says what it is for"
    source = REPOSITORY / "core_cpp" / "src" / f"{path.stem}.cpp"
    assert source.exists() != (path.name in HEADER_ONLY)


def test_the_core_knows_nothing_of_python() -> None:
    for path in [*HEADERS, *(REPOSITORY / "core_cpp" / "src").iterdir()]:
        assert not re.search(r"pybind11|Python\.h|PyObject", path.read_text(encoding="utf-8")), relative(path)


def test_every_source_of_the_core_is_built() -> None:
    listed = set(re.findall(r"\b(?:src|bindings)/\w+\.cpp", (REPOSITORY / "core_cpp" / "CMakeLists.txt").read_text()))
    folder = REPOSITORY / "core_cpp"
    there = {str(p.relative_to(folder)) for name in ("src", "bindings") for p in (folder / name).glob("*.cpp")}
    assert listed == there


def test_one_version_everywhere() -> None:
    with (REPOSITORY / "pyproject.toml").open("rb") as stream:
        version = tomllib.load(stream)["project"]["version"]
    assert phenojax.__version__ == version
    first = re.search(r"^## (\S+)", (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert first is not None
    assert first[1] == version
