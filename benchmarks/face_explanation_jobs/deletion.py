"""Whether the score rests on what the map calls important: patches are blanked, the most important ones first."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from face_explanation_jobs.region import METHODS
from face_explanation_jobs.report import bar
from face_explanation_jobs.warped import WarpedFaces

from phenojax.explain.deletion import deletion_curve, deletion_scores
from phenojax.explain.face.patches import PATCHES, kept_patches_score, patch_values

STEPS = np.array([0, 1, 2, 5, 10, 20, 40, 70, 100])
DRAWS = 20
EVERY = 3


def deletion(faces: WarpedFaces, quick: bool, pictures: Path | None) -> list[str]:
    """Curves of the held-out photographs with a feature, each by its feature's model, in its spread over controls."""
    del pictures
    heads = {number: faces.model(number) for number in faces.features}
    spread = {number: float((faces.unit[faces.feature == -1] @ heads[number][0]).std()) for number in faces.features}
    rows = np.array(faces.explained[:: 1 if quick else EVERY])
    scorer = faces.scorer
    lines = [
        "## Deletion (`--job deletion`)",
        "",
        "Score of a face, in standard deviations of faces without the feature, after",
    ]
    lines += [
        f"blanking so many of its {PATCHES**2} patches; {len(rows)} held-out photographs, {DRAWS} random orders each.",
        "",
    ]
    lines += ["| blanked first | " + " | ".join(map(str, STEPS)) + " | area |", "|---|" + "---|" * (len(STEPS) + 1)]
    bars = []
    for method, make in METHODS.items():
        guided, random = [], []
        for row in rows.tolist():
            number = int(faces.feature[row])
            mine, unit = scorer.with_head(*heads[number]), spread[number]
            importance = patch_values(make(mine, faces.chips[row]))
            score = kept_patches_score(mine, faces.chips[row])
            scores = deletion_scores(score, importance, STEPS, draws=2 if quick else DRAWS, purpose=str(row))
            guided.append(scores.guided / unit)
            random.append(scores.random / unit)
        curve = deletion_curve(guided, np.stack(random), STEPS / PATCHES**2, groups=faces.base[rows])
        if not bars:
            at_random = " | ".join(f"{value:.2f}" for value in curve.random)
            lines += [f"| at random | {at_random} | |"]
        area = f"{curve.area:.2f} ({curve.area_low:.2f} to {curve.area_high:.2f})"
        lines += [f"| {method} | " + " | ".join(f"{value:.2f}" for value in curve.guided) + f" | {area} |"]
        bars.append(bar(f"{method} moves the score more than chance", f"p = {curve.p_value:.3f}", curve.area_low > 0))
    least = f"* p can be no less than 1/{DRAWS + 1} with {DRAWS} random orders."
    return [*lines, "", *bars, least, ""]
