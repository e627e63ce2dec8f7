"""Which of its kernels the compiled core runs on this machine."""

from __future__ import annotations

from phenojax import _core
from phenojax.errors import ConfigError


def instruction_set() -> str:
    """Name the instruction set that the similarity kernels use, such as ``avx2``.

    Raises:
        ConfigError: the environment variable PHENOJAX_ISA names one that this machine or this build has not.

    Example:
        >>> from phenojax.similarity.instruction_set import instruction_set
        >>> instruction_set() in ("baseline", "avx2", "avx512")
        True
    """
    try:
        return _core.active_isa()
    except ValueError as error:
        raise ConfigError(str(error)) from None
