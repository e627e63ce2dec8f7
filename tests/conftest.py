"""What every test may ask for."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes is the machine's business.
settings.register_profile("phenojax", deadline=None)
settings.load_profile("phenojax")

REPOSITORY = Path(__file__).resolve().parent.parent


def find_shared_data(relative: str) -> Path | None:
    """The test data folder is `$PHENOJAX_TEST_DATA`, or `shared/data` beside the checkout."""
    root = os.environ.get("PHENOJAX_TEST_DATA")
    path = (Path(root) if root else REPOSITORY.parent / "shared" / "data") / relative
    return path if path.exists() else None


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """Path of a file of the test data; skips the test, saying which file, where it is absent."""

    def find(relative: str) -> Path:
        path = find_shared_data(relative)
        if path is None:
            pytest.skip(f"test data {relative} is not on this machine (set PHENOJAX_TEST_DATA)")
        return path

    return find
