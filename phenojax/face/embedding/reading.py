"""Photographs read ahead in threads, in order, never more than a few at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

Item = TypeVar("Item")
Value = TypeVar("Value")


@contextmanager
def read_ahead(
    work: Callable[[Item], Value], items: Iterable[Item], threads: int, ahead: int
) -> Iterator[Iterator[Value]]:
    """Give an iterator of ``work(item)`` in the order of `items`, computed in threads.

    At most `ahead` values are finished or under way beyond the one that is asked for. When the block is left, by Ctrl-C
    for instance, what was not begun is dropped, and the threads end with what they are at.

    Args:
        work: called in the threads; what it raises, the iterator raises.
        items: taken one by one, in the thread of the caller.
        threads: how many.
        ahead: at least 1.
    """
    pool = ThreadPoolExecutor(threads, thread_name_prefix="phenojax-photographs")

    def values() -> Iterator[Value]:
        under_way: deque[Future[Value]] = deque()
        for item in items:
            under_way.append(pool.submit(work, item))
            if len(under_way) > ahead:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()

    try:
        yield values()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def delayed(items: Iterable[Item], steps: int) -> Iterator[Item]:
    """The same items, each given out when `steps` more were taken: time in which a device works on them."""
    held: deque[Item] = deque()
    for item in items:
        held.append(item)
        if len(held) > steps:
            yield held.popleft()
    yield from held
