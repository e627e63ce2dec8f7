"""From a batch of canvases to aligned faces, on all devices, without waiting for one of them."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.sharding import Mesh
from numpy.typing import NDArray

from phenojax.face.alignment.align import align
from phenojax.face.alignment.placement import spans_a_face
from phenojax.face.detectors.detection import Detections, Detector
from phenojax.face.embedding.choose_face import ChosenFaces, choose_face
from phenojax.face.embedding.device_mesh import SPLIT, DeviceMesh
from phenojax.face.embedding.faces import NOT_SEARCHED
from phenojax.face.embedding.settings import FaceRule
from phenojax.face.landmarks import LandmarkScheme


class AlignedBatch(NamedTuple):
    """What a batch of canvases gives; all on the device.

    Attributes:
        chosen: the face of each.
        usable: bool (b,): whether its landmarks span a face inside the picture.
        chips: uint8 (b, s, s, 3); without meaning where there is no usable face.
    """

    chosen: ChosenFaces
    usable: Array
    chips: Array


class DeviceAligner:
    """Finds, chooses and aligns: one compiled program for each side of canvas.

    Args:
        template: of the chips.
        rule: which face is meant.
        detector: None where the caller has the landmarks.
        scheme: of the landmarks; the detector's where there is one.
        devices: that it runs on.
    """

    def __init__(
        self, template: str, rule: FaceRule, detector: Detector | None, scheme: LandmarkScheme, devices: DeviceMesh
    ) -> None:
        self._fixed = (template, scheme, rule)
        self._detector = detector
        self._devices = devices

    def __call__(
        self, canvases: NDArray[np.uint8], sizes: NDArray[np.int32], points: NDArray[np.float32]
    ) -> AlignedBatch:
        """Start the work on a batch.

        Args:
            canvases: (b, s, s, 3), RGB; b is a multiple of the number of devices.
            sizes: (b, 2): height and width.
            points: (b, 5, 2), pixels of the canvas; not looked at where there is a detector.
        """
        put = self._devices.split
        here = (put(canvases), put(sizes))
        batch: AlignedBatch
        if self._detector is None and len(self._devices) == 1:
            batch = _align_given(self._fixed, *here, put(points))
        elif self._detector is None:
            batch = _align_given_on_mesh(self._devices.mesh, self._fixed, *here, put(points))
        elif len(self._devices) == 1:
            batch = _align_found(self._fixed, self._detector(*here), *here)
        else:
            # Hashable by its identity at the least.
            program = _searching_program(self._devices.mesh, self._fixed, self._detector)  # type: ignore[arg-type]
            batch = program(*here)
        return batch


Fixed = tuple[str, LandmarkScheme, FaceRule]


@partial(jax.jit, static_argnums=0)
def _align_found(fixed: Fixed, found: Detections, canvases: Array, sizes: Array) -> AlignedBatch:
    return _align_chosen(fixed, choose_face(fixed[2], found, sizes), canvases, sizes)


@partial(jax.jit, static_argnums=0)
def _align_given(fixed: Fixed, canvases: Array, sizes: Array, points: Array) -> AlignedBatch:
    n = len(canvases)
    nothing = jnp.full(n, jnp.nan, jnp.float32)
    chosen = ChosenFaces(jnp.full(n, NOT_SEARCHED, jnp.int32), nothing, jnp.full((n, 4), jnp.nan, jnp.float32), points)
    return _align_chosen(fixed, chosen, canvases, sizes)


def _align_chosen(fixed: Fixed, chosen: ChosenFaces, canvases: Array, sizes: Array) -> AlignedBatch:
    template, scheme, _ = fixed
    usable = spans_a_face(scheme, chosen.landmarks, sizes)
    return AlignedBatch(chosen, usable, align(template, scheme, canvases, sizes, chosen.landmarks))


@partial(jax.jit, static_argnums=(0, 1))
def _align_given_on_mesh(mesh: Mesh, fixed: Fixed, canvases: Array, sizes: Array, points: Array) -> AlignedBatch:
    piece = partial(_align_given, fixed)
    program = jax.shard_map(piece, mesh=mesh, in_specs=SPLIT, out_specs=SPLIT, check_vma=False)
    batch: AlignedBatch = program(canvases, sizes, points)
    return batch


@lru_cache(maxsize=8)
def _searching_program(mesh: Mesh, fixed: Fixed, detector: Detector) -> jax.stages.Wrapped:
    """One program for all devices, each with its piece of the batch.

    Said in so many words, since detectors take one picture after the other: left to the compiler, a loop along an axis
    that is cut across devices would run whole on each of them.
    """

    def piece(canvases: Array, sizes: Array) -> AlignedBatch:
        batch: AlignedBatch = _align_found(fixed, detector(canvases, sizes), canvases, sizes)
        return batch

    return jax.jit(jax.shard_map(piece, mesh=mesh, in_specs=SPLIT, out_specs=SPLIT, check_vma=False))
