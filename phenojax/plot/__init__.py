"""Figures for a paper, on matplotlib axes of the caller or of their own; vector graphics by `save`. Extra: ``plots``.

Every function that takes ``ax`` draws on it and returns it; without one it makes a figure of its own (``ax.figure``).
Nothing goes through pyplot, so no window opens and no global state changes.
"""

from phenojax.plot.evidence import probabilities, roc, terms
from phenojax.plot.explanation import contributions, deletion, face_map
from phenojax.plot.gene import gene
from phenojax.plot.individual import individual
from phenojax.plot.overview import auc_by_size, qq, volcano
from phenojax.plot.style import save

__all__ = [
    "auc_by_size",
    "contributions",
    "deletion",
    "face_map",
    "gene",
    "individual",
    "probabilities",
    "qq",
    "roc",
    "save",
    "terms",
    "volcano",
]
