"""A batch in parts is the batch."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import Array
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from phenojax.face.encoders.parts import by_parts


def weighted(params: Array, images: Array) -> Array:
    return jnp.tanh(images.astype(jnp.float32).reshape(len(images), -1) @ params)


@pytest.fixture
def params() -> Array:
    return jnp.asarray(np.random.default_rng(0).normal(size=(12, 3)).astype(np.float32) / 100)


def images(n: int) -> Array:
    return jnp.asarray(np.random.default_rng(n).integers(0, 256, (n, 2, 2, 3), dtype=np.uint8))


@pytest.mark.parametrize("n", [1, 4, 5, 8, 13, 16])
def test_every_image_gets_its_own_row_whatever_the_parts(params: Array, n: int) -> None:
    found = jax.jit(lambda params, batch: by_parts(weighted, params, batch, 4))(params, images(n))
    np.testing.assert_allclose(found, weighted(params, images(n)), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("n", [4, 13])
def test_the_gradient_of_parts_is_that_of_the_whole(params: Array, n: int) -> None:
    batch = images(n).astype(jnp.float32)

    def slopes(size: int) -> tuple[Array, Array]:
        return jax.jit(jax.grad(lambda p, b: (by_parts(weighted, p, b, size) ** 2).sum(), argnums=(0, 1)))(
            params, batch
        )

    for ours, theirs in zip(slopes(4), slopes(n), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


def test_the_parts_never_hold_more_images_than_asked_for(params: Array) -> None:
    seen: list[int] = []

    def noting(params: Array, batch: Array) -> Array:
        seen.append(len(batch))
        return weighted(params, batch)

    jax.jit(lambda p, b: by_parts(noting, p, b, 4)).lower(params, images(13))
    # Once for a CPU in parts, once for an accelerator as a whole.
    assert sorted(set(seen)) == [4, 13]


def test_a_batch_spread_over_devices_gives_the_same_rows(params: Array) -> None:
    mesh = Mesh(np.array(jax.devices()), ("batch",))
    batch = images(16 * len(jax.devices()))
    spread = jax.device_put(batch, NamedSharding(mesh, PartitionSpec("batch")))
    found = jax.jit(lambda p, b: by_parts(weighted, p, b, 8))(params, spread)
    np.testing.assert_allclose(found, weighted(params, batch), rtol=1e-6, atol=1e-6)
