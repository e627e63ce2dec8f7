"""From the arrays of MTCNN's three files to layers that run: heads put together, rows put in order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from phenojax.errors import WeightsError

Floats: TypeAlias = NDArray[np.float32]

N_POINTS = 5


class Layer(NamedTuple):
    """A linear layer and the PReLU behind it.

    Attributes:
        kernel: float32 (height, width, in, out), or (in, out).
        bias: float32 (out,).
        slope: float32 (out,): the factor of what is below 0; 1 where no PReLU follows.
    """

    kernel: Array
    bias: Array
    slope: Array


class Networks(NamedTuple):
    """The layers of the three; the last of each gives 4 corrections of the box, then the points' 10, then the margin.

    The first of each gives four values at once, those of 2 x 2 places: its kernel is (4, 4, 3, 4 x out), to be moved in
    steps of 2.

    Attributes:
        propose: takes pictures with columns first.
        refine: takes 24-pixel crops.
        decide: takes 48-pixel crops; the only one with points, five x before five y.
    """

    propose: tuple[Layer, ...]
    refine: tuple[Layer, ...]
    decide: tuple[Layer, ...]


class _Plan(NamedTuple):
    """What a file must hold.

    Attributes:
        name: of the network.
        hidden: (channels, side of the filter; 0 for a matrix) of each layer with a PReLU behind it.
        heads: widths of the layers at the end, the last of which tells faces from what is none.
        plane: side of the plane that a matrix takes as a row; 0 for a network without one.
    """

    name: str
    hidden: tuple[tuple[int, int], ...]
    heads: tuple[int, ...]
    plane: int


_PROPOSE = _Plan("pnet", ((10, 3), (16, 3), (32, 3)), (4, 2), 0)
_REFINE = _Plan("rnet", ((28, 3), (48, 3), (64, 2), (128, 0)), (4, 2), 3)
_DECIDE = _Plan("onet", ((32, 3), (64, 3), (64, 3), (128, 2), (256, 0)), (4, 2 * N_POINTS, 2), 3)


def fold_networks(propose: Sequence[Floats], refine: Sequence[Floats], decide: Sequence[Floats]) -> Networks:
    """The networks from the arrays of their files, in the files' order.

    Raises:
        WeightsError: the arrays are not those of the networks.
    """
    *hidden, last = _read(_PROPOSE, propose)
    turned = [layer._replace(kernel=layer.kernel.transpose(1, 0, 2, 3)) for layer in hidden]
    return Networks(
        _four_at_once((*turned, last._replace(kernel=last.kernel[0, 0]))),
        _four_at_once(_with_rows_in_order(_read(_REFINE, refine), _REFINE.plane)),
        _four_at_once(_with_rows_in_order(_read(_DECIDE, decide), _DECIDE.plane)),
    )


def _read(plan: _Plan, arrays: Sequence[Floats]) -> tuple[Layer, ...]:
    """The hidden layers, and the heads as one."""
    wanted = _shapes(plan)
    if (found := [array.shape for array in arrays]) != wanted:
        raise WeightsError(f"not the network {plan.name} of MTCNN: arrays of shapes {found}, expected {wanted}")
    given = [jnp.asarray(array) for array in arrays]
    count = 3 * len(plan.hidden)
    hidden = [Layer(given[at], given[at + 1], given[at + 2].reshape(-1)) for at in range(0, count, 3)]
    kernels, biases = given[count::2], given[count + 1 :: 2]
    # Of two classes only the difference counts.
    kernels[-1], biases[-1] = kernels[-1][..., 1:] - kernels[-1][..., :1], biases[-1][1:] - biases[-1][:1]
    bias = jnp.concatenate(biases)
    return (*hidden, Layer(jnp.concatenate(kernels, axis=-1), bias, jnp.ones_like(bias)))


def _shapes(plan: _Plan) -> list[tuple[int, ...]]:
    shapes: list[tuple[int, ...]] = []
    channels = 3
    for out, side in plan.hidden:
        kernel, slope = (
            ((side, side, channels, out), (1, 1, out)) if side else ((plan.plane**2 * channels, out), (out,))
        )
        shapes += [kernel, (out,), slope]
        channels = out
    square = () if plan.plane else (1, 1)
    for out in plan.heads:
        shapes += [(*square, channels, out), (out,)]
    return shapes


def _four_at_once(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """The first 3 x 3 filters as 4 x 4 ones which, in steps of 2, give the values of 2 x 2 places."""
    first, *others = layers
    side, _, channels, out = first.kernel.shape
    wide = jnp.zeros((side + 1, side + 1, channels, 2, 2, out))
    for down in range(2):
        for across in range(2):
            wide = wide.at[down : down + side, across : across + side, :, down, across].set(first.kernel)
    return (first._replace(kernel=wide.reshape(side + 1, side + 1, channels, 4 * out)), *others)


def _with_rows_in_order(layers: tuple[Layer, ...], plane: int) -> tuple[Layer, ...]:
    """The file numbers the rows of the first matrix column by column of the plane; here it is row by row."""
    *before, matrix, last = layers
    by_column = matrix.kernel.reshape(plane, plane, -1, matrix.kernel.shape[1])
    by_row = by_column.transpose(1, 0, 2, 3).reshape(matrix.kernel.shape)
    return (*before, matrix._replace(kernel=by_row), last)
