"""Pillow's warnings, held back while photographs are decoded: what they say becomes a reason or a note of a row."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager


class _Silence:
    """One change of the warning filters, shared by all who ask for it at the same time.

    `warnings.catch_warnings` swaps a list that belongs to the whole process, so two threads that each enter and leave
    it on their own can restore each other's lists. Here the first who enters changes it, and the last restores it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holders = 0
        self._restore = ExitStack()

    def enter(self) -> None:
        with self._lock:
            if self._holders == 0:
                self._restore.enter_context(warnings.catch_warnings())
                warnings.filterwarnings("ignore", module=r"PIL\b")
            self._holders += 1

    def leave(self) -> None:
        with self._lock:
            self._holders -= 1
            if self._holders == 0:
                self._restore.close()


_SILENCE = _Silence()


@contextmanager
def pillow_silence() -> Iterator[None]:
    """No warning that Pillow raises in the block, in any thread, reaches the user; may be nested and shared."""
    _SILENCE.enter()
    try:
        yield
    finally:
        _SILENCE.leave()
