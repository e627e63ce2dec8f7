"""Photographs to aligned faces: decoding in threads while the devices search and align what was decoded before."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import jax
import numpy as np

from phenojax._extras import optional
from phenojax.face.embedding.align_on_device import AlignedBatch, DeviceAligner
from phenojax.face.embedding.canvas_batches import CanvasBatch, CanvasSorter, Picture
from phenojax.face.embedding.clock import Clock
from phenojax.face.embedding.device_mesh import DeviceMesh
from phenojax.face.embedding.face_rows import FaceRows
from phenojax.face.embedding.given_landmarks import Landmarks
from phenojax.face.embedding.photographs import PhotographList
from phenojax.face.embedding.reading import delayed, read_ahead
from phenojax.face.embedding.settings import FaceRule, FaceSettings
from phenojax.face.photographs.decode import Decoder, Photograph
from phenojax.face.photographs.failure import FailureReason, RefusedPhotograph

Progress = Callable[[int], None]

# Pixels on the canvases of one batch. A processor searches one picture after the other, and an empty slot takes as long
# as a full one; an accelerator wants work for all of it.
_PIXELS = {"cpu": 512 * 512}
_PIXELS_OF_ACCELERATORS = 8 * 1024 * 1024
_MOST_SLOTS = 64
# Photographs decoded ahead: at most so many, of so many bytes together.
_MOST_AHEAD, _BYTES_AHEAD = 64, 1 << 28
_BATCHES_UNDER_WAY = 2


class _Event(NamedTuple):
    """A batch that the devices work on, or, with none, the end of a shard."""

    found: FaceRows
    batch: CanvasBatch | None = None
    aligned: AlignedBatch | None = None


class FaceFinder:
    """Finds and aligns the faces of photographs, shard by shard.

    Args:
        photographs: all of them.
        settings: what is asked for.
        side: of the chips.
        aligner: None where the pictures are aligned already.
        landmarks: given ones, or None.
        devices: that the aligner runs on.
        threads: that decode.
        clock: takes down how long was waited for what.
    """

    def __init__(
        self,
        photographs: PhotographList,
        settings: FaceSettings,
        side: int,
        aligner: DeviceAligner | None,
        landmarks: Landmarks | None,
        devices: DeviceMesh,
        threads: int,
        clock: Clock,
    ) -> None:
        self._photographs = photographs
        self._settings = settings
        self._side = side
        self._aligner = aligner
        self._landmarks = landmarks
        self._devices = devices
        self._threads = threads
        self._clock = clock
        self._decoder = Decoder(settings.max_side)
        self._image = optional("PIL.Image", "faces", "reading photographs")

    def shards(self, shards: Sequence[range], progress: Progress) -> Generator[FaceRows, None, None]:
        """Work on some rows.

        What comes of a shard depends on nothing but its own photographs: no batch holds those of two.

        Args:
            shards: rows of each.
            progress: called with the number of photographs that were done since the last call.
        """
        ahead = max(self._threads + 1, min(_MOST_AHEAD, _BYTES_AHEAD // (3 * self._settings.max_side**2)))
        rows = (row for shard in shards for row in shard)
        with read_ahead(self._read, rows, self._threads, ahead) as photographs:
            under_way = 0 if self._aligner is None else _BATCHES_UNDER_WAY
            for event in delayed(self._events(photographs, shards, progress), under_way):
                if event.batch is None or event.aligned is None:
                    yield event.found
                else:
                    self._collect(event.found, event.batch, event.aligned)
                    progress(len(event.batch.rows))

    def _read(self, row: int) -> Photograph | RefusedPhotograph:
        """Decode one photograph; called in threads."""
        photo = self._photographs.photos[row]
        try:
            if photo is None:
                raise RefusedPhotograph(FailureReason.NO_PHOTOGRAPH)
            if self._landmarks is not None and self._photographs.ids[row] not in self._landmarks.points:
                raise RefusedPhotograph(FailureReason.NO_LANDMARKS)
            photograph = self._decoder.file(photo)
            return self._as_chip(photograph) if self._aligner is None else photograph
        except RefusedPhotograph as refused:
            return refused

    def _as_chip(self, photograph: Photograph) -> Photograph:
        """An aligned face in the size that the encoder takes."""
        height, width, _ = photograph.pixels.shape
        if height != width:
            raise RefusedPhotograph(FailureReason.NOT_SQUARE, f"{photograph.width} x {photograph.height} pixels")
        if height == self._side:
            return photograph
        image = self._image.fromarray(photograph.pixels)
        resized = image.resize((self._side, self._side), self._image.Resampling.BICUBIC)
        return replace(photograph, pixels=np.asarray(resized, dtype=np.uint8))

    def _events(
        self, photographs: Iterator[Photograph | RefusedPhotograph], shards: Sequence[range], progress: Progress
    ) -> Iterator[_Event]:
        for shard in shards:
            found = FaceRows(shard, self._photographs)
            sorter = CanvasSorter(self._slots)
            for row in shard:
                with self._clock("waiting for pixels"):
                    photograph = next(photographs)
                if isinstance(photograph, RefusedPhotograph):
                    found.fail(row, photograph.reason, photograph.detail)
                    progress(1)
                    continue
                found.note(row, photograph.note)
                if self._aligner is None:
                    found.chip(row, photograph.pixels)
                    progress(1)
                    continue
                points = None if self._landmarks is None else self._landmarks.points[self._photographs.ids[row]]
                for batch in sorter.add(Picture(row, photograph, points)):
                    yield self._start(found, batch)
            for batch in sorter.rest():
                yield self._start(found, batch)
            yield _Event(found)

    def _start(self, found: FaceRows, batch: CanvasBatch) -> _Event:
        assert self._aligner is not None
        with self._clock("starting the search for faces"):  # or compiling it
            aligned = self._aligner(batch.canvases, batch.sizes, batch.points)
        for array in jax.tree.leaves(aligned):
            array.copy_to_host_async()
        return _Event(found, batch, aligned)

    def _collect(self, found: FaceRows, batch: CanvasBatch, aligned: AlignedBatch) -> None:
        with self._clock("waiting for faces"):
            chosen, usable, chips = jax.device_get(aligned)
        for slot, (row, scale) in enumerate(zip(batch.rows, batch.scales, strict=True)):
            n_faces = int(chosen.n_faces[slot])
            if n_faces == 0:
                found.count(row, 0)
                found.fail(row, FailureReason.NO_FACE)
            elif n_faces > 1 and self._settings.face is FaceRule.ONLY:
                found.count(row, n_faces)
                found.fail(row, FailureReason.SEVERAL_FACES, f"{n_faces} faces")
            else:
                found.count(row, n_faces)
                box = scale.to_file(chosen.boxes[slot].reshape(2, 2)).reshape(4)
                found.face(row, float(chosen.scores[slot]), box, scale.to_file(chosen.landmarks[slot]))
                if usable[slot]:
                    found.chip(row, chips[slot])
                else:
                    found.fail(row, FailureReason.BAD_LANDMARKS)

    def _slots(self, side: int) -> int:
        """How many canvases of a side make a batch: a whole number for each device."""
        pixels = _PIXELS.get(self._devices.platform, _PIXELS_OF_ACCELERATORS)
        return self._devices.rounded_up(max(1, min(_MOST_SLOTS, pixels // side**2)))
