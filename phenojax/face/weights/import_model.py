"""From a file that somebody else made to a model of this machine: ``phenojax weights import``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from phenojax.errors import ConfigError, WeightsError
from phenojax.face.encoders.architecture import build_network
from phenojax.face.encoders.dlib_resnet import load_dlib_resnet
from phenojax.face.encoders.encoder import Encoder
from phenojax.face.encoders.model import golden_output, load_model, save_model
from phenojax.face.weights.card import ModelCard, WeightFile
from phenojax.face.weights.catalogue import BUNDLED, IMPORTABLE
from phenojax.face.weights.golden import relative_difference
from phenojax.face.weights.iresnet_graph import PixelScale, read_iresnet_graph
from phenojax.face.weights.iresnet_layers import iresnet_params
from phenojax.face.weights.iresnet_state import read_iresnet_state
from phenojax.face.weights.locate import describe_file
from phenojax.face.weights.onnx_graph import read_onnx
from phenojax.face.weights.store import SUFFIX, StoredModel, check_new_name, read_stored, stored_path
from phenojax.face.weights.torch_state import read_state_dict

ENSEMBLE = "gestaltmatcher-arc"
DLIB = "dlib-resnet"
OURS = "safetensors"
KINDS = (*IMPORTABLE, DLIB, OURS)
"""What a file may be: the models of the catalogue, a network of dlib's shape, a model that phenojax wrote."""

_TORCH_SUFFIXES = (".pth", ".pt", ".tar", ".ckpt", ".bin")
_ONNX = ".onnx"
_GUESSED = {".dat": DLIB, SUFFIX: OURS}
_N_NETWORKS = 3
_GOLDEN_TOLERANCE = 1e-4

# What the programs that train them add to a variance; a state_dict does not say.
_EPS = {"magface": 2e-5, "qmagface": 2e-5, "arcface": 1e-5, ENSEMBLE: 1e-5}


class _Network(NamedTuple):
    """One iResNet out of a file; `eps` where it was assumed, `scale` where the file has its own."""

    file: WeightFile
    architecture: str
    params: dict[str, Any]
    eps: float | None
    scale: PixelScale | None


def import_model(
    paths: Sequence[Path],
    kind: str | None = None,
    *,
    name: str | None = None,
    weights_dir: Path | None = None,
    overwrite: bool = False,
    eps: float | None = None,
) -> tuple[StoredModel, Path]:
    """Read a model that somebody else made, and write it as one of this machine's, whole or not at all.

    Args:
        paths: one file; three for ``gestaltmatcher-arc``, in any order.
        kind: one of `KINDS`; it decides how pixels are prepared, which no file says. None where the suffix decides it
            (``.dat``, ``.safetensors``).
        name: of the new model; None for that of its kind.
        weights_dir: the folder of models; None for the default one.
        overwrite: whether a model of that name may be replaced.
        eps: what the batch normalisations of a state_dict add to a variance; None for what the makers of this kind use.

    Returns:
        Card, sources and golden vector, and the file of arrays.

    Raises:
        ConfigError: arguments that do not go together.
        MissingExtraError: torch or onnx is not installed, and a file needs it.
        WeightsError: a file cannot be read or holds another network; the name is taken.
    """
    kind = _kind(paths, kind)
    stated = kind not in _EPS or all(path.suffix.lower() == _ONNX for path in paths)
    if eps is not None and (stated or not 0 < eps < 1):
        raise ConfigError(f"--eps {eps:g}: expected a number from 0 to 1, and only for .pth files, which do not say it")
    name = _name(paths, kind, name)
    path = stored_path(name, weights_dir)
    if not overwrite and (path.exists() or path.with_suffix(".json").exists()):
        raise WeightsError(f"{path}: there is a model {name} already; give another --name, or --overwrite")
    if kind == DLIB:
        encoder, sources = _read_dlib(paths[0], name)
    elif kind == OURS:
        encoder, sources = _read_ours(paths[0], name)
    else:
        encoder, sources = _read_iresnets(paths, kind, name, _EPS[kind] if eps is None else eps)
    return save_model(encoder, path, sources), path


def _kind(paths: Sequence[Path], kind: str | None) -> str:
    suffixes = {path.suffix.lower() for path in paths}
    known = (*_TORCH_SUFFIXES, _ONNX, *_GUESSED)
    for path in paths:
        if path.suffix.lower() not in known:
            raise ConfigError(f"{path}: cannot read this; expected a name that ends in {', '.join(known)}")
    guessed = _GUESSED.get(next(iter(suffixes))) if len(suffixes) == 1 else None
    kind = kind or guessed
    if kind is None:
        raise ConfigError(
            f"--kind is missing: {paths[0].name} does not say how its network wants pixels; it is one of "
            f"{', '.join(IMPORTABLE)}"
        )
    if kind not in KINDS:
        raise ConfigError(f"--kind {kind!r} is not known; there is {', '.join(KINDS)}")
    wanted = next((suffix for suffix, one in _GUESSED.items() if one == kind), None)
    if (wanted is None and suffixes & set(_GUESSED)) or (wanted is not None and suffixes != {wanted}):
        expected = wanted or ", ".join((*_TORCH_SUFFIXES, _ONNX))
        raise ConfigError(f"--kind {kind}: {paths[0].name} is no such file; expected a name that ends in {expected}")
    n_files = _N_NETWORKS if kind == ENSEMBLE else 1
    if len(paths) != n_files:
        raise ConfigError(f"--kind {kind} is made of {n_files} file{'s' * (n_files > 1)}, not {len(paths)}")
    return kind


def _name(paths: Sequence[Path], kind: str, name: str | None) -> str:
    name = name or (paths[0].stem if kind == OURS else kind)
    check_new_name(name)
    if name in IMPORTABLE and kind not in (name, OURS):
        raise WeightsError(f"name {name!r} stands for models of another kind than {kind}; choose another with --name")
    return name


def _read_iresnets(paths: Sequence[Path], kind: str, name: str, eps: float) -> tuple[Encoder, tuple[WeightFile, ...]]:
    networks = [_read_network(path, eps) for path in paths]
    card = replace(IMPORTABLE[kind].card, name=name)
    if kind == ENSEMBLE:
        return _ensemble(networks, card)
    (network,) = networks
    card = _with_facts(replace(card, architecture=network.architecture), network)
    return Encoder(card, build_network(card.architecture), network.params), (network.file,)


def _read_network(path: Path, eps: float) -> _Network:
    file = describe_file(path)
    tensors = graph = scale = None
    if path.suffix.lower() == _ONNX:
        graph = read_onnx(path)
    else:
        tensors = read_state_dict(path)
    try:
        if graph is not None:
            layers, scale = read_iresnet_graph(graph)
        else:
            assert tensors is not None
            layers = read_iresnet_state(tensors, eps)
        architecture, params = iresnet_params(layers)
    except WeightsError as error:
        raise WeightsError(f"{path}: {error}") from None
    return _Network(file, architecture, params, None if tensors is None else eps, scale)


def _with_facts(card: ModelCard, network: _Network) -> ModelCard:
    """The card with what only the file could tell, and what had to be assumed."""
    notes = card.notes
    if network.eps is not None:
        notes += f" Batch normalisations with eps {network.eps:g}, which the file does not say."
    if network.scale is None:
        return replace(card, notes=notes)
    assert card.preprocessing is not None
    settings = replace(card.preprocessing, mean=network.scale.mean, scale=network.scale.scale)
    return replace(
        card, preprocessing=settings, notes=f"{notes} The scale of pixels is that of the file's first nodes."
    )


def _ensemble(networks: Sequence[_Network], card: ModelCard) -> tuple[Encoder, tuple[WeightFile, ...]]:
    # In an order that the files alone decide, so that embeddings of two machines can be compared.
    networks = sorted(networks, key=lambda one: (int(one.architecture.removeprefix("iresnet")), one.file.sha256))
    if len({one.file.sha256 for one in networks}) != len(networks):
        raise WeightsError(f"two of {', '.join(one.file.name for one in networks)} are the same file")
    for one in networks:
        found = _with_facts(card, one).preprocessing
        if found != card.preprocessing:
            raise WeightsError(
                f"{one.file.name}: its first nodes scale pixels otherwise than {card.preprocessing}; the networks of "
                "an ensemble must take the same pixels"
            )
    assumed = next((one for one in networks if one.eps is not None), networks[0])
    card = _with_facts(replace(card, architecture="+".join(one.architecture for one in networks)), assumed)
    params = {f"network_{number}": one.params for number, one in enumerate(networks)}
    return Encoder(card, build_network(card.architecture), params), tuple(one.file for one in networks)


def _read_dlib(path: Path, name: str) -> tuple[Encoder, tuple[WeightFile, ...]]:
    module, params = load_dlib_resnet(path)
    file, card = describe_file(path), BUNDLED[DLIB].card
    if file.sha256 != card.files[0].sha256:
        unknown = "not known; imported by its user"
        card = replace(
            card,
            source=f"{path.name}, imported by its user: a network of the shape of dlib's face encoder",
            licence_weights=unknown,
            training_data=unknown,
            commercial_use=None,
            threshold=None,
            lfw_claimed=None,
            notes="Prepared as dlib's own encoder is, which its shape suggests.",
        )
    return Encoder(replace(card, name=name, files=()), module, params), (file,)


def _read_ours(path: Path, name: str) -> tuple[Encoder, tuple[WeightFile, ...]]:
    stored, encoder = read_stored(path), load_model(path)
    if (off := relative_difference(golden_output(encoder), stored.golden)) > _GOLDEN_TOLERANCE:
        raise WeightsError(
            f"{path}: its vector for the golden picture is off by {off:.1e}: its card is another model's"
        )
    return Encoder(replace(encoder.card, name=name, files=()), encoder.module, encoder.params), stored.sources
