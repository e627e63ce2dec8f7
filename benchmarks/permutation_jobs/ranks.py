"""AUCs in whole numbers: comparing all pairs against sorting, by the size of the sample."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from permutation_jobs.report import Section, seconds

from phenojax.fusion import ranks

SIZES, LABELLINGS = (32, 104, 208, 384, 512, 1024), 128


def run(rounds: int, quick: bool) -> Section:
    section = Section("Rank sums", ("n", "pairs, us a labelling", "sorts, us a labelling", "taken"))
    rng = np.random.default_rng(0)
    for n in SIZES[: 2 if quick else None]:
        grid = jnp.asarray(rng.integers(-(10**6), 10**6, (n, LABELLINGS)), jnp.int32)
        case = jnp.asarray(rng.random((n, LABELLINGS)) < 0.4)
        ways = {"pairs": jax.jit(ranks._by_pairs), "sorts": jax.jit(ranks._by_sorting)}
        counted = [np.asarray(way(grid, case, ~case)) for way in ways.values()]
        if (counted[0] != counted[1]).any():
            raise SystemExit(f"pairs and sorts disagree at n = {n}")
        taken = {name: seconds(lambda: way(grid, case, ~case), rounds) for name, way in ways.items()}  # noqa: B023
        section.add(
            str(n), *(f"{1e6 * each / LABELLINGS:.2f}" for each in taken.values()),
            "pairs" if n <= ranks.LARGEST_BY_PAIRS else "sorts",
        )  # fmt: skip
    return section
