"""The two ways in which five points are put on a face."""

from __future__ import annotations

from enum import StrEnum


class LandmarkScheme(StrEnum):
    """Which five points, in which order. Left and right are those of the picture, not of the person.

    Attributes:
        FIVE_POINT: centre of the left eye, centre of the right eye, tip of the nose, left and right corner of the
            mouth (MTCNN, ArcFace's template).
        DLIB5: right eye's outer and inner corner, left eye's outer and inner corner, base of the nose (dlib's 5-point
            shape predictor).
    """

    FIVE_POINT = "five_point"
    DLIB5 = "dlib5"
