"""The networks that weights can be put into, by the name that a model card gives them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from flax import linen

from phenojax.errors import WeightsError
from phenojax.face.encoders.dlib_resnet import DlibResNet

NETWORKS: Mapping[str, linen.Module] = MappingProxyType({"dlib-resnet": DlibResNet()})
"""Every network, without weights, by its architecture."""


def build_network(architecture: str) -> linen.Module:
    """The network of an architecture, without weights.

    Raises:
        WeightsError: no such architecture; lists those that there are.
    """
    if architecture not in NETWORKS:
        raise WeightsError(f"architecture {architecture!r} is not known; there is {', '.join(NETWORKS)}")
    return NETWORKS[architecture]
