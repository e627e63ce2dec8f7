"""The time left is foretold from how much work the items are, and said no finer than it is known."""

from __future__ import annotations

from itertools import pairwise

import pytest

from phenojax.cli.progress import TimeLeft, in_words


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_of_items_that_are_alike_the_pace_goes_on() -> None:
    clock = Clock()
    left = TimeLeft(clock=clock)
    assert left.seconds() is None
    for done in range(1, 10):
        clock.now += 2.0
        left.update(done, 10, "any")
        assert left.seconds() == pytest.approx(2.0 * (10 - done))


def test_between_two_items_the_time_runs_down_and_never_below_nought() -> None:
    clock = Clock()
    left = TimeLeft(clock=clock)
    clock.now += 5.0
    left.update(1, 3, "any")
    told = []
    for _ in range(6):
        told.append(left.seconds())
        clock.now += 4.0
    assert told == pytest.approx([10, 6, 2, 0, 0, 0])


def test_large_items_count_for_what_they_are_and_quick_ones_say_nothing_of_them() -> None:
    work = {"large": 900.0, "small": 99.0, "skipped": 1.0}
    seconds = {"large": 90.0, "small": 9.9, "skipped": 0.1}
    for order in (("large", "small", "skipped"), ("skipped", "small", "large")):
        clock = Clock()
        left = TimeLeft(work, clock)
        for done, label in enumerate(order, 1):
            clock.now += seconds[label]
            left.update(done, 3, label)
            rest = sum(seconds[other] for other in order[done:])
            foretold = left.seconds()
            assert foretold is None if label == "skipped" and done == 1 else foretold == pytest.approx(rest)


def test_words_get_coarser_with_the_time() -> None:
    times = (None, 3.0, 12.0, 44.0, 58.0, 200.0, 3550.0, 9000.0)
    assert [in_words(t) for t in times] == [
        "estimating time left",
        "a few seconds left",
        "about 10 s left",
        "about 45 s left",
        "about 1 min left",
        "about 3 min left",
        "about 59 min left",
        "about 2 h 30 min left",
    ]
    assert all(a != b for a, b in pairwise(in_words(t) for t in times))
