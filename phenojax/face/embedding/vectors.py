"""Aligned faces to vectors, in batches of one size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from phenojax.face.embedding.clock import Clock
from phenojax.face.embedding.device_mesh import DeviceMesh
from phenojax.face.embedding.face_rows import FaceRows
from phenojax.face.encoders.encoder import Encoder, encode
from phenojax.face.photographs.failure import FailureReason


class StartedShard(NamedTuple):
    """A shard whose chips the devices encode; one array of vectors and one of their lengths for each batch."""

    found: FaceRows
    batches: tuple[tuple[Array, Array], ...]


class EncodedShard(NamedTuple):
    """Vectors of all rows of a shard, NaN where there is none; float32 (n, d), and their lengths (n,)."""

    found: FaceRows
    vectors: NDArray[np.float32]
    quality: NDArray[np.float32]


class VectorMaker:
    """Encodes the chips of shards with one program.

    Args:
        encoder: the network.
        batch_size: chips in one call; rounded up to a whole number for each device.
        dtype: of the arithmetic.
        flip: means with the mirror image.
        devices: that it runs on.
        clock: takes down how long was waited.

    Attributes:
        width: length of one vector.
    """

    def __init__(
        self, encoder: Encoder, batch_size: int, dtype: str, flip: bool, devices: DeviceMesh, clock: Clock
    ) -> None:
        self._encoder = encoder
        self._params = devices.everywhere(encoder.params)
        self._batch_size = devices.rounded_up(batch_size)
        self._dtype, self._flip = dtype, flip
        self._devices = devices
        self._clock = clock
        self.width = vector_width(encoder)

    def start(self, found: FaceRows) -> StartedShard:
        """Give the chips of a shard to the devices."""
        with self._clock("starting the encoder"):  # or compiling it
            return StartedShard(found, tuple(self._batches(found.chips(self._encoder.preprocessing.input_size))))

    def finish(self, started: StartedShard) -> EncodedShard:
        """Wait for the vectors."""
        found, (rows, start) = started.found, (started.found.chip_rows, started.found.rows.start)
        vectors = np.full((len(found), self.width), np.nan, np.float32)
        quality = np.full(len(found), np.nan, np.float32)
        with self._clock("waiting for vectors"):
            batches = jax.device_get(started.batches)
        if rows:
            places = np.array(rows) - start
            vectors[places] = np.concatenate([batch for batch, _ in batches])[: len(rows)]
            quality[places] = np.concatenate([lengths for _, lengths in batches])[: len(rows)]
        for row in rows:
            place = row - start
            if not (np.isfinite(vectors[place]).all() and np.isfinite(quality[place])):
                vectors[place], quality[place] = np.nan, np.nan
                found.fail(row, FailureReason.NOT_FINITE)
        return EncodedShard(found, vectors, quality)

    def _batches(self, chips: NDArray[np.uint8]) -> Iterator[tuple[Array, Array]]:
        encoder = self._encoder
        for begin in range(0, len(chips), self._batch_size):
            batch = chips[begin : begin + self._batch_size]
            empty = np.zeros((self._batch_size - len(batch), *batch.shape[1:]), np.uint8)
            placed = self._devices.split(np.concatenate([batch, empty]))
            vectors = encode(encoder.module, encoder.preprocessing, self._params, placed, self._dtype, self._flip)
            yield vectors, _lengths(vectors)


def vector_width(encoder: Encoder) -> int:
    """Length of one vector, without computing one."""
    side = encoder.preprocessing.input_size
    chip = jax.ShapeDtypeStruct((1, side, side, 3), jnp.uint8)
    fixed = (encoder.module, encoder.preprocessing)
    vectors = jax.eval_shape(lambda params, chips: encode(*fixed, params, chips), encoder.params, chip)
    return int(vectors.shape[1])


@jax.jit
def _lengths(vectors: Array) -> Array:
    return jnp.sqrt((vectors**2).sum(axis=1))
