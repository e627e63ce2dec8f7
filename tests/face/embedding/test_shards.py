"""A shard's name changes with each thing that its vectors depend on, and with nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from phenojax.face.embedding.given_landmarks import Landmarks
from phenojax.face.embedding.photographs import PhotographList
from phenojax.face.embedding.shards import cut, shard_key

POINTS = np.arange(10, dtype=np.float32).reshape(5, 2)


@pytest.fixture
def photographs(tmp_path: Path) -> PhotographList:
    for name in "abcd":
        (tmp_path / name).write_bytes(name.encode())
    return PhotographList(tuple("abcd"), tuple(str(tmp_path / name) for name in "abcd"))


def keys(photographs: PhotographList, landmarks: Landmarks | None = None, run: str = "run") -> list[str]:
    return [shard_key(rows, photographs, landmarks, run) for rows in cut(len(photographs), 2)]


def changed(before: list[str], after: list[str]) -> list[bool]:
    return [one != other for one, other in zip(before, after, strict=True)]


def test_rows_are_cut_into_consecutive_shards() -> None:
    assert cut(5, 2) == [range(0, 2), range(2, 4), range(4, 5)]
    assert cut(0, 2) == []


def test_the_same_work_has_the_same_names(photographs: PhotographList) -> None:
    assert keys(photographs) == keys(photographs)
    assert len(set(keys(photographs))) == 2


def test_a_photograph_that_grew_or_was_touched_or_removed_changes_its_shard_alone(photographs: PhotographList) -> None:
    before = keys(photographs)
    place = Path(str(photographs.photos[2]))
    state = place.stat()
    place.write_bytes(b"more")
    os.utime(place, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert changed(before, grown := keys(photographs)) == [False, True]
    os.utime(place, ns=(1, 1))
    assert changed(grown, touched := keys(photographs)) == [False, True]
    place.unlink()
    assert changed(touched, keys(photographs)) == [False, True]


def test_other_landmarks_change_their_shard_alone(photographs: PhotographList) -> None:
    points = dict.fromkeys("abcd", POINTS)
    before = keys(photographs, Landmarks(points))
    assert changed(before, keys(photographs, Landmarks({**points, "a": POINTS + 1}))) == [True, False]
    assert changed(before, keys(photographs, Landmarks({**points, "elsewhere": POINTS}))) == [False, False]
    assert changed(before, keys(photographs, None)) == [True, True]


def test_another_run_changes_them_all(photographs: PhotographList) -> None:
    assert changed(keys(photographs), keys(photographs, run="other")) == [True, True]


def test_an_individual_without_a_photograph_and_a_web_address_have_a_name_too() -> None:
    assert len(keys(PhotographList(("a", "b"), (None, "https://example.org/b.jpg")))) == 1
