"""Photographs with the class of each: a folder of folders, or a cohort with a column."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from phenojax.cohort import Cohort, read_cohort
from phenojax.errors import CohortError, ConfigError
from phenojax.face.embedding.photographs import list_photographs, pictures_in

LABEL, GROUP = "label", "group"


class LabelledPhotographs(NamedTuple):
    """Photographs to train on, in the order of their folder or cohort.

    Attributes:
        photographs: path of each, by id.
        labels: class of each.
        groups: what must not stand on both sides of the validation (person, publication); None for a face of its own.
        left_out: individuals of the cohort without a class or without a photograph.
    """

    photographs: dict[str, str]
    labels: tuple[str, ...]
    groups: tuple[str | None, ...]
    left_out: int = 0


def labelled_photographs(
    faces: Cohort | str | os.PathLike[str], by: str = LABEL, group: str | None = GROUP
) -> LabelledPhotographs:
    """List photographs with their classes.

    Args:
        faces: a folder with one folder for each class, and in it pictures, or a folder of pictures for each person; or
            a cohort, or the path of one, such as a table with the columns ``photo`` and ``label``.
        by: column of the cohort that holds the class; a folder's classes are the names in it.
        group: column of the cohort that holds the group, None for none; the groups of a folder are its persons.

    Raises:
        CohortError: no such folder, column or cohort, pictures beside the folders of the classes, or nobody has a class
            and a photograph.
        ConfigError: `by` or `group` names a column, and `faces` is a folder of pictures.
    """
    if isinstance(faces, Cohort):
        return _of_cohort(faces, by, group)
    path = Path(faces)
    if path.is_dir() and next(pictures_in(path), None) is not None:
        if by != LABEL or group not in (GROUP, None):
            raise ConfigError(
                f"{path}: is a folder of pictures, whose classes are the names of the folders in it; "
                "a column (by, group) goes with a table or a cohort"
            )
        return _of_folder(path, group is not None)
    return _of_cohort(read_cohort(path), by, group)


def _of_folder(folder: Path, grouped: bool) -> LabelledPhotographs:
    listed = list_photographs(folder)
    places = [PurePosixPath(id_).parts for id_ in listed.ids]
    for place, photo in zip(places, listed.photos, strict=True):
        if len(place) == 1:
            raise CohortError(
                f"{photo}: lies beside the folders of the classes; expected {folder}/CLASS/PHOTOGRAPH or "
                f"{folder}/CLASS/PERSON/PHOTOGRAPH"
            )
    return LabelledPhotographs(
        {id_: str(photo) for id_, photo in zip(listed.ids, listed.photos, strict=True)},
        tuple(place[0] for place in places),
        tuple("/".join(place[:2]) if grouped and len(place) > 2 else None for place in places),
    )


def _of_cohort(cohort: Cohort, by: str, group: str | None) -> LabelledPhotographs:
    labels = cohort.values(by)
    groups = (None,) * len(cohort) if group is None else cohort.values(group)
    rows = [
        (individual.id, individual.photo, label, together)
        for individual, label, together in zip(cohort, labels, groups, strict=True)
        if individual.photo is not None and label is not None
    ]
    if not any(label is not None for label in labels):
        raise CohortError(f"{cohort.source}: nobody has a value of {by!r}; name the column that holds the classes")
    if not rows:
        raise CohortError(f"{cohort.source}: nobody with a value of {by!r} has a photograph")
    return LabelledPhotographs(
        {id_: str(photo) for id_, photo, _, _ in rows},
        tuple(str(label) for _, _, label, _ in rows),
        tuple(together for *_, together in rows),
        len(cohort) - len(rows),
    )
