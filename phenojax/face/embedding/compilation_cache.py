"""JAX's persistent compilation cache, for the time of one call."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import jax
from jax.experimental.compilation_cache import compilation_cache as cache

# Every program is kept, however small and quick to compile: a run has few.
_SETTINGS = {
    "jax_persistent_cache_min_entry_size_bytes": -1,
    "jax_persistent_cache_min_compile_time_secs": 0.0,
}


@contextmanager
def persistent_compilation(folder: str | os.PathLike[str] | None) -> Iterator[None]:
    """Compiled programs are kept in `folder`, and taken from it, inside the block; None changes nothing.

    These are settings of the whole process: programs that other threads compile meanwhile go there too. They are put
    back at the end.
    """
    if folder is None:
        yield
        return
    wanted = {"jax_compilation_cache_dir": os.fspath(folder), **_SETTINGS}
    before = {name: getattr(jax.config, name) for name in wanted}
    try:
        _configure(wanted)
        yield
    finally:
        _configure(before)


def _configure(settings: dict[str, object]) -> None:
    for name, value in settings.items():
        jax.config.update(name, value)
    # JAX looks at the folder once in a process, unless it is told to look again.
    cache.reset_cache()
