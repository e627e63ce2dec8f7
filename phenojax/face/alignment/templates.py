"""The geometry of chips: where on a chip the five points of a face come to lie, and how pixels are read for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from phenojax.errors import ConfigError
from phenojax.face.landmarks import LandmarkScheme

Points = tuple[tuple[float, float], ...]


class Fit(StrEnum):
    """Between which two sets of points the squares of the distances are least.

    Five points never fit exactly, and the better of two fits is another in either direction.

    Attributes:
        IN_PICTURE: the template's points are moved onto those of the face (dlib).
        IN_CHIP: those of the face are moved onto the template's (ArcFace); smaller chips of ill-fitting faces.
    """

    IN_PICTURE = "in_picture"
    IN_CHIP = "in_chip"


@dataclass(frozen=True)
class Sampling:
    """How a value is read between pixels; bilinear always.

    Attributes:
        halves: whether a face is halved with a 1 4 6 4 1 blur, again and again, until a pixel of the chip takes at
            most two of its pixels. False reads the picture itself, and large faces alias.
        shift: a point (x, y) lies at half its coordinates less this after halving, pixels.
        edge_to_edge: the chip's outer pixels lie on the outermost pixels of its square in the picture. False: a step
            of one pixel in the chip is a step of the similarity's scale in the picture.
        cut: what lies between a pixel of the picture and none is 0. False: there, the pixel fades out.
        round_down: to whole grey values downwards; False rounds to the nearest.
    """

    halves: bool
    shift: tuple[float, float]
    edge_to_edge: bool
    cut: bool
    round_down: bool


@dataclass(frozen=True)
class Template:
    """One geometry of chips.

    Attributes:
        name: what model cards call it.
        side: of the square chip, pixels.
        points: where the five points of a face belong, x and y in pixels of the chip.
        native: the scheme of `points`, which the template was made for (`target_points` has them for either).
        fit: how the similarity is found.
        sampling: how pixels are read.
    """

    name: str
    side: int
    points: Points
    native: LandmarkScheme
    fit: Fit
    sampling: Sampling


def template_names() -> tuple[str, ...]:
    """The names that `find_template` knows."""
    return tuple(_TEMPLATES)


def find_template(name: str) -> Template:
    """The template of a name.

    Raises:
        ConfigError: there is no such template.
    """
    if name not in _TEMPLATES:
        raise ConfigError(f"chip template {name!r} is not known; there is {', '.join(template_names())}")
    return _TEMPLATES[name]


# dlib's mean positions in a unit square (dlib/image_transforms/interpolation.h, `get_face_chip_details`).
_DLIB_MEAN_FACE = (
    (0.8595674595992, 0.2134981538014),
    (0.6460604764104, 0.2289674387677),
    (0.1205750620789, 0.2137274526848),
    (0.3340850613712, 0.2290642403242),
    (0.4901123135679, 0.6277975316475),
)
_DLIB_SIDE, _DLIB_PADDING = 150, 0.25
DLIB_POINTS: Points = tuple(
    (
        (_DLIB_PADDING + x) / (2 * _DLIB_PADDING + 1) * _DLIB_SIDE,
        (_DLIB_PADDING + y) / (2 * _DLIB_PADDING + 1) * _DLIB_SIDE,
    )
    for x, y in _DLIB_MEAN_FACE
)
# Deng et al., "ArcFace: additive angular margin loss for deep face recognition", CVPR 2019, the authors' code.
ARCFACE_POINTS: Points = (
    (38.2946, 51.6963),
    (73.5318, 51.5014),
    (56.0252, 71.7366),
    (41.5493, 92.3655),
    (70.7299, 92.2041),
)


def _arcface(name: str, halves: bool) -> Template:
    return Template(
        name=name,
        side=112,
        points=ARCFACE_POINTS,
        native=LandmarkScheme.FIVE_POINT,
        fit=Fit.IN_CHIP,
        sampling=Sampling(halves, shift=(1.0, 1.0), edge_to_edge=False, cut=False, round_down=False),
    )


_DLIB = Template(
    name="dlib-150",
    side=_DLIB_SIDE,
    points=DLIB_POINTS,
    native=LandmarkScheme.DLIB5,
    fit=Fit.IN_PICTURE,
    sampling=Sampling(halves=True, shift=(1.25, 0.75), edge_to_edge=True, cut=True, round_down=True),
)
# Encoders with ArcFace's chip were trained and are used on crops that alias: smoother ones are another name.
_TEMPLATES = {
    template.name: template
    for template in (_DLIB, _arcface("arcface-112", halves=False), _arcface("arcface-112-smooth", halves=True))
}
