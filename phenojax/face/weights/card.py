"""The model card: everything that must be known of weights before their output means anything."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

from phenojax.errors import WeightsError


class Role(StrEnum):
    """What a model does."""

    ENCODER = "encoder"
    DETECTOR = "detector"
    LANDMARKS = "landmarks"


class Distance(StrEnum):
    """How two embeddings of a model are compared."""

    COSINE = "cosine"
    EUCLIDEAN = "euclidean"


class Channels(StrEnum):
    """The order of the colours that a model was trained on."""

    RGB = "RGB"
    BGR = "BGR"


@dataclass(frozen=True)
class WeightFile:
    """One file of weights.

    Attributes:
        name: file name, without a folder.
        sha256: hexadecimal; the file is refused when it has another.
        n_bytes: its size.
    """

    name: str
    sha256: str
    n_bytes: int


@dataclass(frozen=True)
class Preprocessing:
    """From an aligned chip (RGB, 0 to 255) to the input of a network: ``(x[channels] - mean) / scale``.

    Attributes:
        input_size: side of the square chip, pixels.
        channels: order of the colours in the network's input; `mean` and `scale` are in this order.
        mean: subtracted, in units of 0 to 255.
        scale: divided by, in units of 0 to 255.
        template: name of the chip's geometry, `phenojax.face.alignment`: ``dlib-150`` or ``arcface-112``.
    """

    input_size: int
    channels: Channels
    mean: tuple[float, float, float]
    scale: tuple[float, float, float]
    template: str


@dataclass(frozen=True)
class ModelCard:
    """What one model is, printed by ``phenojax weights list`` and written into run.json.

    Attributes:
        name: the name that ``model=`` and ``detector=`` take.
        role: encoder, detector or landmarks.
        architecture: ``dlib-resnet``, ``iresnet50``, ``mmod``, ``mtcnn`` ...
        source: who made it, with a citation or the package that carries it.
        files: what it is read from.
        licence_code: of the program that the weights were made for.
        licence_weights: of the weights themselves.
        training_data: what they were trained on, and under which terms.
        commercial_use: True, False, or None where nobody says.
        preprocessing: None for what is no encoder.
        width: length of one embedding; 0 for what is no encoder.
        normalised: whether vectors leave the network with length 1.
        distance: what the threshold is for; None for what is no encoder.
        threshold: two faces nearer than this are called the same person by the makers; None where they name none.
        lfw_claimed: accuracy on Labeled Faces in the Wild as its makers state it, not measured here.
        notes: what else a user must know, whole sentences.
    """

    name: str
    role: Role
    architecture: str
    source: str
    files: tuple[WeightFile, ...]
    licence_code: str
    licence_weights: str
    training_data: str
    commercial_use: bool | None
    preprocessing: Preprocessing | None = None
    width: int = 0
    normalised: bool = False
    distance: Distance | None = None
    threshold: float | None = None
    lfw_claimed: float | None = None
    notes: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; `from_dict` reads them back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> ModelCard:
        """Read what `to_dict` gave.

        Raises:
            WeightsError: a field is missing, unknown, or of the wrong kind.
        """
        known = {field.name for field in fields(cls)}
        if unknown := sorted(set(values) - known):
            raise WeightsError(f"model card has unknown fields: {', '.join(unknown)}")
        try:
            given = dict(values)
            given["role"] = Role(given["role"])
            given["files"] = tuple(WeightFile(**file) for file in given["files"])
            if (preprocessing := given.get("preprocessing")) is not None:
                given["preprocessing"] = Preprocessing(
                    input_size=int(preprocessing["input_size"]),
                    channels=Channels(preprocessing["channels"]),
                    mean=_three(preprocessing["mean"]),
                    scale=_three(preprocessing["scale"]),
                    template=str(preprocessing["template"]),
                )
            if given.get("distance") is not None:
                given["distance"] = Distance(given["distance"])
            return cls(**given)
        except (KeyError, TypeError, ValueError) as error:
            raise WeightsError(f"model card is malformed: {error!r}") from error


def _three(values: Any) -> tuple[float, float, float]:
    first, second, third = (float(value) for value in values)
    return first, second, third
