"""Without the extra every public name loads, and embedding answers with the one command that mends it."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
for module in ("flax", "PIL", "optax", "orbax", "mtcnn", "face_recognition_models"):
    sys.modules[module] = None
import phenojax as pj
from phenojax.cli import main
for name in pj.__all__:
    getattr(pj, name)
try:
    pj.embed_faces([])
except pj.PhenojaxError as error:
    sys.stdout.write(f"{type(error).__name__}: {error}\\n")
sys.exit(main(["embed", ".", "--out", "e.parquet"]))
"""


def test_the_one_command_is_named(tmp_path) -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, cwd=tmp_path, check=False)
    sentence = "embed_faces needs packages that are not installed; run: pip install 'phenojax[faces]'\n"
    assert done.stdout == f"MissingExtraError: {sentence}"
    assert done.stderr == f"phenojax: error: {sentence}"
    assert done.returncode == 2
    assert list(tmp_path.iterdir()) == []
