"""Whatever a camera, a phone or a slide gives becomes upright RGB, or one reason."""

from __future__ import annotations

import contextlib
import os
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from face.photographs.make_pictures import (
    BLUE,
    GREEN,
    GREY,
    RED,
    encoded,
    flat_png,
    oriented,
    scene,
    sixteen_bit_rgb_png,
)
from PIL import Image

from phenojax.face.photographs.decode import MAX_PIXELS, Decoder, Photograph
from phenojax.face.photographs.failure import SENTENCES, FailureReason, RefusedPhotograph
from phenojax.face.photographs.pillow_silence import pillow_silence

DECODER = Decoder(max_side=1024)


def corners(photograph: Photograph) -> np.ndarray:
    p = photograph.pixels
    h, w = p.shape[:2]
    return np.array([p[h // 4, w // 4], p[h // 4, 3 * w // 4], p[3 * h // 4, w // 4], p[3 * h // 4, 3 * w // 4]])


def refusal(data: bytes) -> RefusedPhotograph:
    with pytest.raises(RefusedPhotograph) as caught:
        DECODER.data(data)
    assert str(caught.value).startswith(SENTENCES[caught.value.reason])
    return caught.value


def assert_scene(photograph: Photograph, tolerance: int = 0) -> None:
    assert photograph.pixels.dtype == np.uint8
    assert photograph.pixels.flags.c_contiguous
    np.testing.assert_allclose(corners(photograph).astype(int), [RED, GREEN, BLUE, GREY], atol=tolerance)


@pytest.mark.parametrize(
    ("kind", "tolerance"), [("PNG", 0), ("BMP", 0), ("TIFF", 0), ("PPM", 0), ("JPEG", 6), ("WEBP", 8), ("AVIF", 12)]
)
def test_every_format_shows_the_same_scene(kind: str, tolerance: int):
    photograph = DECODER.data(encoded(Image.fromarray(scene()), kind))
    assert_scene(photograph, tolerance)
    assert photograph.pixels.shape == (48, 64, 3)
    assert (photograph.height, photograph.width, photograph.note) == (48, 64, None)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_of_exif_is_applied(orientation: int, kind: str):
    photograph = DECODER.data(oriented(orientation, kind))
    assert_scene(photograph, 0 if kind in ("PNG", "TIFF") else 8)
    assert (photograph.height, photograph.width) == photograph.pixels.shape[:2] == (48, 64)


def test_a_reduced_picture_remembers_the_size_of_its_file_upright():
    stored = Image.fromarray(scene(3000, 2000)).transpose(Image.Transpose.ROTATE_90)
    tags = Image.Exif()
    tags[0x0112] = 6
    for kind in ("JPEG", "PNG", "TIFF"):
        photograph = DECODER.data(encoded(stored, kind, exif=tags))
        assert (photograph.height, photograph.width) == (3000, 2000)
        assert photograph.pixels.shape == (1024, 683, 3)
        assert_scene(photograph, 6)


def test_reducing_is_antialiased():
    stripes = np.zeros((4096, 4096), dtype=np.uint8)
    stripes[:, ::2] = 255
    pixels = DECODER.data(encoded(Image.fromarray(stripes), "PNG")).pixels
    assert np.abs(pixels[8:-8, 8:-8].astype(int) - 127).max() <= 3


def test_a_small_picture_is_not_enlarged():
    assert Decoder(256).data(encoded(Image.fromarray(scene(200, 256)), "PNG")).pixels.shape == (200, 256, 3)


def test_grey_becomes_three_equal_channels():
    grey = np.arange(48 * 64, dtype=np.uint16).reshape(48, 64).astype(np.uint8)
    pixels = DECODER.data(encoded(Image.fromarray(grey), "PNG")).pixels
    assert (pixels == grey[..., None]).all()


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_transparency_lies_over_white(mode: str):
    image = Image.new("LA", (40, 40), (100, 255))
    image.paste((100, 0), (0, 0, 20, 40))
    image.paste((100, 128), (20, 0, 40, 20))
    kind = "TIFF" if mode == "PA" else "PNG"
    pixels = DECODER.data(encoded(image.convert("RGBA").convert(mode) if mode != "LA" else image, kind)).pixels
    assert (pixels[30, 10] == 255).all()
    assert (pixels[30, 30] == 100).all()
    assert abs(int(pixels[10, 30, 0]) - 177) <= 1


def test_a_transparent_edge_does_not_bleed_its_hidden_colour_when_reduced():
    hidden = np.zeros((2048, 2048, 4), dtype=np.uint8)  # black, but seen nowhere
    hidden[:, 1024:] = (250, 250, 250, 255)
    pixels = DECODER.data(encoded(Image.fromarray(hidden), "PNG")).pixels
    assert pixels.min() >= 245


@pytest.mark.parametrize("transparent", [False, True])
def test_a_palette_is_looked_up(transparent: bool):
    image = Image.fromarray(scene()).quantize(8)
    top_left = image.getpixel((5, 5))
    options = {"transparency": top_left} if transparent else {}
    shown = corners(DECODER.data(encoded(image, "PNG", **options))).astype(int)
    np.testing.assert_allclose(shown, [(255, 255, 255) if transparent else RED, GREEN, BLUE, GREY], atol=4)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_of_grey_are_scaled_not_clipped(kind: str):
    deep = (np.arange(48 * 64, dtype=np.uint32) * 21).reshape(48, 64).astype(np.uint16)
    pixels = DECODER.data(encoded(Image.fromarray(deep), kind)).pixels
    assert (pixels[..., 1] == deep >> 8).all()
    assert pixels.max() > 240
    assert len(np.unique(pixels)) > 200


def test_sixteen_bits_of_colour_are_scaled_not_clipped():
    deep = scene().astype(np.uint16) * 257
    assert_scene(DECODER.data(sixteen_bit_rgb_png(deep)), 1)


@pytest.mark.parametrize(("factor", "tolerance"), [(1.0, 1), (1 / 255, 1)])
def test_floats_from_0_to_1_or_255_are_read(factor: float, tolerance: int):
    grey = np.tile(np.linspace(0, 255, 64, dtype=np.float32), (48, 1))
    pixels = DECODER.data(encoded(Image.fromarray((grey * np.float32(factor)).astype(np.float32)), "TIFF")).pixels
    np.testing.assert_allclose(pixels[..., 0], grey, atol=tolerance)


@pytest.mark.parametrize("bad", [np.nan, -5.0, 1e9])
def test_floats_of_unknown_scale_are_refused(bad: float):
    grey = np.zeros((48, 64), dtype=np.float32)
    grey[3, 4] = bad
    assert refusal(encoded(Image.fromarray(grey), "TIFF")).reason is FailureReason.UNSUPPORTED_FORMAT


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_is_not_shown_as_its_negative(kind: str):
    assert_scene(DECODER.data(encoded(Image.fromarray(scene()).convert("CMYK"), kind)), 8)


@pytest.mark.parametrize(("kind", "tolerance"), [("GIF", 4), ("WEBP", 8), ("PNG", 0), ("TIFF", 0)])
def test_of_several_frames_the_first_counts_and_the_note_says_so(kind: str, tolerance: int):
    first, *others = Image.fromarray(scene()), Image.new("RGB", (64, 48)), Image.new("RGB", (64, 48), RED)
    photograph = DECODER.data(encoded(first, kind, save_all=True, append_images=others))
    assert_scene(photograph, tolerance)
    assert photograph.note == "the first of 3 pictures in the file was used"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "GIF", "BMP", "AVIF"])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_file_that_ends_too_early_is_never_half_a_picture(kind: str, share: float):
    noise = np.random.default_rng(0).integers(0, 256, (96, 96, 3), dtype=np.uint8)
    whole = encoded(Image.fromarray(noise), kind)
    found = refusal(whole[: int(len(whole) * share)])
    assert found.reason in (FailureReason.TRUNCATED, FailureReason.DAMAGED)


def test_noise_inside_a_file_gives_pixels_or_a_reason_and_nothing_else():
    rng = np.random.default_rng(1)
    for kind in ("PNG", "JPEG", "GIF", "TIFF", "WEBP"):
        whole = bytearray(encoded(Image.fromarray(scene()), kind))
        for _ in range(40):
            damaged = whole.copy()
            for place in rng.integers(2, len(damaged), 5):
                damaged[place] = rng.integers(256)
            with contextlib.suppress(RefusedPhotograph):
                assert DECODER.data(bytes(damaged)).pixels.ndim == 3


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", FailureReason.EMPTY),
        (b"these are words, and no picture\n" * 30, FailureReason.NOT_AN_IMAGE),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200), FailureReason.UNSUPPORTED_FORMAT),
        (encoded(Image.new("RGB", (1, 1)), "PNG"), FailureReason.TOO_SMALL),
        (encoded(Image.new("RGB", (15, 900)), "PNG"), FailureReason.TOO_SMALL),
        (flat_png(20_000, 8_000), FailureReason.TOO_LARGE),
        (flat_png(20_000, 20_000), FailureReason.TOO_LARGE),
    ],
    ids=["empty", "words", "heic", "one pixel", "narrow", "160 megapixels", "400 megapixels"],
)
def test_what_is_no_photograph_has_its_reason(data: bytes, reason: FailureReason):
    assert refusal(data).reason is reason


@pytest.mark.parametrize(
    "data",
    [
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n%%EndComments\nshowpage\n",
        b"DDS " + bytes([124, 0, 0, 0]) + bytes(76) + b"\x20\0\0\0\4\0\0\0DX10" + bytes(40) + b"\xff" * 20,
        b"BLP2" + bytes([1, 0, 0, 0, 9, 9, 9, 9]) + bytes([64, 0, 0, 0] * 2) + bytes(2000),
    ],
    ids=["postscript", "dds", "blp"],
)
def test_formats_that_are_no_photographs_are_not_even_tried(data: bytes):
    assert refusal(data).reason is FailureReason.NOT_AN_IMAGE


def test_a_hundred_megapixels_are_decoded():
    assert MAX_PIXELS >= 100e6
    photograph = DECODER.data(flat_png(12_500, 8_000))
    assert (photograph.height, photograph.width) == (12_500, 8_000)
    assert photograph.pixels.shape == (1024, 655, 3)
    assert (photograph.pixels == 128).all()


def test_a_panorama_keeps_its_shape():
    assert DECODER.data(encoded(Image.new("RGB", (9000, 20)), "PNG")).pixels.shape == (2, 1024, 3)


def test_what_is_no_file_has_its_reason(tmp_path: Path):
    pipe = tmp_path / "pipe.jpg"
    os.mkfifo(pipe)
    for path, reason in (
        (tmp_path / "absent.jpg", FailureReason.MISSING),
        (tmp_path, FailureReason.NOT_A_FILE),
        (pipe, FailureReason.NOT_A_FILE),
        ("https://example.org/a.jpg", FailureReason.WEB_ADDRESS),
        ("a\0b.jpg", FailureReason.UNREADABLE),
    ):
        with pytest.raises(RefusedPhotograph) as caught:
            DECODER.file(path)
        assert caught.value.reason is reason


def test_pillow_warns_nobody_and_the_filters_are_as_before():
    transparent = Image.fromarray(scene()).quantize(8)
    data = encoded(transparent, "PNG", transparency=bytes([0, 128, 255, 255, 255, 255, 255, 255]))
    large = flat_png(10_000, 9_500)  # Pillow warns of bombs from 89 megapixels on
    before = list(warnings.filters)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with ThreadPoolExecutor(4) as pool, pillow_silence():
            assert len(list(pool.map(DECODER.data, [data] * 20 + [large]))) == 21
        DECODER.data(data)
    assert warnings.filters == before
