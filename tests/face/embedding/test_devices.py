"""Two devices give the numbers of one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("PIL", reason="the extra faces is not installed")
pytest.importorskip("flax", reason="the extra faces is not installed")

from PIL import Image

import phenojax as pj

SCRIPT = Path(__file__).with_name("embed_on_devices.py")


def test_two_devices_give_the_vectors_of_one(portrait: NDArray[np.uint8], tmp_path: Path) -> None:
    folder = tmp_path / "faces"
    folder.mkdir()
    for number, start in enumerate((0, 6, 12)):
        Image.fromarray(portrait[:, start:]).save(folder / f"{number}.png")
    environment = {**os.environ, "XLA_FLAGS": "--xla_force_host_platform_device_count=2", "JAX_PLATFORMS": "cpu"}
    out = tmp_path / "two.npz"
    subprocess.run([sys.executable, SCRIPT, folder, out], env=environment, check=True, timeout=300)
    two, one = np.load(out), pj.embed_faces(folder, batch_size=2)
    assert two["n_devices"] == 2
    assert one.failures == ()
    np.testing.assert_allclose(two["vectors"], one.vectors, atol=1e-6)
    np.testing.assert_allclose(two["given"], one.vectors, atol=1e-6)
    np.testing.assert_array_equal(two["boxes"], one.faces.boxes)
    np.testing.assert_array_equal(two["points"], one.faces.landmarks)
