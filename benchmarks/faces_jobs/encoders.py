"""Encoders: forward passes against dlib, onnxruntime and PyTorch, gradients, half precision."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import dlib
import jax
import jax.numpy as jnp
import numpy as np
import onnxruntime
import torch
from faces_jobs.faces import aligned
from faces_jobs.graphs import dlib_session, iresnet_session
from faces_jobs.networks import Network, dlib_network, halving, iresnet
from faces_jobs.report import Bar, Row, Section
from faces_jobs.timing import Context, differ, milliseconds, race
from faces_jobs.torch_iresnet import torch_iresnet
from flax import linen
from jax import Array
from numpy.typing import NDArray

from phenojax.face.encoders.encoder import Params, encode
from phenojax.face.weights.card import Preprocessing
from phenojax.face.weights.catalogue import BUNDLED
from phenojax.face.weights.locate import locate

DLIB_TIMES, ONNX_TIMES, IRESNET_TIMES, GRADIENT_TIMES, COSINE = 6.0, 2.0, 1.3, 3.0, 0.9999
BATCHES = (1, 8, 32)


def dlib_encoder(context: Context) -> Section:
    """dlib's network against dlib, a chip at a time, and onnxruntime."""
    network = dlib_network()
    chips = aligned(context.pictures, network.settings.template)
    section = Section("dlib's ResNet, float32", "time of phenojax / this")
    (path,) = locate(BUNDLED["dlib-resnet"], "the benchmark")
    peer, session = dlib.face_recognition_model_v1(str(path)), dlib_session(network.params, context.cores)
    vectors = np.asarray(network(jnp.asarray(chips)))
    section.notes.append(differ("dlib", vectors, [peer.compute_face_descriptor(chip) for chip in chips], 1e-5))
    onnx_vectors = session.run(None, {"inputs": network.planes(chips)})[0]
    section.notes.append(differ("onnxruntime", vectors, onnx_vectors, 1e-5))
    for batch in BATCHES:
        several = np.resize(chips, (batch, *chips.shape[1:]))
        sides = _with_onnx(network, several, session)
        if batch == 1:
            sides["dlib"] = partial(peer.compute_face_descriptor, several[0])
        times = race(sides, context.rounds)
        _rows(section, f"batch {batch}", times)
        if batch == 1:
            ratio = times["dlib"] / times["phenojax"]
            section.at_least("batch 1 at least 6 times as fast as dlib", ratio, DLIB_TIMES)
        times_onnx = times["phenojax"] / times["onnxruntime"]
        section.at_most(f"batch {batch} within 2 times onnxruntime", times_onnx, ONNX_TIMES)
    section.notes.append("ours starts at uint8 chips, onnxruntime at preprocessed planes")
    return section


def iresnets(context: Context) -> Section:
    """iResNet-50 and -100 against onnxruntime and both layouts of PyTorch."""
    section = Section("iResNets, float32, random weights, batch 8", "time of phenojax / this")
    torch.set_num_threads(context.cores)
    chips = np.random.default_rng(0).integers(0, 256, (8, 112, 112, 3), dtype=np.uint8)
    for name in ("iresnet50", "iresnet100"):
        network = iresnet(name)
        planes, vectors = network.planes(chips), np.asarray(network(jnp.asarray(chips)))
        sides = _with_onnx(network, chips, iresnet_session(network.params, halving(name), context.cores))
        for layout, word in ((torch.contiguous_format, "planes"), (torch.channels_last, "channels last")):
            sides[f"torch, {word}"] = torch_iresnet(network.params, halving(name), layout)(planes)
        for peer in list(sides)[1:]:
            section.notes.append(differ(f"{name}, {peer}", vectors, sides[peer](), 1e-4))
        times = race(sides, context.rounds)
        _rows(section, name, times)
        best = min(time for side, time in times.items() if side != "phenojax")
        section.at_most(f"{name} within 1.3 times the best of both", times["phenojax"] / best, IRESNET_TIMES)
    return section


def gradients(context: Context) -> Section:
    """A cosine's gradient with respect to the pixels of a batch, against the forward pass of that batch."""
    section = Section(
        "Gradient of a face score with respect to aligned pixels, float32", "time / forward pass of the encoder"
    )
    rng = np.random.default_rng(0)
    for network, batch in ((dlib_network(), 8), (dlib_network(), 32), (iresnet("iresnet50"), 8)):
        side = network.settings.input_size
        chips = jnp.asarray(rng.integers(0, 256, (batch, side, side, 3)).astype(np.float32))
        towards = network(chips)[0]
        what = f"{network.name}, batch {batch}"
        times = race(
            {
                "forward": partial(network, chips),
                "gradient": partial(_slopes, network.module, network.settings, network.params, chips, towards),
            },
            context.rounds,
        )
        ratio = times["gradient"] / times["forward"]
        section.rows.append(Row(what, "forward", milliseconds(times["forward"])))
        section.rows.append(Row(what, "gradient", milliseconds(times["gradient"]), ratio))
        section.at_most(f"{what}: at most 3 forward passes", ratio, GRADIENT_TIMES)
    return section


@partial(jax.jit, static_argnums=(0, 1))
def _slopes(module: linen.Module, settings: Preprocessing, params: Params, chips: Array, towards: Array) -> Array:
    """Of each face's cosine to one vector; (b, s, s, 3)."""

    def score(chips: Array) -> Array:
        vectors = encode(module, settings, params, chips)
        return ((vectors @ towards) / jnp.linalg.norm(vectors, axis=1) / jnp.linalg.norm(towards)).sum()

    return jax.grad(score)(chips)


def half_precision(context: Context) -> Section:
    """Cosines of bfloat16 vectors to float32 ones."""
    section = Section("bfloat16 against float32", "least cosine")
    for network in (dlib_network(), iresnet("iresnet50"), iresnet("iresnet100")):
        chips = jnp.asarray(aligned(context.pictures, network.settings.template))
        exact, rough = (np.asarray(network(chips, dtype), np.float64) for dtype in ("float32", "bfloat16"))
        cosines = (exact * rough).sum(1) / np.linalg.norm(exact, axis=1) / np.linalg.norm(rough, axis=1)
        least = float(cosines.min())
        section.rows.append(Row(network.name, f"{len(chips)} faces", f"least cosine {least:.6f}"))
        section.bars.append(Bar(f"{network.name}: cosine at least {COSINE}", f"{least:.6f}", least >= COSINE))
    section.notes.append(f"{context.pictures.described}; dlib-resnet with its weights, iResNets with random ones")
    return section


def _with_onnx(
    network: Network, chips: NDArray[np.uint8], session: onnxruntime.InferenceSession
) -> dict[str, Callable[[], Any]]:
    planes = {"inputs": network.planes(chips)}
    return {"phenojax": partial(network, jnp.asarray(chips)), "onnxruntime": lambda: session.run(None, planes)[0]}


def _rows(section: Section, what: str, times: dict[str, float]) -> None:
    for who, time in times.items():
        ratio = None if who == "phenojax" else times["phenojax"] / time
        section.rows.append(Row(what, who, milliseconds(time), ratio))
