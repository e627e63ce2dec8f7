"""A null set tells as much of everybody, and every publication mentions as much and as often, as the observed ones."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from phenojax._csr import Csr
from phenojax.subgroups.term_null import mentions_of, null_sets


def made(rng: np.random.Generator, groups: list[int]) -> tuple[Csr, np.ndarray]:
    panels = {g: rng.choice(60, 12, replace=False) for g in set(groups)}
    rows = [np.sort(rng.choice(panels[g], int(rng.integers(1, 10)), replace=False)) for g in groups]
    offsets = np.cumsum([0, *map(len, rows)]).astype(np.int64)
    return Csr(offsets, np.concatenate(rows).astype(np.int32)), np.array(groups)


def rows_of(sets: Csr) -> list[set[int]]:
    return [set(part.tolist()) for part in np.split(sets.indices, sets.offsets[1:-1])]


@pytest.fixture(params=[[0] * 12, list(range(12)), [0, 0, 0, 0, 1, 1, 1, 2, 3, 4, 4, 5]])
def observed(request: pytest.FixtureRequest) -> tuple[Csr, np.ndarray]:
    return made(np.random.default_rng(5), request.param)


def panel_counts(sets: list[set[int]], groups: np.ndarray) -> dict[int, Counter[int]]:
    found: dict[int, Counter[int]] = {}
    for group, held in zip(groups.tolist(), sets, strict=True):
        found.setdefault(group, Counter()).update(held)
    return found


def test_what_a_null_set_keeps(observed: tuple[Csr, np.ndarray]) -> None:
    sets, groups = observed
    mentions = mentions_of(sets, groups)
    before = panel_counts(rows_of(sets), groups)
    rng = np.random.default_rng(0)
    drawn = [null_sets(rng, mentions) for _ in range(5)]
    for null in drawn:
        assert null.lengths.tolist() == sets.lengths.tolist()
        after = panel_counts(rows_of(null), groups)
        # a publication mentions as many terms, and as many of its individuals have each
        assert {g: sorted(c.values()) for g, c in after.items()} == {g: sorted(c.values()) for g, c in before.items()}
        # as many publications mention a term
        assert Counter(t for c in after.values() for t in c) == Counter(t for c in before.values() for t in c)
        assert all((np.diff(part) > 0).all() for part in np.split(null.indices, null.offsets[1:-1]))
    assert len({tuple(null.indices.tolist()) for null in drawn}) > 1


def test_inside_one_publication_every_term_keeps_its_carriers() -> None:
    sets, groups = made(np.random.default_rng(1), [0] * 10)
    null = null_sets(np.random.default_rng(2), mentions_of(sets, groups))
    assert Counter(null.indices.tolist()) == Counter(sets.indices.tolist())


def test_what_goes_together_does_not_stay_together() -> None:
    """Two types of ten, each with terms of its own: in null sets a type's terms meet those of the other."""
    rng = np.random.default_rng(0)
    kinds = np.repeat([0, 10], 10)
    rows = [np.sort(rng.choice(10, 6, replace=False)) + kind for kind in kinds]
    sets = Csr(np.arange(0, 121, 6), np.concatenate(rows).astype(np.int32))
    null = rows_of(null_sets(rng, mentions_of(sets, np.arange(20))))
    assert np.mean([min(sum(t < 10 for t in held), sum(t >= 10 for t in held)) for held in null]) > 1.5


def test_publications_keep_how_much_they_say_of_each_organ_system() -> None:
    sets, groups = made(np.random.default_rng(2), [0, 0, 0, 1, 1, 2, 3, 3, 4])
    kinds = {term: term // 10 for term in range(60)}
    rng = np.random.default_rng(0)
    moved = 0
    for _ in range(5):
        null = null_sets(rng, mentions_of(sets, groups, kinds))
        before, after = panel_counts(rows_of(sets), groups), panel_counts(rows_of(null), groups)
        for group, carriers in before.items():
            assert Counter(kinds[t] for t in after[group]) == Counter(kinds[t] for t in carriers)
            moved += after[group].keys() != carriers.keys()
    assert moved > 0
