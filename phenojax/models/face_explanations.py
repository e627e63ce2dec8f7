"""What explaining faces gives: maps, who has none and why, and how they are written into the result."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from phenojax.errors import ResultError
from phenojax.explain.face.face_map import FaceMap, IndividualMap
from phenojax.explain.face.storage import file_sha256, write_face_maps
from phenojax.models.layout import INDEX
from phenojax.models.reading import models_folder


class Unexplained(NamedTuple):
    """An individual or a gene without a map.

    Attributes:
        gene: whose model it was to be; None of an individual asked for by id without one.
        id: of the individual; None where the gene as a whole has no mean map.
        reason: a word for machines.
        sentence: what happened.
    """

    gene: str | None
    id: str | None
    reason: str
    sentence: str


@dataclass(frozen=True, eq=False)
class FaceExplanations:
    """What `explain_faces` found.

    Attributes:
        maps: the mean map of each gene that has one.
        individuals: the maps that were asked for by id; each shows its individual.
        unexplained: who or what has no map, and why.
        about: versions, encoder, method and settings; plain JSON values.
    """

    maps: tuple[FaceMap, ...]
    individuals: tuple[IndividualMap, ...]
    unexplained: tuple[Unexplained, ...]
    about: dict[str, Any]

    def write(self, result: str | os.PathLike[str], *, with_photos: bool = False) -> Path:
        """Write ``face_maps/`` into the folder of the result whose models were explained; returns that folder.

        Args:
            result: what ``phenojax screen --out`` wrote.
            with_photos: also the maps of single individuals, with their photographs.

        Raises:
            ResultError: no result, or another than the one whose models were explained.
        """
        folder = Path(result)
        digest = file_sha256(models_folder(folder) / INDEX)
        if not (folder / "run.json").is_file() or self.about["models_sha256"] not in (None, digest):
            raise ResultError(f"{folder}: is not the result whose models were explained; name that folder")
        about = self.about | {
            "models_sha256": digest,
            "unexplained": [row._asdict() for row in self.unexplained],
        }
        return write_face_maps(folder, self.maps, about, self.individuals if with_photos else ())
