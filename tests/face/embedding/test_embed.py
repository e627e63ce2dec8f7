"""From photographs to vectors: those of dlib's own chain, whatever the batch, the order and the way there."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from conftest import REPOSITORY
from numpy.typing import NDArray

pytest.importorskip("PIL", reason="the extra faces is not installed")
pytest.importorskip("flax", reason="the extra faces is not installed")

from PIL import Image

import phenojax as pj
from phenojax.errors import ConfigError, MissingExtraError, WeightsError
from phenojax.face.detectors.load import load_detector
from phenojax.face.detectors.mmod import detect
from phenojax.face.embedding import align_on_device
from phenojax.face.embedding.chips import align_faces
from phenojax.face.embedding.given_landmarks import Landmarks
from phenojax.face.encoders.encoder import encode
from phenojax.face.landmarks import LandmarkScheme
from phenojax.face.photographs.failure import FailureReason

Picture = NDArray[np.uint8]


def save(folder: Path, **pictures: Picture) -> dict[str, Path]:
    """PNG files by name."""
    for name, picture in pictures.items():
        Image.fromarray(picture).save(folder / f"{name}.png")
    return {name: folder / f"{name}.png" for name in pictures}


def several(portrait: Picture) -> dict[str, Picture]:
    """The same face in other light and framing."""
    return {
        "plain": portrait,
        "cut": np.ascontiguousarray(portrait[10:250, 5:]),
        "mirrored": np.ascontiguousarray(portrait[:, ::-1]),
        "dark": (portrait * 0.6).astype(np.uint8),
        "bright": np.minimum(portrait * 1.3, 255).astype(np.uint8),
    }


def test_the_default_chain_is_dlibs_own_from_picture_to_vector(
    shared_data: Callable[[str], Path], portrait: Picture, tmp_path: Path
) -> None:
    from skimage.data import astronaut

    golden = json.loads((REPOSITORY / "tests" / "golden" / "dlib_chain.json").read_text(encoding="utf-8"))
    files = {path.stem: path for path in shared_data("faces/synthetic20").glob("*.jpg")}
    found = pj.embed_faces({**files, **save(tmp_path, astronaut=astronaut())})
    assert found.failures == ()
    assert sorted(found.ids) == sorted(golden)
    for id_, vector in zip(found.ids, found.vectors, strict=True):
        np.testing.assert_allclose(vector, golden[id_], atol=1e-4, err_msg=id_)
    np.testing.assert_allclose(found.quality, np.linalg.norm(found.vectors, axis=1), rtol=1e-5)
    assert [card.name for card in found.cards] == ["dlib-resnet", "dlib-mmod", "dlib-shape-5"]


def test_vectors_do_not_depend_on_batches_or_on_the_order_of_the_photographs(portrait: Picture, tmp_path: Path) -> None:
    files = save(tmp_path, **several(portrait))
    names = list(files)
    wanted = pj.embed_faces(files, batch_size=2)
    backwards = pj.embed_faces({name: files[name] for name in reversed(names)}, batch_size=3, threads=1)
    assert backwards.ids == tuple(reversed(names))
    np.testing.assert_allclose(backwards.vectors[::-1], wanted.vectors, atol=1e-6)
    alone = pj.embed_faces([files["cut"]], batch_size=2)
    np.testing.assert_allclose(alone.vectors[0], wanted.vectors[names.index("cut")], atol=1e-6)


def test_other_photographs_are_not_compiled_for(portrait: Picture, tmp_path: Path) -> None:
    files = save(tmp_path, **several(portrait), none=np.full((200, 180, 3), 90, np.uint8))
    programs = (detect, align_on_device._align_found, encode)
    pj.embed_faces([files["plain"]], batch_size=2)
    before = [program._cache_size() for program in programs]
    found = pj.embed_faces(files, batch_size=2)
    assert found.embedded.sum() == 5
    assert [program._cache_size() for program in programs] == before


def test_a_mean_with_the_mirror_image_is_the_same_for_a_face_and_its_mirror_image(
    portrait: Picture, tmp_path: Path
) -> None:
    chip = align_faces(save(tmp_path, plain=portrait), "dlib-150").chips[0]
    files = save(tmp_path, chip=chip, mirrored=chip[:, ::-1].copy())
    plain, flipped = (pj.embed_faces(files, aligned=True, batch_size=2, flip=flip).vectors for flip in (False, True))
    np.testing.assert_allclose(flipped[0], plain.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(flipped[0], flipped[1], atol=1e-6)
    assert np.abs(plain[0] - plain[1]).max() > 0.01


def test_bfloat16_points_in_the_same_direction(portrait: Picture, tmp_path: Path) -> None:
    files = save(tmp_path, plain=align_faces(save(tmp_path, whole=portrait), "dlib-150").chips[0])
    full, half = (
        pj.embed_faces(files, aligned=True, batch_size=2, dtype=d).vectors[0] for d in ("float32", "bfloat16")
    )
    assert half.dtype == np.float32
    assert full @ half / np.linalg.norm(full) / np.linalg.norm(half) > 0.999
    assert (full != half).any()


def test_aligned_faces_need_no_detector_and_are_resized(portrait: Picture, tmp_path: Path) -> None:
    files = save(tmp_path, plain=portrait)
    chip = align_faces(files, "dlib-150").chips[0]
    double = np.asarray(Image.fromarray(chip).resize((300, 300), Image.Resampling.BICUBIC))
    found = pj.embed_faces(
        save(tmp_path, chip=chip, double=double, oblong=chip[:100].copy()), aligned=True, batch_size=2
    )
    wanted = pj.embed_faces(files, batch_size=2)
    np.testing.assert_allclose(found.vectors[0], wanted.vectors[0], atol=1e-6)
    np.testing.assert_allclose(found.vectors[1], wanted.vectors[0], atol=0.03)
    assert [(failure.id, failure.reason, failure.detail) for failure in found.failures] == [
        ("oblong", FailureReason.NOT_SQUARE, "150 x 100 pixels")
    ]
    assert found.cards == (found.card,)
    assert found.faces.n_faces.tolist() == [-1, -1, -1]


def test_given_landmarks_take_the_place_of_the_detector(portrait: Picture, tmp_path: Path) -> None:
    files = save(tmp_path, **{name: several(portrait)[name] for name in ("plain", "cut", "dark")})
    wanted = pj.embed_faces(files, batch_size=2)
    points = dict(zip(wanted.ids, wanted.faces.landmarks, strict=True))
    del points["cut"]
    points["dark"] = np.tile(points["dark"][:1], (5, 1))
    found = pj.embed_faces(files, batch_size=2, landmarks=Landmarks(points, LandmarkScheme.DLIB5))
    np.testing.assert_allclose(found.vectors[0], wanted.vectors[0], atol=1e-6)
    assert [(failure.id, failure.reason) for failure in found.failures] == [
        ("cut", FailureReason.NO_LANDMARKS),
        ("dark", FailureReason.BAD_LANDMARKS),
    ]
    np.testing.assert_allclose(found.faces.landmarks[0], wanted.faces.landmarks[0], atol=1e-3)


def test_where_a_face_lies_is_told_in_pixels_of_the_file_however_much_it_was_reduced(
    portrait: Picture, tmp_path: Path
) -> None:
    double = np.asarray(Image.fromarray(portrait).resize((512, 512), Image.Resampling.BICUBIC))
    found = pj.embed_faces(save(tmp_path, plain=portrait, double=double), max_side=256, batch_size=2)
    plain, double = found.faces.landmarks
    np.testing.assert_allclose(double, 2 * plain + 0.5, atol=5)
    np.testing.assert_allclose(found.faces.boxes[1], 2 * found.faces.boxes[0] + 0.5, atol=10)


def test_aligned_faces_are_told_with_the_row_of_each_and_what_failed(portrait: Picture, tmp_path: Path) -> None:
    files = save(tmp_path, flat=np.full((100, 100, 3), 80, np.uint8), plain=portrait, dark=several(portrait)["dark"])
    calls: list[tuple[int, int]] = []
    found = align_faces(files, "arcface-112", progress=lambda done, total: calls.append((done, total)))
    assert found.chips.shape == (2, 112, 112, 3)
    assert found.rows.tolist() == [1, 2]
    assert found.ids == ("flat", "plain", "dark")
    assert [failure.reason for failure in found.failures] == [FailureReason.NO_FACE]
    assert calls[-1] == (3, 3)
    nothing = align_faces([], "arcface-112")
    assert nothing.chips.shape == (0, 112, 112, 3)


def test_no_photograph_at_all_is_a_result_without_rows() -> None:
    found = pj.embed_faces([], aligned=True)
    assert found.vectors.shape == (0, 128)
    assert len(found) == 0


def test_what_is_asked_for_wrongly_is_refused_before_any_work(tmp_path: Path) -> None:
    for wrong, sentence in (
        ({"face": "prettiest"}, "face must be one of largest, central, only; not 'prettiest'"),
        ({"dtype": "float16"}, "dtype must be one of float32, bfloat16; not 'float16'"),
        ({"batch_size": 0}, "batch_size must be a whole number from 1"),
        ({"max_side": 4096}, "max_side must be a whole number from 16 to 2,048"),
        ({"threads": 0}, "threads must be a positive integer"),
        ({"aligned": True, "landmarks": {}}, "landmarks are of no use for aligned faces"),
        ({"out": tmp_path / "e.csv"}, r"written as \.parquet"),
    ):
        with pytest.raises(ConfigError, match=sentence):
            pj.embed_faces([], **wrong)
    with pytest.raises(WeightsError, match="detector 'eyes' is not known"):
        pj.embed_faces([], detector="eyes")
    assert issubclass(MissingExtraError, pj.PhenojaxError)


def test_a_loaded_detector_and_one_by_name_are_the_same(portrait: Picture, tmp_path: Path) -> None:
    files = save(tmp_path, plain=portrait)
    by_name, loaded = (pj.embed_faces(files, batch_size=2, detector=d) for d in ("dlib-mmod", load_detector()))
    np.testing.assert_array_equal(by_name.vectors, loaded.vectors)
    assert by_name.settings == loaded.settings
