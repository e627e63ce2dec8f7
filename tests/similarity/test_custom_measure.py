"""A custom measure computes in float32 what its Python says, and what it may not be is told before it is used."""

from __future__ import annotations

import copy
import ctypes
import math
import pickle
import sys
import types
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import phenojax as pj
from phenojax.similarity import custom, information_content

f32 = np.float32
Floats = NDArray[np.float32]
OUTER = 0.1


@pj.measure
def lin(ic_mica, ic_a, ic_b):
    """Lin, Proc ICML 1998."""
    return 2.0 * ic_mica / (ic_a + ic_b)


@pj.measure(name="Lin of integers")
def lin_of_integers(ic_mica, ic_a, ic_b):
    return 2 * ic_mica / (ic_a + ic_b)


def batch(measure: custom.CustomMeasure, mica: Floats, a: float, b: Floats) -> Floats:
    """Call the machine code as the core does."""
    array = np.ctypeslib.ndpointer(np.float32, flags="C")
    callback = ctypes.CFUNCTYPE(None, ctypes.c_int64, array, ctypes.c_float, array, array)(measure.address)
    out = np.full(len(mica), -7, dtype=np.float32)
    callback(len(mica), mica, a, b, out)
    return out


def triples(seed: int, n: int = 4099) -> tuple[Floats, np.float32, Floats]:
    rng = np.random.default_rng(seed)
    a = f32(rng.uniform(0.1, 9))
    b = rng.uniform(0.01, 9, n).astype(np.float32)
    return (np.minimum(a, b) * rng.random(n)).astype(np.float32), a, b


def closed_over() -> Callable[[float, float, float], float]:
    share = 0.3
    return lambda m, a, b: share * m + OUTER * (a + b)


def branches(m, a, b):
    r = 1
    if a + b <= 6:
        r = 2 * m
    return r * 0.1


def loops(m, a, b):
    total = 0
    for i in range(4):
        total += m * i / 3
    return total


IN_FLOAT32 = {
    "float literal": (lambda m, a, b: 2.0 * m / (a + b), lambda m, a, b: (f32(2) * m) / (a + b)),
    "integer literal": (
        lambda m, a, b: 1 / (1 + (a + b - 2 * m)),
        lambda m, a, b: f32(1) / (f32(1) + ((a + b) - f32(2) * m)),
    ),
    "around it": (closed_over(), lambda m, a, b: f32(0.3) * m + f32(0.1) * (a + b)),
    "of a module": (lambda m, a, b: m * math.pi + np.e, lambda m, a, b: m * f32(math.pi) + f32(np.e)),
    "powers": (lambda m, a, b: m**2 / 3, lambda m, a, b: m * m / f32(3)),
    "whole quotient": (lambda m, a, b: 9 // (1 + b) * 0.3, lambda m, a, b: np.floor(f32(9) / (f32(1) + b)) * f32(0.3)),
    "remainder": (lambda m, a, b: m % 2 / 3, lambda m, a, b: np.mod(m, f32(2)) / f32(3)),
    "min and max": (
        lambda m, a, b: max(0, min(1, m)) / 3.0,
        lambda m, a, b: np.maximum(f32(0), np.minimum(f32(1), m)) / f32(3),
    ),
    "numpy": (lambda m, a, b: np.sqrt(m) * 0.7, lambda m, a, b: np.sqrt(m) * f32(0.7)),
    "branches": (branches, lambda m, a, b: np.where(a + b > 6, f32(1), f32(2) * m) * f32(0.1)),
    "loops": (loops, lambda m, a, b: (f32(0) + m * f32(1) / f32(3) + m * f32(2) / f32(3)) + m * f32(3) / f32(3)),
}


@pytest.mark.parametrize("name", IN_FLOAT32)
def test_every_number_of_the_function_is_a_float32(name: str) -> None:
    function, in_float32 = IN_FLOAT32[name]
    m, a, b = triples(len(name))
    expected = in_float32(m, a, b)
    assert expected.dtype == np.float32
    measure = pj.measure(function)
    np.testing.assert_array_equal(batch(measure, m, a, b), expected)
    assert "double" not in measure._compiled.batch.inspect_llvm()


@pytest.mark.parametrize("measure", [lin, lin_of_integers], ids=lambda measure: measure.name)
def test_lin_is_the_float32_lin_to_the_last_bit(measure: custom.CustomMeasure) -> None:
    m, a, b = triples(1)
    np.testing.assert_array_equal(batch(measure, m, a, b), (f32(2) * m) / (a + b))


def test_an_integer_to_a_power_is_a_float32() -> None:
    measure = pj.measure(lambda m, a, b: 2**-m)
    m, a, b = triples(3)
    assert "double" not in measure._compiled.batch.inspect_llvm()
    np.testing.assert_allclose(batch(measure, m, a, b), np.exp2(-m), rtol=1e-6)


def test_what_the_function_makes_a_float64_is_computed_in_float64() -> None:
    m, a, b = triples(2)
    expected = (m.astype(np.float64) / np.float64(a) + b).astype(np.float32)
    assert (expected != m / a + b).any()
    np.testing.assert_array_equal(batch(pj.measure(lambda m, a, b: np.float64(m) / a + b), m, a, b), expected)


def test_the_batch_has_no_float64_and_takes_several_at_once() -> None:
    code = lin._compiled.batch.inspect_llvm()
    assert "x float>" in code
    assert "double" not in code.replace("double*", "")


def test_an_empty_batch_writes_nothing() -> None:
    nothing = np.empty(0, dtype=np.float32)
    assert len(batch(lin, nothing, 1.0, nothing)) == 0


def test_nothing_shared_where_both_are_the_root() -> None:
    zero, one = np.zeros(1, dtype=np.float32), np.ones(1, dtype=np.float32)
    assert batch(lin, zero, 0.0, zero)[0] == 0.0
    assert math.isnan(batch(pj.measure(lambda m, a, b: math.sqrt(-m)), one, 1.0, one)[0])
    assert lin.check([0.0])


def test_it_is_called_named_documented_and_pickled_as_the_function(monkeypatch: pytest.MonkeyPatch) -> None:
    assert lin(1.0, 2.0, 2.0) == 0.5
    assert (lin.name, lin_of_integers.name) == ("lin", "Lin of integers")
    assert lin.__doc__ == "Lin, Proc ICML 1998."
    assert repr(lin) == "<CustomMeasure lin>"
    assert copy.deepcopy(lin) is lin
    module = types.ModuleType(lin.__module__)
    module.lin = lin  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, lin.__module__, module)
    assert pickle.loads(pickle.dumps(lin)) is lin
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(pj.measure(lambda m, a, b: m))


# check


def brute_force(function: Callable[..., float], values: Floats) -> bool | None:
    """None where it may not be used; else whether the best match can be found the quick way."""
    inside = [(m, a, b) for m in values for a in values for b in values if m <= min(a, b)]
    score = {t: function(*t) for t in inside}
    for (m, a, b), s in score.items():
        if not (0 <= s < math.inf) or s != score[m, b, a]:
            return None
    return all(
        not (other[1:] == t[1:] and other[0] > t[0] and score[other] < s)
        and not (other[:2] == t[:2] and other[2] > t[2] and score[other] > s)
        for t, s in score.items()
        for other in inside
    )


CHECKED = {
    "shared": lambda m, a, b: m,
    "both": lambda m, a, b: a + b,
    "inverse": lambda m, a, b: 1 / (1 + m),
    "ratio": lambda m, a, b: m / (1 + a * b),
    "distance": lambda m, a, b: 1 / (a + b - 2 * m),
    "signed": lambda m, a, b: m - 0.5,
    "one sided": lambda m, a, b: m / (1 + a),
    "bump": lambda m, a, b: m / (1 + (a - 2) * (a - 2)) / (1 + (b - 2) * (b - 2)),
    "step": lambda m, a, b: m if a < 3 else m / 2 if b < 3 else m / 4,
}
MEASURES = {name: pj.measure(function, name=name) for name, function in CHECKED.items()}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(np.arange(0, 5, 0.25).tolist()), min_size=1, max_size=5, unique=True))
def test_check_agrees_with_trying_all_triples(values: list[float]) -> None:
    # Quarters: whatever the Python computes in float64 has the same order in float32.
    ordered = np.sort(np.array(values, dtype=np.float32))
    for name, measure in MEASURES.items():
        with np.errstate(divide="ignore", invalid="ignore"):
            expected = brute_force(measure, ordered)
        if expected is None:
            with pytest.raises(pj.ConfigError, match=f"measure '{name}' must be"):
                measure.check(values)
        else:
            assert measure.check(values) is expected, name


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda m, a, b: 1 / (a + b - 2 * m), r"finite and not negative, and gives inf for ic_mica=1, ic_a=1, ic_b=1"),
        (lambda m, a, b: m - a * b, r"gives -1 for ic_mica=1, ic_a=2, ic_b=1"),
        (lambda m, a, b: math.sqrt(1.5 - b), r"gives nan for ic_mica=1, ic_a=1, ic_b=2"),
        (lambda m, a, b: a, r"must be symmetric, and gives 2 for ic_mica=1, ic_a=2, ic_b=1 but 1 with"),
    ],
)
def test_a_measure_that_may_not_be_used_is_told_with_an_example(function: Callable[..., float], message: str) -> None:
    with pytest.raises(pj.ConfigError, match=message):
        pj.measure(function).check([2.0, 1.0, 2.0])


def test_a_check_of_the_values_of_the_release_is_remembered() -> None:
    ontology = pj.load_ontology()
    values = information_content(ontology)
    assert len(np.unique(values.astype(np.float32))) > 500
    measure = pj.measure(lambda m, a, b: 2 * m / (a + b) * (1 - 1 / (1 + m)))
    measure.check([0.0])  # compiles
    assert measure.check(values)
    assert measure._checked.keys() != set()
    assert len(measure._checked) == 2
    measure.check(values[::-1])
    assert len(measure._checked) == 2  # kept for these values, in whatever order


def test_many_values_are_sampled_and_take_the_slower_way() -> None:
    values = np.linspace(0, 9, custom.MOST_VALUES + 1)
    assert lin.check(values[:-1])
    assert not lin.check(values)
    with pytest.raises(pj.ConfigError, match="gives inf for ic_mica=0, ic_a=0, ic_b=0"):
        pj.measure(lambda m, a, b: 1 / (a + b)).check(values)
    with pytest.raises(pj.ConfigError, match=r"gives -0.0\d+ for ic_mica=8.0\d*, ic_a=8.0\d*"):
        pj.measure(lambda m, a, b: 8 - m).check(values)


# Errors


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda m, a: m, r"must take three numbers, \(ic_mica, ic_a, ic_b\), not \(m, a\)"),
        (lambda *numbers: 0.0, r"not \(\*numbers\)"),
        (lambda m, a, *, b: m, r"not \(m, a, \*, b\)|not \(m, a, b\)"),
        (lambda m, a, b: input(m), "Untyped global name 'input'"),
        (lambda m, a, b: no_such_name * m, "name 'no_such_name' is not defined"),  # noqa: F821
        (lambda m, a, b: "high", "No conversion from .*str.* to float32"),
        (lambda m, a, b: None, "No conversion from none to float32"),
        (lambda m, a, b: 1j * m, "No conversion from complex"),
    ],
)
def test_what_does_not_compile_is_told_in_one_line(function: Callable[..., float], message: str) -> None:
    with pytest.raises(pj.ConfigError, match=message) as raised:
        pj.measure(function, name="mine")
    assert str(raised.value).splitlines() == [str(raised.value)]
    assert "'mine'" in str(raised.value)


def test_a_measure_must_not_raise() -> None:
    def asserts(ic_mica, ic_a, ic_b):
        assert ic_mica <= ic_a
        return ic_mica

    with pytest.raises(pj.ConfigError, match="'asserts': it raises, or asserts"):
        pj.measure(asserts)


@pytest.mark.parametrize("wrong", [max, "lin", 3, lin])
def test_only_a_function_can_be_a_measure(wrong: object) -> None:
    with pytest.raises(pj.ConfigError, match="takes a Python function"):
        pj.measure(wrong)  # type: ignore[call-overload]


def test_a_name_must_be_a_string() -> None:
    with pytest.raises(pj.ConfigError, match="name must be a string"):
        pj.measure(lambda m, a, b: m, name="")


def test_the_values_are_checked() -> None:
    with pytest.raises(pj.ConfigError, match="ic_values must be finite and at least 0"):
        lin.check([0.0, -1.0])
