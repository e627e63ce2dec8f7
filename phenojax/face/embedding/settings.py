"""What is asked of an embedding run, checked once."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from phenojax.errors import ConfigError
from phenojax.face.landmarks import LandmarkScheme
from phenojax.face.photographs.canvas import CANVAS_SIDES, DEFAULT_MAX_SIDE

DEFAULT_BATCH_SIZE = 32
DTYPES = ("float32", "bfloat16")


class FaceRule(StrEnum):
    """Which of the faces in a photograph is meant.

    Attributes:
        LARGEST: the box with the largest area; of equals the one that the detector is surer of.
        CENTRAL: the box whose middle is nearest to the middle of the picture; of equals likewise.
        ONLY: the only one; a photograph with several faces fails.
    """

    LARGEST = "largest"
    CENTRAL = "central"
    ONLY = "only"


def face_rule(name: str) -> FaceRule:
    """The rule of a name.

    Raises:
        ConfigError: there is none.
    """
    try:
        return FaceRule(name)
    except ValueError:
        raise ConfigError(f"face must be one of {', '.join(FaceRule)}; not {str(name)!r}") from None


class PointSource(StrEnum):
    """Where the five points of a face come from.

    Attributes:
        DETECTOR: faces are searched for.
        TABLE: the caller gives them.
        ALIGNED: none are needed, because each picture is an aligned chip.
    """

    DETECTOR = "detector"
    TABLE = "table"
    ALIGNED = "aligned"


@dataclass(frozen=True)
class FaceSettings:
    """From a photograph to an aligned face.

    Attributes:
        template: geometry of the chip, such as ``dlib-150``.
        points: where the five points come from.
        scheme: which five points they are; None where none are needed.
        detector: name of the detector; None where none is used.
        face: which face is meant; without effect unless a detector is used.
        max_side: photographs are reduced to so many pixels on their longer side before a face is searched for.

    Raises:
        ConfigError: `face` is no rule, or `max_side` is out of its range.
    """

    template: str
    points: PointSource = PointSource.DETECTOR
    scheme: LandmarkScheme | None = None
    detector: str | None = None
    face: FaceRule = FaceRule.LARGEST
    max_side: int = DEFAULT_MAX_SIDE

    def __post_init__(self) -> None:
        object.__setattr__(self, "face", face_rule(self.face))
        _whole("max_side", self.max_side, 16, CANVAS_SIDES[-1])


@dataclass(frozen=True)
class EmbeddingSettings:
    """All that the vectors of a run depend on, beside photographs and weights.

    Attributes:
        model: name of the encoder.
        faces: from the photograph to the chip.
        dtype: of the encoder's arithmetic, ``float32`` or ``bfloat16``.
        flip: vectors are means over the chip and its mirror image.
        batch_size: chips in one call of the encoder. Numbers depend on it by less than 1e-6.

    Raises:
        ConfigError: a value is out of its range.
    """

    model: str
    faces: FaceSettings
    dtype: str = "float32"
    flip: bool = False
    batch_size: int = DEFAULT_BATCH_SIZE

    def __post_init__(self) -> None:
        if self.dtype not in DTYPES:
            raise ConfigError(f"dtype must be one of {', '.join(DTYPES)}; not {self.dtype!r}")
        _whole("batch_size", self.batch_size, 1, 65_536)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; `from_dict` reads them back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> EmbeddingSettings:
        """Read what `to_dict` gave.

        Raises:
            ConfigError: a value is out of its range.
            TypeError: a field is missing or unknown.
            ValueError: a source of points, or a scheme, that is not known.
        """
        given = dict(values)
        faces = dict(given.pop("faces"))
        faces["points"] = PointSource(faces["points"])
        faces["scheme"] = None if faces["scheme"] is None else LandmarkScheme(faces["scheme"])
        return cls(faces=FaceSettings(**faces), **given)


def _whole(name: str, value: int, least: int, most: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ConfigError(f"{name} must be a whole number from {least} to {most:,}, not {value!r}")
