"""A stream of random numbers belongs to its purpose."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from phenojax.stats import stream

STREAMS = [(0, "folds", "SATB1"), (0, "folds", "SATB2"), (0, "labels", "SATB1"), (1, "folds", "SATB1"), (0,), (0, "")]


def test_one_purpose_always_draws_the_same_numbers() -> None:
    first = stream(0, "folds", "SATB1").random(5)
    stream(0, "folds", "SATB2").random(5)
    np.testing.assert_array_equal(stream(0, "folds", "SATB1").random(5), first)


@pytest.mark.parametrize(("a", "b"), list(combinations(STREAMS, 2)), ids=str)
def test_two_purposes_share_no_number(a: tuple[int, str], b: tuple[int, str]) -> None:
    assert set(stream(*a).random(100)).isdisjoint(stream(*b).random(100))


def test_words_run_together_are_another_purpose() -> None:
    assert stream(0, "ab", "c").random() != stream(0, "a", "bc").random()
    assert stream(1, "0").random() != stream(10).random()


def test_the_numbers_are_those_of_every_machine() -> None:
    np.testing.assert_array_equal(stream(0, "controls", "SATB1").integers(0, 1000, 5), GOLDEN)


# made once with this function; another value means that every published p-value moves
GOLDEN = [674, 337, 963, 5, 781]
