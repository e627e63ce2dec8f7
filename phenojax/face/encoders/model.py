"""From the name of a model to an encoder that runs, and from an encoder to a model with a name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from phenojax.errors import WeightsError
from phenojax.face.encoders.architecture import build_network
from phenojax.face.encoders.dlib_resnet import load_dlib_resnet
from phenojax.face.encoders.encoder import Encoder, encode
from phenojax.face.weights.card import ModelCard, Role, WeightFile
from phenojax.face.weights.catalogue import BUNDLED, DEFAULT_ENCODER, IMPORTABLE, bundled_names
from phenojax.face.weights.golden import golden_chip
from phenojax.face.weights.locate import locate
from phenojax.face.weights.store import (
    SUFFIX,
    StoredModel,
    leaves,
    read_params,
    read_stored,
    stored_names,
    stored_path,
    write_model,
)


def load_model(name: str | Path = DEFAULT_ENCODER, weights_dir: Path | None = None) -> Encoder:
    """Load an encoder with its weights.

    Args:
        name: a model of the extra ``faces`` (``dlib-resnet``), one that was imported, or a ``.safetensors`` file that
            ``phenojax weights import`` made.
        weights_dir: where imported models lie; None for the default folder.

    Raises:
        MissingExtraError: the extra ``faces`` is not installed.
        WeightsError: no such model, or its files are not those of its card, or not those of its network.
    """
    if str(name).endswith(SUFFIX):
        return _stored(Path(name))
    if (bundled := BUNDLED.get(str(name))) is not None and bundled.card.role is Role.ENCODER:
        (path,) = locate(bundled, f"model {name}", weights_dir)
        return Encoder(bundled.card, *load_dlib_resnet(path))
    path = stored_path(str(name), weights_dir)
    if path.is_file():
        return _stored(path)
    raise _unknown(str(name), weights_dir)


def save_model(encoder: Encoder, path: Path, sources: tuple[WeightFile, ...] = ()) -> StoredModel:
    """Write an encoder as a file that `load_model` reads, with its card and its golden vector beside it.

    Args:
        encoder: its card's architecture must be one that `load_model` knows.
        path: ``NAME.safetensors``.
        sources: the files that it was read from.

    Raises:
        WeightsError: the weights are not those of the architecture, or the folder cannot be written.
    """
    golden = golden_output(Encoder(encoder.card, build_network(encoder.card.architecture), encoder.params))
    return write_model(path, encoder.card, encoder.params, sources, tuple(golden.tolist()))


def golden_output(encoder: Encoder) -> NDArray[np.float32]:
    """The vector of an encoder for the golden chip, in float32 and with the highest precision of the device; (d,)."""
    chip = jnp.asarray(golden_chip(encoder.preprocessing.input_size))
    with jax.default_matmul_precision("highest"):
        vectors = encode(encoder.module, encoder.preprocessing, encoder.params, chip)
    return np.asarray(vectors[0])


def _stored(path: Path) -> Encoder:
    card = read_stored(path).card
    module = build_network(card.architecture)
    params = read_params(path, _shapes(card))
    return Encoder(card, module, jax.tree.map(jnp.asarray, params))


def _shapes(card: ModelCard) -> Mapping[str, tuple[int, ...]]:
    """Shapes of all parameters of a network, without computing one."""
    assert card.preprocessing is not None
    size = card.preprocessing.input_size
    chip = jax.ShapeDtypeStruct((1, size, size, 3), jnp.float32)
    shapes = jax.eval_shape(build_network(card.architecture).init, jax.random.key(0), chip)
    return {path: leaf.shape for path, leaf in leaves(shapes["params"])}


def _unknown(name: str, weights_dir: Path | None) -> WeightsError:
    if name in IMPORTABLE:
        return WeightsError(f"model {name} is not part of phenojax and was not imported. {IMPORTABLE[name].obtain}")
    known = ", ".join((*bundled_names(Role.ENCODER), *stored_names(weights_dir)))
    return WeightsError(f"model {name!r} is not known; there is {known}, or the path of a .safetensors file")
