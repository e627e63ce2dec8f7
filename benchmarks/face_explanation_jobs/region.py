"""How much of a map lies where the face was warped, against what its area alone would hold."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from face_explanation_jobs.draw import draw
from face_explanation_jobs.report import bar, told
from face_explanation_jobs.warped import WarpedFaces
from numpy.typing import NDArray

from phenojax.explain.face.head import FaceScorer
from phenojax.explain.face.integrated_gradients import integrated_gradients
from phenojax.explain.face.lime import lime
from phenojax.explain.face.occlusion import occlusion
from phenojax.face.simulation import FEATURES

Map = Callable[[FaceScorer, NDArray[np.uint8]], NDArray[np.float32]]
TIMES_CHANCE = 2.0
LIME_ROUNDS = 2
METHODS: dict[str, Map] = {
    "integrated gradients": lambda scorer, chip: integrated_gradients(scorer, chip).values,
    "occlusion": lambda scorer, chip: occlusion(scorer, chip).values,
    "LIME": lambda scorer, chip: lime(scorer, chip, rounds=LIME_ROUNDS).values,
}


class Found(NamedTuple):
    """One photograph by one method: times chance, by its feature's model and by that of another feature."""

    base: int
    feature: int
    method: str
    own: float
    other: float


def region(faces: WarpedFaces, quick: bool, pictures: Path | None) -> list[str]:
    """Ratio of the mass that speaks for a feature inside its region to the region's share of the chip."""
    heads = {number: faces.model(number) for number in faces.features}
    found = [one for row in faces.explained for one in _of_photograph(faces, row, heads, pictures)]
    lines = ["## Attributed mass inside the warped region (`--job region`)", ""]
    lines += [
        "Times what the region's share of the chip alone would hold; 1 is chance. Mass is what speaks for the feature,"
    ]
    lines += ["in maps of held-out photographs that have it.", ""]
    lines += [f"| feature | AUC, held out | share of the chip | {' | '.join(METHODS)} |"]
    lines += ["|---|---|---|" + "---|" * len(METHODS)]
    for number in faces.features:
        rows = [row for row in faces.explained if faces.feature[row] == number]
        share = 100 * faces.regions[rows, number].mean()
        means = [
            f"{np.mean([one.own for one in found if (one.feature, one.method) == (number, method)]):.2f}"
            for method in METHODS
        ]
        auc = _auc(faces, rows, heads[number][0])
        lines += [f"| {FEATURES[number].name} ({len(rows)}) | {auc:.2f} | {share:.1f} % | {' | '.join(means)} |"]
    lines += [""]
    for method in METHODS:
        mine = [one for one in found if one.method == method]
        people = np.array([one.base for one in mine])
        own, low = told(np.array([one.own for one in mine]), people)
        lines += [bar(f"{method}: at least {TIMES_CHANCE:.0f} times chance", own, low >= TIMES_CHANCE)]
        theirs, _ = told(np.array([one.other for one in mine]), people)
        more, _ = told(np.array([one.own - one.other for one in mine]), people)
        lines += [
            f"* {method}: the same regions in maps of the same photographs by another feature's model: {theirs}; a "
            f"feature's own model has {more} more. So much of the first figure is not merely the middle of a face."
        ]
    rounds = f"* LIME with {LIME_ROUNDS} of its 100 rounds."
    return [*lines, rounds, *(["* Quick: few features of few faces."] if quick else []), ""]


def _of_photograph(
    faces: WarpedFaces, row: int, heads: dict[int, tuple[NDArray[np.float64], float]], pictures: Path | None
) -> list[Found]:
    number, base, scorer = int(faces.feature[row]), int(faces.base[row]), faces.scorer
    elsewhere = [other for other in heads if not (faces.regions[row, other] & faces.regions[row, number]).any()]
    other = elsewhere[row % len(elsewhere)]
    inside, found = faces.regions[row, number], []
    for method, make in METHODS.items():
        ratios = []
        for of in (number, other):
            values = make(scorer.with_head(*heads[of]), faces.chips[row])
            speaks_for = np.maximum(values, 0)
            ratios.append(float(speaks_for[inside].sum() / speaks_for.sum() / inside.mean()))
            if pictures is not None and of == number:
                draw(pictures, f"{FEATURES[number].name}, {base}, {method}", faces.chips[row], values, inside)
        found.append(Found(base, number, method, *ratios))
    return found


def _auc(faces: WarpedFaces, rows: list[int], direction: NDArray[np.float64]) -> float:
    scores = faces.unit @ direction
    controls = scores[~faces.trained_on & (faces.feature == -1)]
    return float((scores[rows][:, None] > controls[None, :]).mean())
