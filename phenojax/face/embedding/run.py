"""An embedding run: shards in, shards out, and what is done with them."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import jax
import numpy as np

from phenojax.face.embedding.clock import Clock
from phenojax.face.embedding.device_mesh import DeviceMesh
from phenojax.face.embedding.face_source import FaceSource
from phenojax.face.embedding.faces import Faces, joined_faces
from phenojax.face.embedding.photographs import PhotographList
from phenojax.face.embedding.reading import delayed
from phenojax.face.embedding.result import FaceEmbeddings
from phenojax.face.embedding.run_record import run_record, write_record
from phenojax.face.embedding.settings import EmbeddingSettings
from phenojax.face.embedding.shards import cut, shard_folder, shard_key
from phenojax.face.embedding.storage import read_embeddings, read_key, write_embeddings
from phenojax.face.embedding.vectors import EncodedShard, VectorMaker, vector_width
from phenojax.face.encoders.encoder import Encoder

Progress = Callable[[int, int], None]

_LOG = logging.getLogger(__name__)
# Batches of the encoder in one shard. What a kill costs is one shard; on an accelerator that is less than a second of
# work, and larger shards leave fewer slots of canvases empty at their ends.
_BATCHES_OF_A_SHARD = {"cpu": 1}
_BATCHES_ON_ACCELERATORS = 4


@dataclass(frozen=True, eq=False)
class EmbeddingRun:
    """All that a run needs.

    Attributes:
        photographs: what is embedded.
        encoder: with what.
        source: how their faces are found.
        settings: what was asked for.
        threads: that decode.
        progress: called with how many of how many photographs are done, or None.
    """

    photographs: PhotographList
    encoder: Encoder
    source: FaceSource
    settings: EmbeddingSettings
    threads: int
    progress: Progress | None = None

    def in_memory(self) -> FaceEmbeddings:
        """Embed them all; nothing is written."""
        shards = self._shards()
        return self._joined([part for _, part in self._embedded(list(range(len(shards))), shards, Clock())])

    def into(self, out: Path) -> FaceEmbeddings:
        """Embed what no earlier run into `out` has embedded, and write it.

        Raises:
            ConfigError: another process writes it.
        """
        clock, shards = Clock(), self._shards()
        fingerprint = self._fingerprint()
        keys = [shard_key(rows, self.photographs, self.source.landmarks, fingerprint) for rows in shards]
        key = hashlib.sha256("\n".join([fingerprint, *keys]).encode()).hexdigest()
        with shard_folder(out, keys) as folder:
            if read_key(out) == key:
                _LOG.info("%s: these photographs were embedded with these settings already", out)
                folder.remove()
                return read_embeddings(out)
            todo = [number for number in range(len(shards)) if not folder.is_done(number)]
            n_resumed = len(self.photographs) - sum(len(shards[number]) for number in todo)
            if n_resumed:
                _LOG.info("%s: going on after %d photographs that are done", out, n_resumed)
            for number, part in self._embedded(todo, shards, clock):
                with clock("writing"):
                    folder.write(number, part)
            whole = self._joined([folder.read(number) for number in range(len(shards))])
            device = DeviceMesh().describe()
            # First the record: where there is a file of embeddings, a run is done.
            write_record(run_record(whole, key, device, n_resumed, clock.seconds()), out)
            write_embeddings(whole, out, key)
            folder.remove()
        return whole

    def _shards(self) -> list[range]:
        batches = _BATCHES_OF_A_SHARD.get(DeviceMesh().platform, _BATCHES_ON_ACCELERATORS)
        return cut(len(self.photographs), batches * self.settings.batch_size)

    def _embedded(
        self, todo: Sequence[int], shards: Sequence[range], clock: Clock
    ) -> Iterator[tuple[int, FaceEmbeddings]]:
        """Shards by number, each as soon as it is whole. While one is encoded, the faces of the next are found."""
        total = len(self.photographs)
        done = total - sum(len(shards[number]) for number in todo)

        def advance(more: int) -> None:
            nonlocal done
            done += more
            if self.progress is not None:
                self.progress(done, total)

        advance(0)
        if not todo:
            return
        devices, settings = DeviceMesh(), self.settings
        finder = self.source.finder(self.photographs, devices, self.threads, clock)
        maker = VectorMaker(self.encoder, settings.batch_size, settings.dtype, settings.flip, devices, clock)
        with closing(finder.shards([shards[number] for number in todo], advance)) as found:
            # A processor that encodes a shard finds no faces meanwhile: there, waiting would only put off its writing.
            under_way = int(devices.platform != "cpu")
            started = delayed((maker.start(shard) for shard in found), under_way)
            for number, shard in zip(todo, started, strict=True):
                yield number, self._part(maker.finish(shard))

    def _part(self, shard: EncodedShard) -> FaceEmbeddings:
        rows = slice(shard.found.rows.start, shard.found.rows.stop)
        return FaceEmbeddings(
            ids=self.photographs.ids[rows],
            photos=self.photographs.photos[rows],
            vectors=shard.vectors,
            quality=shard.quality,
            faces=shard.found.finished(),
            failures=shard.found.failures,
            card=self.encoder.card,
            other_cards=self.source.cards,
            settings=self.settings,
            versions=_versions(),
        )

    def _joined(self, parts: Sequence[FaceEmbeddings]) -> FaceEmbeddings:
        """All rows, in the order of the photographs."""
        none = np.zeros((0, vector_width(self.encoder)), np.float32)
        faces = [Faces.unknown(0), *(part.faces for part in parts)]
        return FaceEmbeddings(
            ids=self.photographs.ids,
            photos=self.photographs.photos,
            vectors=np.concatenate([none, *(part.vectors for part in parts)]),
            quality=np.concatenate([none[:, 0], *(part.quality for part in parts)]),
            faces=joined_faces(faces),
            failures=tuple(failure for part in parts for failure in part.failures),
            card=self.encoder.card,
            other_cards=self.source.cards,
            settings=self.settings,
            versions=_versions(),
        )

    def _fingerprint(self) -> str:
        """A hash of all that vectors depend on, beside the photographs: bit for bit, so devices and versions too."""
        depends = {
            "settings": self.settings.to_dict(),
            # Whole cards: preprocessing and template are in them, beside the files.
            "cards": [card.to_dict() for card in (self.encoder.card, *self.source.cards)],
            "encoder": [repr(self.encoder.module), _hash_of_arrays(self.encoder.params)],
            "detector": [repr(self.source.detector), _hash_of_arrays(getattr(self.source.detector, "params", None))],
            "device": DeviceMesh().describe(),
            "versions": _versions(),
        }
        return hashlib.sha256(json.dumps(depends, sort_keys=True).encode()).hexdigest()


def _hash_of_arrays(tree: object) -> str:
    """Of weights as they are: a card may have been made by hand, or weights changed after they were read."""
    digest = hashlib.sha256()
    for path, leaf in jax.tree_util.tree_leaves_with_path(tree):
        array = np.asarray(leaf)
        digest.update(f"{jax.tree_util.keystr(path)} {array.dtype} {array.shape}\n".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _versions() -> dict[str, str]:
    return {"phenojax": version("phenojax"), "jax": jax.__version__}
