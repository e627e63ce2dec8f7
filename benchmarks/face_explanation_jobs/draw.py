"""A map over its face, for a look at it; nothing of it is kept with the results."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def draw(
    folder: Path, name: str, chip: NDArray[np.uint8], values: NDArray[np.float32], region: NDArray[np.bool_]
) -> None:
    """Face, face under the map, and the map with the warped region's outline."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot
    from scipy.ndimage import gaussian_filter

    smooth = gaussian_filter(values.astype(float), 2)
    most = float(np.abs(smooth).max())
    figure, axes = pyplot.subplots(1, 3, figsize=(9, 3.3))
    axes[0].imshow(chip)
    axes[1].imshow(chip.mean(axis=2), cmap="gray")
    axes[1].imshow(smooth, cmap="PuOr_r", vmin=-most, vmax=most, alpha=0.6)
    axes[2].imshow(smooth, cmap="PuOr_r", vmin=-most, vmax=most)
    for each in axes:
        each.contour(region, levels=[0.5], colors="black", linewidths=0.8)
        each.set_axis_off()
    figure.suptitle(name)
    folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(folder / f"{name.replace(', ', '-').replace(' ', '_')}.png", dpi=90)
    pyplot.close(figure)
