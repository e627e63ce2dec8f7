"""A file of weights is used only when it is, byte for byte, the one that its card describes."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from phenojax.errors import MissingExtraError, WeightsError
from phenojax.face.weights.card import WeightFile
from phenojax.face.weights.catalogue import BUNDLED, Bundled
from phenojax.face.weights.locate import check_file, describe_file, find_folder, locate

INSTALLED = [name for name, entry in BUNDLED.items() if find_folder(entry) is not None]
HELLO = WeightFile("hello.dat", "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", 5)


def one_file(package: str = "nobody_made_this") -> Bundled:
    return replace(BUNDLED["dlib-mmod"], card=replace(BUNDLED["dlib-mmod"].card, files=(HELLO,)), package=package)


@pytest.mark.parametrize("name", BUNDLED)
def test_the_files_of_the_extra_are_those_of_the_cards(name: str) -> None:
    if name not in INSTALLED:
        pytest.skip("the extra faces is not installed")
    entry = BUNDLED[name]
    paths = locate(entry, "a test")
    assert [path.name for path in paths] == [file.name for file in entry.card.files]


def test_finding_them_imports_neither_package() -> None:
    code = (
        "import sys\n"
        "from phenojax.face.weights.catalogue import BUNDLED\n"
        "from phenojax.face.weights.locate import find_folder\n"
        "found = [find_folder(entry) for entry in BUNDLED.values()]\n"
        "bad = {'face_recognition_models', 'mtcnn', 'jax', 'flax', 'safetensors'} & set(sys.modules)\n"
        "sys.exit(str(bad) if bad else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_file_of_the_users_is_taken_before_the_package(tmp_path: Path) -> None:
    (tmp_path / "hello.dat").write_bytes(b"hello")
    assert locate(one_file(), "a test", tmp_path) == (tmp_path / "hello.dat",)


def test_what_is_not_installed_is_said_as_the_command_that_installs_it(tmp_path: Path) -> None:
    with pytest.raises(MissingExtraError, match=r"^model dlib-resnet needs .* pip install 'phenojax\[faces\]'$"):
        locate(one_file(), "model dlib-resnet", tmp_path)


def test_another_content_of_the_same_size_is_refused_with_both_hashes(tmp_path: Path) -> None:
    path = tmp_path / "hello.dat"
    path.write_bytes(b"hullo")
    with pytest.raises(WeightsError) as caught:
        locate(one_file(), "a test", tmp_path)
    message = str(caught.value)
    assert str(path) in message
    assert HELLO.sha256 in message
    assert describe_file(path).sha256 in message
    assert "pip install --force-reinstall" in message


def test_another_size_is_refused(tmp_path: Path) -> None:
    (tmp_path / "hello.dat").write_bytes(b"hello there")
    with pytest.raises(WeightsError, match="11 bytes, expected 5; do so"):
        check_file(tmp_path / "hello.dat", HELLO, "do so")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"hello\.dat: cannot be read \(No such file.*\); do so"):
        check_file(tmp_path / "hello.dat", HELLO, "do so")


def test_a_file_changed_after_it_was_checked_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "hello.dat"
    path.write_bytes(b"hello")
    check_file(path, HELLO, "do so")
    path.write_bytes(b"hullo")
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1_000_000))
    with pytest.raises(WeightsError, match="SHA-256 is"):
        check_file(path, HELLO, "do so")
