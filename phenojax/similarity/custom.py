"""Your own similarity of two terms, compiled for the core."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from phenojax._validate import as_float64
from phenojax.errors import ConfigError

if TYPE_CHECKING:
    from phenojax.similarity._float32_compiler import Compiled

MeasureFunction = Callable[[float, float, float], float]

# All triples of so many values take about a second; OMIM diseases give 631 values.
MOST_VALUES = 1000
SAMPLED_VALUES = 500


@dataclass(frozen=True, eq=False, repr=False)
class CustomMeasure:
    """A measure made by `measure`: give it as ``measure=`` wherever the name of one is taken.

    Calling it calls the Python function, in float64. It may be used from any number of threads, and pickles by its
    name as a function of a module does.

    Attributes:
        name: what results and messages call it.
    """

    name: str
    _function: MeasureFunction
    _compiled: Compiled
    _checked: dict[bytes, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Whoever asks for its documentation, or pickles it, finds that of the function.
        for attribute in ("__module__", "__qualname__", "__doc__", "__wrapped__"):
            value = self._function if attribute == "__wrapped__" else getattr(self._function, attribute)
            object.__setattr__(self, attribute, value)

    def __repr__(self) -> str:
        return f"<CustomMeasure {self.name}>"

    def __call__(self, ic_mica: float, ic_a: float, ic_b: float) -> float:
        """Call the function itself."""
        return self._function(ic_mica, ic_a, ic_b)

    def __reduce__(self) -> str:
        return self._function.__qualname__

    @property
    def address(self) -> int:
        """Where the machine code lies, good while this lives.

        ``void(int64 n, const float* ic_mica, float ic_a, const float* ic_b, float* out)``: ``out[i]`` is the similarity
        of ``(ic_mica[i], ic_a, ic_b[i])``.
        """
        address: int = self._compiled.batch.address
        return address

    def check(self, ic_values: ArrayLike) -> bool:
        """Evaluate it for every ``ic_mica <= min(ic_a, ic_b)`` of these values.

        More than `MOST_VALUES` distinct values (in float32) are sampled, evenly by rank and with both ends.

        Args:
            ic_values: nats, finite and not negative, in any order and with repeats.

        Returns:
            Whether it never falls with ic_mica and never rises with ic_a or ic_b, so that the best match of a term
            is found without comparing all pairs. Always False where values were sampled: the slower way is exact
            for any measure.

        Raises:
            ConfigError: for some of them it is NaN, infinite or negative, or not the same with ic_a and ic_b exchanged.
        """
        values = np.unique(as_float64("ic_values", ic_values, (None,), minimum=0.0).astype(np.float32))
        digest = blake2b(values.tobytes(), digest_size=16).digest()
        if digest not in self._checked:
            self._checked[digest] = self._check_values(values)
        return self._checked[digest]

    def _check_values(self, values: NDArray[np.float32]) -> bool:
        exhaustive = len(values) <= MOST_VALUES
        if not exhaustive:
            values = values[np.linspace(0, len(values) - 1, SAMPLED_VALUES).round().astype(np.int64)]
        mica, a, b, ordered = self._survey(values)
        if mica < 0:
            return exhaustive and ordered
        m, x, y = values[mica], values[a], values[b]
        score, exchanged = self._compiled.score(m, x, y), self._compiled.score(m, y, x)
        at = f"ic_mica={m:.9g}, ic_a={x:.9g}, ic_b={y:.9g}"
        if 0 <= score < np.inf and 0 <= exchanged < np.inf:
            raise ConfigError(
                f"measure {self.name!r} must be symmetric, and gives {score:.9g} for {at} but {exchanged:.9g} with "
                "ic_a and ic_b exchanged"
            )
        if 0 <= score < np.inf:
            score, at = exchanged, f"ic_mica={m:.9g}, ic_a={y:.9g}, ic_b={x:.9g}"
        raise ConfigError(f"measure {self.name!r} must be finite and not negative, and gives {score:.9g} for {at}")

    @cached_property
    def _survey(self) -> Callable[[NDArray[np.float32]], tuple[int, int, int, bool]]:
        from phenojax.similarity._float32_compiler import compile_survey

        return compile_survey(self._compiled.score)


@overload
def measure(function: MeasureFunction, /, *, name: str | None = None) -> CustomMeasure: ...
@overload
def measure(*, name: str | None = None) -> Callable[[MeasureFunction], CustomMeasure]: ...
def measure(
    function: MeasureFunction | None = None, /, *, name: str | None = None
) -> CustomMeasure | Callable[[MeasureFunction], CustomMeasure]:
    """Compile your own similarity of two terms, for the threads of the core.

    As a decorator, ``@measure`` or ``@measure(name="...")``. numba compiles the function (about a second, once); it
    may use arithmetic, comparisons, loops, `math` and numpy's functions of single numbers, and numbers of the module
    or function around it, which are taken as they are now.

    The arithmetic is float32, as in the core: numbers written in the function or taken from around it count as float32,
    and so do integers wherever they meet a float (an exponent stays an integer). ``2.0 * ic_mica / (ic_a + ic_b)`` is
    to the last bit the built-in "lin". Only what the function itself makes a float64, such as ``np.float64(ic_a)`` or
    what a function of numba.njit returns, stays one.

    Dividing by zero gives an infinity or NaN, as in C, never an exception; infinities and NaN are refused when the
    measure is used (`CustomMeasure.check`), with one exception: where ic_mica is 0 and the function gives NaN, as Lin's
    0 / 0 for the root with itself, the similarity is 0.

    Args:
        function: of ``(ic_mica, ic_a, ic_b)``, the information content, in nats, of the most informative common
            ancestor and of the two terms: the similarity, finite, 0 or more, and the same with ic_a and ic_b exchanged.
            One that never falls with ic_mica nor rises with ic_a or ic_b is as quick as a built-in one.
        name: what results and messages call it; None for the function's own name.

    Returns:
        A `CustomMeasure`.

    Raises:
        ConfigError: `function` does not take three numbers, or numba cannot compile it.

    Example:
        >>> import phenojax as pj
        >>> @pj.measure
        ... def half_lin(ic_mica, ic_a, ic_b):
        ...     return ic_mica / (ic_a + ic_b)
        >>> half_lin(2.0, 2.0, 2.0)
        0.5
        >>> half_lin.check([0.0, 1.5, 2.0])
        True
    """
    if function is None:
        return lambda given: measure(given, name=name)
    if not inspect.isfunction(function):
        raise ConfigError(f"measure takes a Python function of (ic_mica, ic_a, ic_b), not {function!r}")
    shown = function.__name__ if name is None else name
    if not isinstance(shown, str) or not shown:
        raise ConfigError(f"name must be a string that is not empty, not {name!r}")
    parameters = inspect.signature(function).parameters.values()
    if len(parameters) != 3 or any(p.kind not in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters):
        raise ConfigError(
            f"measure {shown!r} must take three numbers, (ic_mica, ic_a, ic_b), not ({', '.join(map(str, parameters))})"
        )
    from phenojax.similarity._float32_compiler import compile_measure, first_useful_line

    try:
        compiled = compile_measure(function)
    except Exception as error:  # numba lets through whatever its passes meet
        raise ConfigError(f"numba cannot compile measure {shown!r}: {first_useful_line(error)}") from error
    return CustomMeasure(shown, function, compiled)
