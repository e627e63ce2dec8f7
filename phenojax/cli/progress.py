"""A progress bar where somebody watches; silence everywhere else."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from phenojax.cli.output import printable

Progress = Callable[[int, int, str], None]

# Of one width each, so that the bar stands still while the words change.
_LABEL_WIDTH, _WORDS_WIDTH = 18, 21
# Nothing is said of the time left before so much of the work is done: a few quick items at the start say little.
_FIRST_SHARE = 0.005


class TimeLeft:
    """Foretells from the pace so far when work will end.

    Args:
        work: how much each item is in proportion, by its label; items that are not named are 1 each. None: all alike.
        clock: seconds, from any origin.
    """

    def __init__(self, work: Mapping[str, float] | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._work, self._clock = work, clock
        self._all_work = 0.0 if work is None else sum(work.values())
        self._begun, self._done, self._total = clock(), 0.0, 0.0
        self._end: float | None = None

    def update(self, done: int, total: int, label: str) -> None:
        """So many items are done, the last of them is called ``label``."""
        now = self._clock()
        if self._work is None:
            self._done, self._total = float(done), float(total)
        else:
            self._done, self._total = self._done + self._work.get(label, 1.0), max(self._all_work, self._done)
        if self._total > 0 and self._done >= _FIRST_SHARE * self._total:
            self._end = now + (now - self._begun) * max(self._total - self._done, 0.0) / self._done

    def seconds(self) -> float | None:
        """How long it will take from now on; None where it is too early to say."""
        return None if self._end is None else max(self._end - self._clock(), 0.0)


def in_words(seconds: float | None) -> str:
    """Round a time to come to what can be foretold."""
    if seconds is None:
        return "estimating time left"
    if seconds < 10:
        return "a few seconds left"
    if seconds < 55:
        return f"about {5 * round(seconds / 5)} s left"
    minutes = max(1, round(seconds / 60))
    if minutes < 60:
        return f"about {minutes} min left"
    return f"about {minutes // 60} h {minutes % 60} min left"


@contextmanager
def progress_bar(*, quiet: bool, work: Mapping[str, float] | None = None) -> Iterator[Progress | None]:
    """Give a callback ``(done, total, label)`` that moves a bar on stderr; None when quiet or not on a terminal.

    Args:
        quiet: no bar.
        work: how much each item is, by its label, as for `TimeLeft`.
    """
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich import progress as rich_progress
    from rich.console import Console
    from rich.text import Text

    left = TimeLeft(work)

    class LeftColumn(rich_progress.ProgressColumn):
        def render(self, task: rich_progress.Task) -> Text:
            words = "" if task.total is None else in_words(left.seconds())
            return Text(words.ljust(_WORDS_WIDTH))

    bar = rich_progress.Progress(
        rich_progress.TextColumn("{task.description}", markup=False),
        rich_progress.BarColumn(bar_width=None),
        rich_progress.MofNCompleteColumn(),
        rich_progress.TimeElapsedColumn(),
        LeftColumn(),
        console=Console(stderr=True),
        transient=True,
        expand=True,
        refresh_per_second=4,
    )

    def advance(done: int, total: int, label: str) -> None:
        left.update(done, total, label)
        label = "finishing" if done == total else printable(label)
        shown = label if len(label) <= _LABEL_WIDTH else f"{label[: _LABEL_WIDTH - 1]}…"
        bar.update(task, completed=done, total=total, description=shown.ljust(_LABEL_WIDTH))

    with bar:
        task = bar.add_task("starting".ljust(_LABEL_WIDTH), total=len(work) if work else None)
        yield advance
