"""Twelve vectors in one: comparing two embeddings is comparing twelve pairs of vectors."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from face.iresnet_models import NARROW, cosines, params_of, pictures, torch_iresnet, vectors_of
from numpy.typing import NDArray

from phenojax.errors import ConfigError
from phenojax.face.encoders.architecture import build_network
from phenojax.face.encoders.encoder import Params, encode, encode_with_quality
from phenojax.face.encoders.ensemble import Ensemble, apart, four_views
from phenojax.face.encoders.iresnet import STAGES
from phenojax.face.weights.catalogue import IMPORTABLE

MEMBERS = (("iresnet18", 0), ("iresnet34", 1), ("iresnet18", 2))
NETWORK = Ensemble(tuple(STAGES[name] for name, _ in MEMBERS), NARROW)
CARD = IMPORTABLE["gestaltmatcher-arc"].card
SETTINGS = CARD.preprocessing
CHIPS = np.round(pictures(3, seed=5) * 127.5 + 127.5).astype(np.uint8)


@pytest.fixture(scope="module")
def params() -> Params:
    return {f"network_{n}": params_of(torch_iresnet(*member)) for n, member in enumerate(MEMBERS)}


@pytest.fixture(scope="module")
def single() -> NDArray[np.float32]:
    """What PyTorch gives for each network and view of each chip, (3 chips, 12, 512); grey is made of whole pixels."""
    colour = CHIPS.astype(np.float32)
    grey = np.repeat(colour @ np.float32([[0.299], [0.587], [0.114]]), 3, axis=-1)
    views = [(shown - 127.5) / 127.5 for shown in (colour, colour[:, :, ::-1], grey, grey[:, :, ::-1])]
    return np.stack([vectors_of(torch_iresnet(*member), view) for member in MEMBERS for view in views], axis=1)


def test_the_cosine_distance_of_two_is_the_mean_of_twelve(params: Params, single: NDArray[np.float32]) -> None:
    assert SETTINGS is not None
    found, quality = encode_with_quality(NETWORK, SETTINGS, params, jnp.asarray(CHIPS))
    assert found.shape == (3, CARD.width)
    assert CARD.normalised
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, rtol=1e-5)
    for i, j in ((0, 1), (0, 2), (1, 2)):
        assert abs((1 - found[i] @ found[j]) - (1 - cosines(single[i], single[j])).mean()) < 1e-4
    np.testing.assert_allclose(quality, np.linalg.norm(single, axis=2).mean(axis=1), rtol=1e-4)


def test_the_twelve_are_kept_apart(params: Params, single: NDArray[np.float32]) -> None:
    assert SETTINGS is not None
    vectors = apart(np.asarray(encode(NETWORK, SETTINGS, params, jnp.asarray(CHIPS))))
    assert vectors.shape == (3, 12, 512)
    np.testing.assert_allclose(vectors, single / np.linalg.norm(single, axis=2, keepdims=True), atol=1e-4)


def test_half_the_digits_keep_the_direction(params: Params) -> None:
    assert SETTINGS is not None
    exact, rough = (encode(NETWORK, SETTINGS, params, jnp.asarray(CHIPS), kind) for kind in ("float32", "bfloat16"))
    assert cosines(exact, rough).min() > 0.9999
    assert not np.array_equal(exact, rough)


def test_averaging_with_the_mirror_image_is_refused_since_it_is_in_it(params: Params) -> None:
    assert SETTINGS is not None
    with pytest.raises(ConfigError, match="looks at mirror images already"):
        encode(NETWORK, SETTINGS, params, jnp.asarray(CHIPS), flip=True)


def test_a_grey_chip_looks_the_same_in_grey() -> None:
    grey = jnp.asarray(np.repeat(pictures(1)[..., :1], 3, axis=-1))
    views = np.asarray(four_views(grey))
    np.testing.assert_allclose(views[:2], views[2:], atol=1e-6)
    assert np.abs(views[0] - views[1]).max() > 0.1


def test_an_ensemble_is_called_by_its_networks() -> None:
    network = build_network("iresnet50+iresnet100+iresnet100")
    assert network == Ensemble((STAGES["iresnet50"], STAGES["iresnet100"], STAGES["iresnet100"]))
    shape = jax.ShapeDtypeStruct((2, 112, 112, 3), jnp.float32)
    answer, _ = jax.eval_shape(network.init_with_output, jax.random.key(0), shape)
    assert answer.shape == (2, CARD.width)
