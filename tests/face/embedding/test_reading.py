"""Work read ahead comes in order, a little ahead and no further, and ends when nobody wants it."""

from __future__ import annotations

import threading
import time

import pytest

from phenojax.face.embedding.reading import delayed, read_ahead


def test_values_come_in_the_order_of_the_items_however_long_each_takes() -> None:
    with read_ahead(lambda n: (time.sleep(0.01 * (n % 3)), n)[1], range(30), threads=4, ahead=5) as values:
        assert list(values) == list(range(30))


def test_no_more_than_the_agreed_number_is_ever_read_ahead() -> None:
    begun = []
    with read_ahead(begun.append, range(100), threads=2, ahead=3) as values:
        for taken in range(50):
            next(values)
            time.sleep(0.001)
            assert len(begun) <= taken + 1 + 3


def test_what_the_work_raises_arrives_and_the_threads_end() -> None:
    def work(n: int) -> int:
        if n == 5:
            raise RuntimeError("five")
        return n

    found = []
    with pytest.raises(RuntimeError, match="five"), read_ahead(work, range(100), threads=3, ahead=4) as values:
        found.extend(values)
    assert found in ([], [0, 1, 2, 3, 4])
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("phenojax-photographs")]


def test_an_interruption_drops_what_was_not_begun() -> None:
    begun = []

    def work(n: int) -> None:
        begun.append(n)
        time.sleep(0.02)

    def interrupted() -> None:
        with read_ahead(work, range(1000), threads=2, ahead=100) as values:
            next(values)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert len(begun) < 20
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("phenojax-photographs")]


def test_a_delayed_item_is_given_out_when_so_many_more_were_taken() -> None:
    taken = []

    def items():
        for n in range(5):
            taken.append(n)
            yield n

    given = [(n, len(taken)) for n in delayed(items(), 2)]
    assert given == [(0, 3), (1, 4), (2, 5), (3, 5), (4, 5)]
