"""What the machine can do: the fastest single-precision matrix product found, by NumPy or by XLA."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np
from permutation_jobs.report import Section, seconds

SIZES = (512, 1024, 2048, 3072)


@functools.cache
def gflops(rounds: int) -> dict[str, float]:
    """Billions of multiplications and additions a second, the best size of each library."""
    product = jax.jit(functools.partial(jnp.matmul, precision="highest"))
    best = {"NumPy": 0.0, "XLA": 0.0}
    rng = np.random.default_rng(0)
    for size in SIZES:
        a, b = rng.normal(size=(2, size, size)).astype(np.float32)
        on_device = jnp.asarray(a), jnp.asarray(b)
        for name, work in (("NumPy", lambda: a @ b), ("XLA", lambda: product(*on_device))):  # noqa: B023
            best[name] = max(best[name], 2e-9 * size**3 / seconds(work, rounds))
    return best


def run(rounds: int, quick: bool) -> Section:
    section = Section("The machine's matrix product", ("float32, square matrices, the best of them", "GFLOP/s"))
    for name, value in gflops(1 if quick else rounds).items():
        section.add(name, f"{value:.0f}")
    return section
