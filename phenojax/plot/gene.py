"""One gene on one page: who is told apart, by which terms, and where on the face."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from phenojax.plot.evidence import gene_row, probabilities, roc, terms
from phenojax.plot.explanation import face_map as draw_face_map
from phenojax.plot.style import NOTICE, new_figure, p_text, styled
from phenojax.screen.results import ScreenResult

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class MeanFaceMap(Protocol):
    """What `gene` needs of a face map: the mean over ``n`` individuals, ``(h, w)``, and a face of the same size."""

    mean: NDArray[np.float32]
    average_face: NDArray[np.uint8]
    n: int


@styled
def gene(
    result: ScreenResult, gene: str, *, modality: str | None = None, face_map: MeanFaceMap | None = None, n: int = 10
) -> Figure:
    """The figure of a gene: ROC curve, probabilities, terms with their prevalence, and the mean face map where given.

    Args:
        result: of `pj.screen`.
        gene: one that was tested.
        modality: ``"hpo"``, ``"face"`` or ``"both"``; the widest there is when not given.
        face_map: of ``phenojax explain``; it is drawn on an average face, never on anybody's photograph.
        n: so many terms.

    Returns:
        A matplotlib figure; `save` writes it.

    Raises:
        ConfigError: no such gene, or it was not tested.
        MissingExtraError: matplotlib is not installed.
    """
    row = gene_row(result, gene, modality)
    with_terms = row["modality"] != "face" and gene in set(result.explanations["gene"].to_pylist())
    below = with_terms or face_map is not None
    figure = new_figure(6.8, (6.2 if with_terms else 5.6) if below else 3.0)
    # figures of their own, so that long names of terms take no room from the curves above them
    rows = figure.subfigures(2 if below else 1, 1, height_ratios=(2.6, 3.2) if below else None, squeeze=False)[:, 0]
    left, right = rows[0].subplots(1, 2)
    roc(result, gene, modality=row["modality"], ax=left)
    probabilities(result, gene, modality=row["modality"], ax=right)
    if below:
        shares = [share for share, there in ((2.0, with_terms), (1.0, face_map is not None)) if there]
        places = list(rows[1].subplots(1, len(shares), width_ratios=shares, squeeze=False)[0])
        if with_terms:
            terms(result, gene, n=n, ax=places[0])
        if face_map is not None:
            title = f"mean of {face_map.n} individuals"
            draw_face_map(face_map.mean, face_map.average_face, title=title, ax=places[-1])
    groups = "" if row["n_groups"] is None else f" in {row['n_groups']} groups"
    # a comparison's name may be long: it gets lines of its own, as many as it needs
    figure.suptitle(
        f"{fill(gene, 90)}\n({row['modality']}) {row['n_cases']} cases{groups}, {row['n_controls']} controls; "
        f"p {p_text(row['p_value'])}, q {p_text(row['q_value'])}",
        fontsize="medium",
    )
    figure.supxlabel(NOTICE, fontsize="x-small", color="0.35", x=0.99, ha="right")
    return figure
