"""From the name of a model to an encoder that runs."""

from __future__ import annotations

from pathlib import Path

from phenojax.errors import WeightsError
from phenojax.face.encoders.encoder import Encoder
from phenojax.face.weights.card import Role
from phenojax.face.weights.catalogue import BUNDLED, DEFAULT_ENCODER, IMPORTABLE, Bundled, bundled_names
from phenojax.face.weights.locate import locate


def load_model(name: str | Path = DEFAULT_ENCODER, weights_dir: Path | None = None) -> Encoder:
    """Load an encoder with its weights.

    Args:
        name: a model of the extra ``faces`` (``dlib-resnet``), one that was imported, or a ``.safetensors`` file that
            ``phenojax weights import`` made.
        weights_dir: where imported models lie; None for the default folder.

    Raises:
        MissingExtraError: the extra ``faces`` is not installed.
        WeightsError: no such model, or its files are not those of its card.
    """
    if (bundled := BUNDLED.get(str(name))) is not None and bundled.card.role is Role.ENCODER:
        return _bundled(bundled, locate(bundled, f"model {name}", weights_dir))
    raise _unknown(str(name))


def _bundled(bundled: Bundled, paths: tuple[Path, ...]) -> Encoder:
    raise WeightsError(f"{paths[0]}: no network of the architecture {bundled.card.architecture} can be built")


def _unknown(name: str) -> WeightsError:
    if name in IMPORTABLE:
        return WeightsError(f"model {name} is not part of phenojax and was not imported. {IMPORTABLE[name].obtain}")
    known = ", ".join(bundled_names(Role.ENCODER))
    return WeightsError(f"model {name!r} is not known; there is {known}, or the path of a .safetensors file")
