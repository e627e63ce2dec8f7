"""Faces with known features, aligned and embedded, and a model of each feature that never saw who is explained."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from phenojax.explain.face.head import FaceScorer, face_scorer, unit_embeddings
from phenojax.face.alignment.align import align
from phenojax.face.detectors.detection import Detector
from phenojax.face.detectors.load import load_detector
from phenojax.face.encoders.encoder import Encoder
from phenojax.face.encoders.model import load_model
from phenojax.face.simulation import FEATURES, BasePhotograph, find_bases, warped_region
from phenojax.face.simulation.nuisance import draw_camera, draw_photograph
from phenojax.face.simulation.on_chip import frame_on_chip
from phenojax.face.simulation.render import render
from phenojax.fusion import Classifier, EnsembleConfig, fit_sample

WITHOUT = 4
"""Photographs of each face without a feature."""
EXPLAINED = 4
"""Held-out people with each feature."""
SEED = 5


@dataclass(frozen=True)
class WarpedFaces:
    """All photographs; -1 for the feature of a face as it is.

    Attributes:
        chips: uint8 (n, s, s, 3).
        base: int64 (n,): which face.
        feature: int64 (n,): of `FEATURES`.
        regions: bool (n, features, s, s): where each feature would lie on this chip.
        encoder: dlib's.
    """

    chips: NDArray[np.uint8]
    base: NDArray[np.int64]
    feature: NDArray[np.int64]
    regions: NDArray[np.bool_]
    encoder: Encoder

    @cached_property
    def unit(self) -> NDArray[np.float32]:
        """float32 (n, d)."""
        return unit_embeddings(self.encoder, self.chips)

    @cached_property
    def trained_on(self) -> NDArray[np.bool_]:
        """Every other face."""
        return self.base % 2 == 0

    def model(self, number: int) -> tuple[NDArray[np.float64], float]:
        """Direction and intercept of the screen's classifier: a feature's faces against those without any.

        Both come from the same people, and people are its groups.
        """
        mine = self.trained_on & ((self.feature == number) | (self.feature == -1))
        unit = self.unit[mine].astype(np.float64)
        kernel = (unit @ unit.T).astype(np.float32)
        np.fill_diagonal(kernel, 1.0)
        groups = np.unique(self.base[mine], return_inverse=True)[1]
        fitted = fit_sample(
            kernel[None],
            np.ones((1, len(unit)), bool),
            groups,
            self.feature[mine] == number,
            classifier=Classifier.ENSEMBLE,
            config=EnsembleConfig(),
        )
        pattern = fitted.patterns[True,]
        return pattern.coefficients[0] @ unit, pattern.intercept

    @property
    def features(self) -> list[int]:
        """Those that there are."""
        return sorted(set(self.feature.tolist()) - {-1})

    @property
    def explained(self) -> list[int]:
        """Rows of the held-out photographs that have a feature."""
        rows: list[int] = np.flatnonzero(~self.trained_on & (self.feature >= 0)).tolist()
        return rows

    @cached_property
    def scorer(self) -> FaceScorer:
        """With no model yet (`FaceScorer.with_head`)."""
        return face_scorer(self.encoder, np.zeros(self.unit.shape[1]))


def warped_faces(quick: bool) -> WarpedFaces:
    """Take all photographs, find the faces with dlib's detector, align and embed them.

    Of the people who are explained each has some of the features, so that each feature has `EXPLAINED` of them.
    """
    detector, encoder = load_detector("dlib-mmod"), load_model("dlib-resnet")
    files = sorted(_folder().glob("*.jpg"))
    bases = find_bases(files[:6] if quick else files, detector)
    features = range(0, len(FEATURES), 6 if quick else 1)
    held_out = [number for number in range(len(bases)) if number % 2]
    found = []
    for number, base in enumerate(bases):
        kinds = [-1] * WITHOUT + [
            kind
            for kind in features
            if number not in held_out or (held_out.index(number) + 3 * kind) % len(held_out) < EXPLAINED
        ]
        for kind in kinds:
            found.append((number, kind, *_taken(base, number, kind, len(found), detector, encoder)))
    return WarpedFaces(
        chips=np.stack([row[2] for row in found]),
        base=np.array([row[0] for row in found]),
        feature=np.array([row[1] for row in found]),
        regions=np.stack([row[3] for row in found]),
        encoder=encoder,
    )


def _taken(
    base: BasePhotograph, number: int, kind: int, photograph: int, detector: Detector, encoder: Encoder
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """One photograph's chip, and where on it each feature would lie."""
    rng = np.random.default_rng((SEED, number, photograph))
    features = () if kind < 0 else (FEATURES[kind],)
    nuisance = draw_photograph(rng, draw_camera(rng))
    picture = render(base.pixels, base.frame, features, 1.0, nuisance, rng)
    side = len(picture.pixels)
    canvas, size = jnp.asarray(picture.pixels[None]), jnp.asarray([[side, side]], jnp.int32)
    faces = detector(canvas, size)
    if not bool(faces.valid[0, 0]):
        raise SystemExit(f"no face was found in a warped photograph of {base.name}")
    scheme, points, template = detector.scheme, faces.landmarks[:, 0], encoder.preprocessing.template
    chip = np.asarray(align(template, scheme, canvas, size, points))[0]
    frame = frame_on_chip(picture.frame, template, scheme, points[0])
    return chip, np.stack([warped_region((feature,), frame, chip.shape[:2]) for feature in FEATURES])


def _folder() -> Path:
    root = os.environ.get("PHENOJAX_TEST_DATA")
    data = Path(root) if root else Path(__file__).resolve().parents[3] / "shared" / "data"
    folder = data / "faces" / "synthetic20"
    if not folder.is_dir():
        raise SystemExit("the generated faces are not on this machine (set PHENOJAX_TEST_DATA)")
    return folder
