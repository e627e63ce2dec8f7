"""Whatever a photograph is, it ends as a row with a vector or with a reason."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from face.photographs.make_pictures import encoded, exif, flat_png, sixteen_bit_rgb_png
from numpy.typing import NDArray

pytest.importorskip("PIL", reason="the extra faces is not installed")
pytest.importorskip("flax", reason="the extra faces is not installed")

from PIL import Image, ImageFilter

import phenojax as pj
from phenojax.face.embedding.result import FaceEmbeddings
from phenojax.face.photographs.failure import SENTENCES, FailureReason

Picture = NDArray[np.uint8]

REASONS = {
    "nobody.png": FailureReason.NO_FACE,
    "tiny.png": FailureReason.TOO_SMALL,
    "small.png": FailureReason.NO_FACE,
    "of 100 megapixels.png": FailureReason.NO_FACE,
    "cut short.jpg": FailureReason.TRUNCATED,
    "empty.jpg": FailureReason.EMPTY,
    "a text.jpg": FailureReason.NOT_AN_IMAGE,
    "a folder.jpg": FailureReason.NOT_A_FILE,
    "missing.jpg": FailureReason.MISSING,
    "https://example.org/face.jpg": FailureReason.WEB_ADDRESS,
    None: FailureReason.NO_PHOTOGRAPH,
}


def two_faces(portrait: Picture) -> Picture:
    """The larger one at the right, the other nearer to the middle; 256 rows, 512 columns."""
    face = Image.fromarray(portrait)
    pair = np.zeros((256, 512, 3), np.uint8)
    pair[:180, 130:310] = np.asarray(face.resize((180, 180)))
    pair[:, 310:] = portrait[:, 27:229]
    return pair


def write(folder: Path, portrait: Picture) -> None:
    picture = Image.fromarray(portrait)
    turned = Image.fromarray(np.rot90(portrait).copy())
    files = {
        "plain.png": encoded(picture, "PNG"),
        "turned.png": encoded(turned, "PNG", exif=exif(6)),
        "grey.png": encoded(picture.convert("L"), "PNG"),
        "rgba.png": encoded(picture.convert("RGBA"), "PNG"),
        "deep.png": sixteen_bit_rgb_png(portrait.astype(np.uint16) * 257),
        "cmyk.tif": encoded(picture.convert("CMYK"), "TIFF"),
        "moving.png": encoded(picture, "PNG", save_all=True, append_images=[picture.rotate(90)]),
        "blurred.png": encoded(picture.filter(ImageFilter.GaussianBlur(3)), "PNG"),
        "nobody.png": encoded(Image.fromarray(np.full((200, 256, 3), 99, np.uint8)), "PNG"),
        "tiny.png": encoded(picture.resize((8, 8)), "PNG"),
        "small.png": encoded(picture.resize((40, 40)), "PNG"),
        "of 100 megapixels.png": flat_png(10_000, 10_000),
        "cut short.jpg": encoded(picture, "JPEG")[:-3000],
        "empty.jpg": b"",
        "a text.jpg": b"this was renamed",
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    (folder / "a folder.jpg").mkdir()


@pytest.fixture(scope="module")
def found(portrait: Picture, tmp_path_factory: pytest.TempPathFactory) -> FaceEmbeddings:
    """All of them in one run, at most 256 pixels large; rows are called by the names of the files."""
    folder = tmp_path_factory.mktemp("odd")
    write(folder, portrait)
    names = [*(path.name for path in sorted(folder.iterdir())), "missing.jpg", "https://example.org/face.jpg", None]
    people = tuple(
        pj.Individual(str(name), photo=None if name is None else name if "://" in name else str(folder / name))
        for name in names
    )
    return pj.embed_faces(pj.Cohort(people), max_side=256, batch_size=2)


def vector(found: FaceEmbeddings, name: str) -> NDArray[np.float32]:
    return found.vectors[found.ids.index(name)]


def test_each_ends_with_its_reason_or_with_a_vector(found: FaceEmbeddings) -> None:
    assert {failure.id: failure.reason for failure in found.failures} == {str(k): v for k, v in REASONS.items()}
    for id_, embedded, row in zip(found.ids, found.embedded, found.vectors, strict=True):
        assert embedded == (id_ not in {str(name) for name in REASONS}) == np.isfinite(row).all(), id_
    assert all(failure.sentence.startswith(SENTENCES[failure.reason]) for failure in found.failures)


@pytest.mark.parametrize("name", ["turned.png", "rgba.png", "deep.png", "moving.png"])
def test_the_same_pixels_in_another_file_have_the_same_vector(name: str, found: FaceEmbeddings) -> None:
    np.testing.assert_allclose(vector(found, name), vector(found, "plain.png"), atol=1e-6)


@pytest.mark.parametrize(("name", "nearer_than"), [("cmyk.tif", 0.1), ("grey.png", 0.45), ("blurred.png", 0.55)])
def test_other_pixels_of_the_same_face_have_a_vector_of_the_same_person(
    name: str, nearer_than: float, found: FaceEmbeddings
) -> None:
    assert np.linalg.norm(vector(found, name) - vector(found, "plain.png")) < nearer_than


def test_a_note_says_that_only_the_first_of_several_pictures_counts(found: FaceEmbeddings) -> None:
    notes = dict(zip(found.ids, found.faces.notes, strict=True))
    assert notes["moving.png"] == "the first of 2 pictures in the file was used"
    assert notes["plain.png"] is None


def test_a_blurred_face_is_less_sharp_by_far(found: FaceEmbeddings) -> None:
    sharp, blurred = (found.faces.sharpness[found.ids.index(name)] for name in ("plain.png", "blurred.png"))
    assert blurred < sharp / 5


def test_of_two_faces_the_rule_takes_one_or_none(portrait: Picture, tmp_path: Path) -> None:
    path = tmp_path / "two.png"
    Image.fromarray(two_faces(portrait)).save(path)
    largest, central, only = (
        pj.embed_faces([path], face=face, batch_size=2) for face in ("largest", "central", "only")
    )
    assert largest.faces.n_faces.tolist() == [2]
    left, _, right, _ = largest.faces.boxes[0]
    assert 310 < left < right < 512
    left, _, right, _ = central.faces.boxes[0]
    assert 130 < left < right < 310
    assert [(failure.reason, failure.detail) for failure in only.failures] == [(FailureReason.SEVERAL_FACES, "2 faces")]
    assert only.faces.n_faces.tolist() == [2]
