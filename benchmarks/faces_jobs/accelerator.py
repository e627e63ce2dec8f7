"""Encoders on an accelerator, and how much of its arithmetic they use."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from faces_jobs.networks import dlib_network, iresnet, operations
from faces_jobs.report import Row, Section
from faces_jobs.timing import Context
from jax import Array

BATCHES = (256, 512, 1024)
SIDE = 8192
SHARE = 0.4


def throughput(context: Context) -> Section:
    """Images a second in bfloat16, and the share of what a product of two large matrices reaches."""
    section = Section("Accelerator: images a second, bfloat16", "share of the matrix product")
    accelerators = [device for device in jax.devices() if device.platform != "cpu"]
    if not accelerators:
        sizes = f"batches of {BATCHES[0]} and more"
        section.notes.append(
            f"Not measured: JAX sees no accelerator on this machine. Images a second of dlib-resnet, iresnet50 and "
            f"iresnet100 in bfloat16 at {sizes}, and their share of the matrix product, are unknown"
        )
        return section
    device = accelerators[0]
    with jax.default_device(device):
        peak = _peak(context)
        section.rows.append(Row(f"{SIDE} x {SIDE} matrices", device.device_kind, f"{peak / 1e12:,.0f} TFLOP/s"))
        for network in (dlib_network(), iresnet("iresnet50"), iresnet("iresnet100")):
            params, work = jax.device_put(network.params, device), operations(network)
            side, best = network.settings.input_size, 0.0
            for batch in BATCHES[:1] if context.quick else BATCHES:
                chips = jnp.asarray(np.random.default_rng(0).integers(0, 256, (batch, side, side, 3), dtype=np.uint8))
                seconds = _seconds(lambda: network.with_params(params)(chips, "bfloat16"), context)  # noqa: B023
                share = batch * work / seconds / peak
                best = max(best, share)
                section.rows.append(
                    Row(f"{network.name}, batch {batch}", device.device_kind, f"{batch / seconds:,.0f} images/s", share)
                )
            if network.name == "iresnet100":
                section.at_least("iresnet100: 40 % of the matrix product", best, SHARE)
    return section


def _peak(context: Context) -> float:
    """Operations a second."""
    matrix = jax.random.normal(jax.random.key(0), (SIDE, SIDE), jnp.bfloat16)
    product = jax.jit(lambda a: a @ a)
    return 2 * SIDE**3 / _seconds(lambda: product(matrix), context)


def _seconds(call: Callable[[], Array], context: Context) -> float:
    """Wall time of one of ten calls that are waited for together; the median of several rounds."""
    call().block_until_ready()
    taken = []
    for _ in range(context.rounds):
        begin = time.perf_counter()
        jax.block_until_ready([call() for _ in range(10)])
        taken.append((time.perf_counter() - begin) / 10)
    return statistics.median(taken)
