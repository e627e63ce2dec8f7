"""Several iResNets that each look at a face, at its mirror image, and at both in grey, as GestaltMatcher-Arc does.

Hustinx et al., WACV 2023 (arXiv:2211.06764): the vectors are kept apart, and two faces are compared by the mean of the
cosine distances of corresponding vectors, twelve with three networks. Here each vector is brought to length 1 and all
are laid end to end, over the root of their number: the cosine distance of two such embeddings is that mean, and their
length is 1. Nothing that compares embeddings needs to know of ensembles.
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from flax import linen
from jax import Array
from jax.typing import DTypeLike
from numpy.typing import NDArray

from phenojax.face.encoders.encoder import QUALITY
from phenojax.face.encoders.iresnet import CHANNELS, WIDTH, IResNet

VIEWS = 4
"""What each network sees, in this order: the chip, its mirror image, the chip in grey, its mirror image in grey."""

# Brightness of red, green and blue by ITU-R BT.601, what image libraries mean by grey.
_LUMA = (0.299, 0.587, 0.114)
_SHORTEST = 1e-12


class Ensemble(linen.Module):
    """iResNets beside each other.

    Attributes:
        networks: residual blocks in the stages of each (`phenojax.face.encoders.iresnet.STAGES`).
        channels: as in `IResNet`.
        dtype: as in `IResNet`.

    A call takes chips (b, 112, 112, 3), RGB, preprocessed alike in all three colours, and gives vectors of length 1,
    (b, len(networks) * 4 * 512). It states the mean length of the single vectors in the collection ``quality``.
    """

    networks: tuple[tuple[int, int, int, int], ...]
    channels: tuple[int, int, int, int] = CHANNELS
    dtype: DTypeLike | None = None

    @linen.compact
    def __call__(self, inputs: Array) -> Array:
        """Chips to embeddings."""
        views = four_views(inputs)
        outputs = [
            IResNet(stages, self.channels, self.dtype, name=f"network_{number}")(views).reshape(VIEWS, -1, WIDTH)
            for number, stages in enumerate(self.networks)
        ]
        vectors = jnp.concatenate(outputs).swapaxes(0, 1)
        lengths = jnp.linalg.norm(vectors, axis=-1)
        self.sow(QUALITY, "length", lengths.mean(axis=-1))
        unit = vectors / jnp.maximum(lengths, _SHORTEST)[..., None]
        return unit.reshape(inputs.shape[0], -1) / jnp.sqrt(jnp.float32(unit.shape[1]))


def four_views(inputs: Array) -> Array:
    """Each of `VIEWS` of a batch, one after the other: (b, h, w, 3) to (4 b, h, w, 3)."""
    luma = inputs @ jnp.asarray(_LUMA, dtype=inputs.dtype)
    grey = jnp.broadcast_to(luma[..., None], inputs.shape)
    both = jnp.stack([inputs, inputs[:, :, ::-1], grey, grey[:, :, ::-1]])
    return both.reshape(-1, *inputs.shape[1:])


def apart(embeddings: NDArray[np.float32]) -> NDArray[np.float32]:
    """The single vectors of an ensemble's embeddings.

    Args:
        embeddings: (b, k * 512), as `Ensemble` gives them.

    Returns:
        (b, k, 512), each of length 1: the four views of the first network, those of the second ...
    """
    vectors = embeddings.reshape(len(embeddings), -1, WIDTH)
    return vectors * np.float32(np.sqrt(vectors.shape[1]))
