"""The compilation cache is kept where it was asked for, for one call."""

from __future__ import annotations

from pathlib import Path

import jax
import jax.numpy as jnp
import pytest

from phenojax.face.embedding.compilation_cache import persistent_compilation

NAMES = (
    "jax_compilation_cache_dir",
    "jax_persistent_cache_min_entry_size_bytes",
    "jax_persistent_cache_min_compile_time_secs",
)


def compile_something(factor: float) -> None:
    jax.jit(lambda x: jnp.sin(x) * factor)(jnp.ones(3)).block_until_ready()


def test_programs_are_kept_inside_the_block_and_nowhere_else(tmp_path: Path) -> None:
    before = [getattr(jax.config, name) for name in NAMES]
    compile_something(1.0)
    with persistent_compilation(tmp_path / "here"):
        compile_something(2.0)
    kept = sorted((tmp_path / "here").iterdir())
    assert kept
    compile_something(3.0)
    assert sorted((tmp_path / "here").iterdir()) == kept
    assert [getattr(jax.config, name) for name in NAMES] == before


def test_settings_are_put_back_after_an_exception(tmp_path: Path) -> None:
    before = [getattr(jax.config, name) for name in NAMES]
    with pytest.raises(RuntimeError, match="stop"), persistent_compilation(tmp_path):
        raise RuntimeError("stop")
    assert [getattr(jax.config, name) for name in NAMES] == before


def test_no_folder_changes_nothing() -> None:
    before = [getattr(jax.config, name) for name in NAMES]
    with persistent_compilation(None):
        assert [getattr(jax.config, name) for name in NAMES] == before
