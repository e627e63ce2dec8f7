"""Photographs to vectors, end to end, and how often something is compiled on the way."""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import jax
import jax.numpy as jnp
import numpy as np
from faces_jobs.faces import detector
from faces_jobs.networks import dlib_network
from faces_jobs.report import Row, Section
from faces_jobs.timing import Context
from PIL import Image

import phenojax

_COMPILATION = "/jax/core/compile/backend_compile_duration"


class Compilations:
    """Counts what XLA compiles from now on."""

    def __init__(self) -> None:
        self.n = 0
        jax.monitoring.register_event_duration_secs_listener(self._heard)

    def _heard(self, event: str, _seconds: float, **_: str | int) -> None:
        self.n += event == _COMPILATION


def compilations(context: Context) -> Section:
    """Programs compiled for more pictures after the first."""
    section = Section("Compile once", "compiled")
    counted, network, rng = Compilations(), dlib_network(), np.random.default_rng(0)
    batches = [rng.integers(0, 256, (8, 150, 150, 3), dtype=np.uint8) for _ in range(3)]
    pictures = [np.zeros((1, 512, 512, 3), np.uint8) for _ in range(3)]
    sizes = [np.array([size], np.int32) for size in ((512, 512), (300, 411), (511, 200))]
    for picture, size in zip(pictures, sizes, strict=True):
        picture[0, : size[0, 0], : size[0, 1]] = context.pictures.astronaut[: size[0, 0], : size[0, 1]]
    for name, calls in (
        ("dlib-resnet, batches of 8", [lambda chips=chips: network(jnp.asarray(chips)) for chips in batches]),
        *(
            (
                f"{which}, pictures of three sizes",
                [
                    lambda picture=picture, size=size, which=which: detector(which)(
                        jnp.asarray(picture), jnp.asarray(size)
                    )
                    for picture, size in zip(pictures, sizes, strict=True)
                ],
            )
            for which in ("dlib-mmod", "mtcnn")
        ),
    ):
        jax.block_until_ready(calls[0]())
        before = counted.n
        for call in calls[1:]:
            jax.block_until_ready(call())
        section.rows.append(Row(name, "phenojax", f"{counted.n - before} programs for all but the first"))
        section.at_most(f"{name}: none for all but the first", counted.n - before, 0)
    if not counted.n:
        raise SystemExit("no compilation was counted at all: the event has another name in this version of JAX")
    return section


def embedding(context: Context) -> Section:
    """`embed_faces` on files, decoding included; wall time."""
    section = Section("Photographs to vectors: JPEG files of 512 x 512, detector, alignment and dlib's ResNet")
    counted = Compilations()
    with TemporaryDirectory() as folder:
        first, second = (_files(context, Path(folder, name)) for name in ("first", "second"))
        for which in ("dlib-mmod", "mtcnn"):
            phenojax.embed_faces(first, detector=which, batch_size=8)
            before, seconds = counted.n, []
            for _ in range(1 if context.quick else 3):
                begin = time.perf_counter()
                embeddings = phenojax.embed_faces(second, detector=which, batch_size=8)
                seconds.append(time.perf_counter() - begin)
            if embeddings.failures:
                raise SystemExit(f"embed_faces: {embeddings.failures[0]}")
            rate = len(embeddings) / statistics.median(seconds)
            section.rows.append(Row(f"{len(embeddings)} files, {which}", "phenojax", f"{rate:.1f} images/s"))
            section.at_most(f"{which}: no program compiled for files after the first call", counted.n - before, 0)
    section.notes.append("No bar for the rate. Loading the weights is in it, once for each call")
    return section


def _files(context: Context, folder: Path) -> list[str]:
    """The pictures, two times, each with a row of its own made black so that no two files are equal."""
    folder.mkdir()
    paths = []
    for number, picture in enumerate([*context.pictures.all] * (1 if context.quick else 2)):
        changed = picture.copy()
        changed[-1 - number] = len(folder.name)
        paths.append(str(folder / f"{number:03d}.jpg"))
        Image.fromarray(changed).save(paths[-1], quality=95)
    return paths
