"""How long Shapley values of terms take, beside numpy in the same process, and whether both say the same."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from explanation_jobs import plain
from numpy.typing import NDArray

from phenojax._csr import Csr, csr_from_rows
from phenojax.explain import match_contributions, term_contributions
from phenojax.ontology import Ontology
from phenojax.similarity import conditional_ic, information_content, term_matrix

ORDERS = 2000
REPEATS = 7
# Of some hundred differences of sampled values in standard errors, none is larger but by mistake.
FURTHEST = 6.0


class Timed(NamedTuple):
    """One line of the table: what was timed, and seconds an individual."""

    what: str
    ours: float
    ours_two: float
    numpy: float | None
    agreement: str


class Setting(NamedTuple):
    ontology: Ontology
    ic: NDArray[np.float64]
    weights: NDArray[np.float64]
    values: NDArray[np.float64]
    observed: Csr


def make_setting(ontology: Ontology, observed: Csr) -> Setting:
    """The weights of a screen, and values as a model has them: each weight by something about one."""
    ic = information_content(ontology, "omim")
    weights = conditional_ic(ontology, ic)
    values = weights * np.random.default_rng(0).normal(size=ontology.n_terms)
    return Setting(ontology, ic, weights, values, observed)


def time_closures(setting: Setting) -> list[Timed]:
    rows = []
    for k, options, name in (
        (14, {}, "all subsets of 14 terms"),
        (24, {}, f"{ORDERS:,} orders of 24 terms"),
    ):
        sets = csr_from_rows(sets_of(setting.observed, k, 40))

        def ours(threads: int, sets: Csr = sets, options: dict[str, Any] = options) -> Any:
            return term_contributions(
                setting.ontology, setting.weights, setting.values, sets, orders=ORDERS, threads=threads, **options
            )

        def theirs(sets: Csr = sets, k: int = k) -> Any:
            arguments = (setting.ontology, setting.weights, setting.values, sets.row(0))
            return (
                plain.closure_over_subsets(*arguments)
                if k <= 14
                else plain.closure_along_orders(*arguments, ORDERS, seed=1)
            )

        found, expected = ours(1), theirs()
        first = slice(0, k)
        if k <= 14:
            worst = float(np.abs(found.shapley[first] - expected).max())
            check(worst < 1e-9, f"{name}: differ by {worst}")
            agreement = f"largest difference {worst:.0e}"
        else:
            agreement = within(name, found.shapley[first], found.standard_error[first], *expected)
        one, two, other = interleaved([lambda: ours(1), lambda: ours(2), theirs])
        rows.append(Timed(f"closure kernel, {name}", one / 40, two / 40, other, agreement))
    rows.append(time_cohort(setting))
    return rows


def time_cohort(setting: Setting) -> Timed:
    """Everybody of the cohort with the defaults."""
    described = setting.observed.take(np.flatnonzero(setting.observed.lengths))

    def ours(threads: int) -> Any:
        return term_contributions(setting.ontology, setting.weights, setting.values, described, threads=threads)

    found = ours(1)
    again = ours(2)
    check(found.shapley.tobytes() == again.shapley.tobytes(), "the number of threads changes a bit")
    one, two = interleaved([lambda: ours(1), lambda: ours(2)], repeats=3)
    n = described.n_rows
    exact = int((described.lengths <= 14).sum())
    what = f"closure kernel, defaults, all {n:,} individuals of the cohort ({exact:,} of them exactly)"
    return Timed(what, one / n, two / n, None, "1 and 2 threads: the same bits")


def time_matches(setting: Setting) -> list[Timed]:
    """24 terms against 100 others of 15 terms, a linear score of their Resnik bma similarities."""
    sets = csr_from_rows(sets_of(setting.observed, 24, 40))
    others = csr_from_rows(sets_of(setting.observed, 15, 100))
    coefficients = np.random.default_rng(2).normal(size=100)
    matches = term_matrix(setting.ontology, setting.ic, sets.row(0), others.indices).astype(np.float64)

    def ours(threads: int, sets: Csr = sets) -> Any:
        return match_contributions(setting.ontology, setting.ic, sets, others, coefficients, threads=threads)

    def theirs() -> Any:
        return plain.matches_along_orders(matches, others.offsets, coefficients, ORDERS, seed=3)

    found = ours(1)
    agreement = within("bma", found.shapley[:24], np.zeros(24), *theirs())
    alone = sets.take([0])
    one, two, other, single = interleaved([lambda: ours(1), lambda: ours(2), theirs, lambda: ours(1, alone)])
    what = f"bma to 100 others of 15 terms, 24 terms: exact; numpy {ORDERS:,} orders"
    return [
        Timed(f"{what}; 40 individuals a call", one / 40, two / 40, other, agreement),
        Timed(f"{what}; 1 individual a call", single, single, other, agreement),
    ]


def sets_of(observed: Csr, k: int, n: int) -> list[NDArray[np.int32]]:
    """``k`` terms of each of ``n`` individuals who have as many or more."""
    rng = np.random.default_rng(k)
    rows = rng.permutation(np.flatnonzero(observed.lengths >= k))[:n]
    check(len(rows) == n, f"only {len(rows)} individuals have {k} terms")
    return [np.sort(rng.choice(observed.row(r), size=k, replace=False)) for r in rows]


def interleaved(calls: list[Callable[[], Any]], repeats: int = REPEATS) -> list[float]:
    """Median seconds of each, all sides in turn."""
    seconds = np.empty((repeats, len(calls)))
    for repeat in range(repeats):
        for c, call in enumerate(calls):
            start = time.perf_counter()
            call()
            seconds[repeat, c] = time.perf_counter() - start
    return np.median(seconds, axis=0).tolist()


def within(name: str, ours: Any, our_error: Any, theirs: Any, their_error: Any) -> str:
    z = np.abs(ours - theirs) / np.sqrt(our_error**2 + their_error**2)
    check(float(z.max()) < FURTHEST, f"{name}: {z.max():.1f} standard errors apart")
    return f"differences of {np.sqrt(np.mean(z**2)):.2f} standard errors (root mean square), at most {z.max():.1f}"


def check(holds: bool, what: str) -> None:
    if not holds:
        raise SystemExit(what)
