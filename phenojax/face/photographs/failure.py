"""Why a photograph gives no embedding."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from phenojax.errors import PhotographError


class FailureReason(StrEnum):
    """What stopped a photograph on its way; `SENTENCES` has one sentence for each."""

    NO_PHOTOGRAPH = "no_photograph"
    WEB_ADDRESS = "web_address"
    MISSING = "missing"
    NOT_A_FILE = "not_a_file"
    UNREADABLE = "unreadable"
    EMPTY = "empty"
    NOT_AN_IMAGE = "not_an_image"
    UNSUPPORTED_FORMAT = "unsupported_format"
    DAMAGED = "damaged"
    TRUNCATED = "truncated"
    TOO_LARGE = "too_large"
    TOO_SMALL = "too_small"
    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    NO_LANDMARKS = "no_landmarks"
    BAD_LANDMARKS = "bad_landmarks"
    NOT_SQUARE = "not_square"
    NOT_FINITE = "not_finite"


SENTENCES: Mapping[FailureReason, str] = MappingProxyType(
    {
        FailureReason.NO_PHOTOGRAPH: "the cohort names no photograph for this individual",
        FailureReason.WEB_ADDRESS: "a web address is never fetched; save the photograph and name the file",
        FailureReason.MISSING: "there is no such file",
        FailureReason.NOT_A_FILE: "this is a folder or a device, not a file",
        FailureReason.UNREADABLE: "the file cannot be read",
        FailureReason.EMPTY: "the file is empty",
        FailureReason.NOT_AN_IMAGE: "the file is no picture of a known format, whatever its name says",
        FailureReason.UNSUPPORTED_FORMAT: "this kind of picture cannot be decoded here; save it as JPEG or PNG",
        FailureReason.DAMAGED: "the picture is damaged",
        FailureReason.TRUNCATED: "the file ends before the picture does",
        FailureReason.TOO_LARGE: "the picture is larger than the limit",
        FailureReason.TOO_SMALL: "the picture is too small to hold a face",
        FailureReason.NO_FACE: "no face was found",
        FailureReason.SEVERAL_FACES: "more than one face was found, and exactly one was asked for",
        FailureReason.NO_LANDMARKS: "the table of landmarks has no row for this id",
        FailureReason.BAD_LANDMARKS: "the landmarks do not span a face inside the picture",
        FailureReason.NOT_SQUARE: "an aligned face must be a square picture",
        FailureReason.NOT_FINITE: "the encoder gave no finite numbers for this face",
    }
)


class RefusedPhotograph(PhotographError):  # noqa: N818  (what happened to it, not an error of the program)
    """A photograph that gives no pixels.

    Args:
        reason: the kind of failure.
        detail: what is known beyond the reason's own sentence.
    """

    def __init__(self, reason: FailureReason, detail: str = "") -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"{SENTENCES[reason]}: {detail}" if detail else SENTENCES[reason])
