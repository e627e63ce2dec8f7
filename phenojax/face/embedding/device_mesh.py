"""All devices of the machine, taken as one."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import jax
import numpy as np
from jax import Array
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from numpy.typing import NDArray

AXIS = "batch"
SPLIT = PartitionSpec(AXIS)
WHOLE = PartitionSpec()


class DeviceMesh:
    """The devices of this process in a row; batches are cut into equal pieces along it.

    Attributes:
        devices: of the default backend.
    """

    def __init__(self) -> None:
        self.devices = tuple(jax.local_devices())

    def __len__(self) -> int:
        return len(self.devices)

    @property
    def platform(self) -> str:
        """``cpu``, ``gpu`` or ``tpu``."""
        name: str = self.devices[0].platform
        return name

    @cached_property
    def mesh(self) -> Mesh:
        """The row of devices; its axis is called ``batch``."""
        return Mesh(np.array(self.devices), (AXIS,))

    def rounded_up(self, batch_size: int) -> int:
        """The next size that can be cut into equal pieces."""
        return -(-batch_size // len(self)) * len(self)

    def split(self, batch: NDArray[Any]) -> Array:
        """Put each device's piece of a batch on it; the transfer goes on while the caller does."""
        return self._put(batch, SPLIT)

    def everywhere(self, tree: Any) -> Any:
        """Put the same arrays on every device."""
        return jax.tree.map(lambda leaf: self._put(leaf, WHOLE), tree)

    def describe(self) -> str:
        """For the record of a run."""
        return f"{len(self)} x {self.platform} {self.devices[0].device_kind}"

    def _put(self, array: Any, spec: PartitionSpec) -> Array:
        target = self.devices[0] if len(self) == 1 else NamedSharding(self.mesh, spec)
        placed: Array = jax.device_put(array, target)
        return placed
