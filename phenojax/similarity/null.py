"""What chance gives: random sets of terms of a given size, and the scores that they have with each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import ArrayLike, NDArray

from phenojax._csr import Csr, csr_from_rows
from phenojax.errors import ConfigError
from phenojax.ontology import Ontology
from phenojax.similarity.scorer import Scorer, digest
from phenojax.similarity.targets import TargetKind, find_targets
from phenojax.similarity.term_sets import at_or_below, kept_entries

SIZES = (1, 2, 3, 4, 6, 8, 12, 18, 27, 40, 60, 90, 135, 200)
"""Sizes of which the scores by chance are computed; between them they are interpolated, above the last one constant."""
N_SETS = 400
"""Random sets of each size, all compared with all others."""

# One row per random individual, long enough for the largest size asked for so far; by seed and what is left out.
_drawn: WeakKeyDictionary[Ontology, dict[tuple[int, bytes], tuple[NDArray[np.int32], ...]]] = WeakKeyDictionary()
_chances: WeakKeyDictionary[Ontology, dict[tuple[object, ...], Chance]] = WeakKeyDictionary()


def random_sets(ontology: Ontology, size: int, n_sets: int, seed: int = 0, *, exclude_terms: Iterable[str] = ()) -> Csr:
    """Draw sets of `size` terms, as random individuals with random diseases would have.

    Random individual ``i`` takes the most specific phenotype terms of a random disease of the release in random order,
    and when they are used up those of another one; a term that is an ancestor or a descendant of one that was taken is
    passed over. Its set of size n is the first n of them, so that sets of different sizes are the same individuals
    described more or less thoroughly. Terms drawn each on its own would be no null for individuals: terms of one
    disease lie in few branches, and their sets meet less often, and then more closely.

    Args:
        ontology: a release with disease annotations.
        size: terms of each set, 1 or more.
        n_sets: how many.
        seed: the sets are a pure function of release, seed and `exclude_terms`; those of ``i`` do not depend on
            `n_sets`.
        exclude_terms: these terms and all below them are taken from no disease, so that random individuals have as
            few of them as individuals of whom they were left out.

    Returns:
        ``n_sets`` rows, ascending; shorter than `size` only where the release has not so many unrelated terms.

    Raises:
        ConfigError: `size` or `n_sets` is no positive integer, `seed` is negative, or the release has no disease
            annotations, or none that is not left out.
        OntologyError: a term to exclude is none of the release.
    """
    for name, value, least in (("size", size, 1), ("n_sets", n_sets, 1), ("seed", seed, 0)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
            raise ConfigError(f"{name} must be an integer of at least {least}, not {value!r}")
    left_out = at_or_below(ontology, exclude_terms)
    known = _drawn.setdefault(ontology, {})
    which = int(seed), b"" if left_out is None else digest(left_out)
    kept = known.get(which, ())
    if len(kept) < n_sets or any(len(terms) < size and not _is_exhausted(terms) for terms in kept[:n_sets]):
        draw = _Individuals(ontology, seed, left_out)
        length = 1 << (int(size) - 1).bit_length()  # drawn again for a larger size, so not at each of them
        length = max(length, *(len(terms) for terms in kept), 1)
        # Replaced as a whole: other threads may be reading.
        kept = known[which] = tuple(draw(i, length) for i in range(max(n_sets, len(kept))))
    return csr_from_rows([np.sort(terms[terms >= 0][:size]) for terms in kept[:n_sets]])


class Chance(NamedTuple):
    """Mean and standard deviation of the score of two random sets, by their sizes.

    Attributes:
        sizes: int64 ``(g,)``, ascending.
        mean: float64 ``(g, g)``: row for the size of a, column for that of b.
        sd: float64 ``(g, g)``.
    """

    sizes: NDArray[np.int64]
    mean: NDArray[np.float64]
    sd: NDArray[np.float64]

    def at(self, sizes_a: ArrayLike, sizes_b: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean and standard deviation, float64 ``(len(sizes_a), len(sizes_b))``, linear in the logarithm of sizes."""
        weights_a, weights_b = self._weights(sizes_a), self._weights(sizes_b)
        return weights_a @ self.mean @ weights_b.T, weights_a @ self.sd @ weights_b.T

    def _weights(self, sizes: ArrayLike) -> NDArray[np.float64]:
        """How much each size of the grid counts, float64 ``(n, g)``."""
        grid = np.log(self.sizes)
        wanted = np.log(np.clip(np.asarray(sizes, dtype=np.float64), self.sizes[0], self.sizes[-1]))
        return np.stack([np.interp(wanted, grid, unit) for unit in np.eye(len(grid))], axis=1)


def chance(scorer: Scorer, seed: int = 0) -> Chance:
    """Score `N_SETS` random sets of each of `SIZES` against each other; kept as long as the ontology lives.

    A set is never compared with one of the same random individual. By another seed a mean moves by about .035 of its
    standard deviation; at sizes between those of the grid it is off by at most .02 of it up to 30 terms, .07 above.
    """
    known = _chances.setdefault(scorer.ontology, {})
    key = (*scorer.key, seed)
    if key not in known:
        known[key] = _compute(scorer, seed)
    return known[key]


def _compute(scorer: Scorer, seed: int) -> Chance:
    sets = [random_sets(scorer.ontology, size, N_SETS, seed) for size in SIZES]
    every = csr_from_rows([rows.row(i) for rows in sets for i in range(N_SETS)])
    others = ~np.eye(N_SETS, dtype=np.bool_)
    mean, sd = np.empty((2, len(SIZES), len(SIZES)))
    for a, rows in enumerate(sets):
        blocks = scorer(rows, every).reshape(N_SETS, len(SIZES), N_SETS)
        for b in range(len(SIZES)):
            found = blocks[:, b][others].astype(np.float64)
            mean[a, b], sd[a, b] = found.mean(), found.std()
    if scorer.is_symmetric:
        mean, sd = (mean + mean.T) / 2, (sd + sd.T) / 2
    return Chance(np.array(SIZES, dtype=np.int64), mean, sd)


class _Individuals:
    """Draws the terms of random individuals."""

    def __init__(self, ontology: Ontology, seed: int, left_out: NDArray[np.bool_] | None) -> None:
        diseases = find_targets(ontology, TargetKind.DISEASES).sets
        if left_out is not None:
            diseases = kept_entries(diseases, ~left_out[diseases.indices])
            if not len(diseases.indices):
                raise ConfigError("exclude_terms leaves no disease of the release a term; leave out fewer")
        self._seed = seed
        self._diseases = diseases
        terms = np.unique(diseases.indices)
        above = Csr(*ontology.graph.closures(np.arange(len(terms) + 1, dtype=np.int64), terms))
        self._above = {term: frozenset(above.row(r).tolist()) - {term} for r, term in enumerate(terms.tolist())}

    def __call__(self, individual: int, length: int) -> NDArray[np.int32]:
        """Terms in the order drawn; one -1 at the end where there were no more."""
        taken: dict[int, None] = {}
        implied: set[int] = set()
        for term in self._offered(individual):
            above = self._above[term]
            if term in implied or term in taken or not above.isdisjoint(taken):
                continue
            taken[term] = None
            implied |= above
            if len(taken) == length:
                return np.array(list(taken), dtype=np.int32)
        return np.array([*taken, -1], dtype=np.int32)

    def _offered(self, individual: int) -> Iterator[int]:
        rng = np.random.default_rng([self._seed, individual])
        for disease in rng.permutation(self._diseases.n_rows).tolist():
            yield from rng.permutation(self._diseases.row(disease)).tolist()


def _is_exhausted(terms: NDArray[np.int32]) -> bool:
    return bool(len(terms) and terms[-1] < 0)
