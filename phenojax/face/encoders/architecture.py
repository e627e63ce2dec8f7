"""The networks that weights can be put into, by the name that a model card gives them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from flax import linen

from phenojax.errors import WeightsError
from phenojax.face.encoders.dlib_resnet import DlibResNet
from phenojax.face.encoders.ensemble import Ensemble
from phenojax.face.encoders.iresnet import STAGES, IResNet

NETWORKS: Mapping[str, linen.Module] = MappingProxyType(
    {"dlib-resnet": DlibResNet(), **{name: IResNet(stages) for name, stages in STAGES.items()}}
)
"""Every network, without weights, by its architecture."""


def build_network(architecture: str) -> linen.Module:
    """The network of an architecture, without weights.

    Args:
        architecture: one of `NETWORKS`, or an ensemble of iResNets, as in ``iresnet50+iresnet100+iresnet100``.

    Raises:
        WeightsError: no such architecture; lists those that there are.
    """
    members = architecture.split("+")
    if len(members) > 1 and all(member in STAGES for member in members):
        return Ensemble(tuple(STAGES[member] for member in members))
    if architecture not in NETWORKS:
        raise WeightsError(f"architecture {architecture!r} is not known; there is {', '.join(NETWORKS)}")
    return NETWORKS[architecture]
