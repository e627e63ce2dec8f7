"""Small labelled samples for the tests of this folder."""

from __future__ import annotations

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st
from numpy.typing import NDArray

Grouped = tuple[NDArray[np.bool_], NDArray[np.int64]]


@st.composite
def grouped_labels(draw: st.DrawFn, most: int = 14) -> Grouped:
    """Labels and groups, pure and mixed; cases in at least two groups, and controls too."""
    n = draw(st.integers(4, most))
    labels = np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    groups = np.array(draw(st.lists(st.integers(0, 6), min_size=n, max_size=n)), dtype=np.int64)
    assume(len(set(groups[labels].tolist())) >= 2)
    assume(len(set(groups[~labels].tolist())) >= 2)
    return labels, groups
