"""What embedding tests with real weights share."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest
from numpy.typing import NDArray


@pytest.fixture(scope="session")
def portrait() -> NDArray[np.uint8]:
    """A face on 256 x 256 pixels, so that only the smallest canvas is compiled for; skips without weights."""
    if find_spec("face_recognition_models") is None:
        pytest.skip("the extra faces is not installed")
    data = pytest.importorskip("skimage.data", reason="the astronaut comes with scikit-image")
    return np.ascontiguousarray(data.astronaut()[:256, 90:346])
