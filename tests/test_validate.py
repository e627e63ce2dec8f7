"""Casting happens in one place: what fits passes unseen, what would change a value is refused."""

from __future__ import annotations

import os

import numpy as np
import pytest

from phenojax._csr import Csr
from phenojax._validate import as_csr, as_float64, as_int32, as_thread_count
from phenojax.errors import ConfigError


def test_what_fits_is_passed_on_without_a_copy() -> None:
    array = np.arange(3.0)
    assert as_float64("x", array, (3,)) is array
    indices = np.arange(3, dtype=np.int32)
    assert as_int32("i", indices) is indices
    rows = Csr(np.array([0, 3], dtype=np.int64), indices)
    assert as_csr("a", rows, 3) == rows


def test_what_can_be_cast_without_loss_is() -> None:
    assert as_float64("x", [1, 2]).dtype == np.float64
    assert as_int32("i", np.array([7], dtype=np.uint64)).tolist() == [7]
    assert as_int32("i", []).shape == (0,)
    assert as_float64("x", np.arange(6.0).reshape(2, 3).T, (3, None)).flags.c_contiguous


@pytest.mark.parametrize(
    ("cast", "value", "options", "message"),
    [
        (as_float64, [1.0], {"shape": (2,)}, r"x must have shape \(2,\), not \(1,\)"),
        (as_float64, 1.0, {"shape": (None, 2)}, r"x must have shape \(any, 2\), not \(\)"),
        (as_float64, [[1.0], [1.0, 2.0]], {}, "x must be a regular array"),
        (as_float64, ["a"], {}, "x must hold real numbers, not <U1"),
        (as_float64, [1j], {}, "x must hold real numbers, not complex128"),
        (as_float64, [True], {}, "x must hold real numbers, not bool"),
        (as_float64, [2**60], {}, "beyond 2.53"),
        (as_float64, [[0.0, np.nan]], {}, r"x must be finite, not nan \(at \(0, 1\)\)"),
        (as_float64, [np.inf], {"allow_nan": True}, "x must be finite, not inf"),
        (as_float64, [0.0, -1.0], {"minimum": 0.0}, r"x must be finite and at least 0, not -1.0 \(at 1\)"),
        (as_int32, [1.0], {}, "x must hold integers, not float64"),
        (as_int32, [True], {}, "x must hold integers, not bool"),
        (as_int32, [2**31], {}, "not 2147483648"),
        (as_int32, [3, -1], {"minimum": 0, "limit": 4}, r"x must be from 0 to 3, not -1 \(at 1\)"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(cast, value: object, options: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        cast("x", value, **options)


def test_nan_passes_where_it_is_allowed() -> None:
    assert np.isnan(as_float64("x", [np.nan, 1.0], allow_nan=True)).tolist() == [True, False]


@pytest.mark.parametrize("value", [3, ([0],), ([0], [0], [0])])
def test_sets_are_a_pair(value: object) -> None:
    with pytest.raises(ConfigError, match="pair of offsets and indices"):
        as_csr("a", value, 1)  # type: ignore[arg-type]


def test_threads_are_what_the_process_may_use_unless_said() -> None:
    assert as_thread_count(np.int64(3)) == 3
    if hasattr(os, "sched_getaffinity"):
        assert as_thread_count(None) == len(os.sched_getaffinity(0))


@pytest.mark.parametrize("threads", [0, -1, 1.5, True, "2", 2**31])
def test_another_number_of_threads_is_refused(threads: object) -> None:
    with pytest.raises(ConfigError, match="threads must be a positive integer"):
        as_thread_count(threads)  # type: ignore[arg-type]
