"""On thousands of published individuals: known genes are found, and labels that mean nothing are not."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binom

from phenojax import load_ontology, read_cohort
from phenojax.screen.config import ScreenConfig
from phenojax.screen.gene import Found, screen_gene
from phenojax.screen.prepare import Prepared, prepare
from phenojax.screen.results import Status

N_NULL = 200


@pytest.fixture(scope="module")
def prepared(shared_data: Callable[[str], Path]) -> Prepared:
    cohort = read_cohort(shared_data("cohorts/phenopacket-store-dev.jsonl.gz"))
    return prepare(cohort, load_ontology(), ScreenConfig(permutations=50))


def _carriers(prepared: Prepared) -> dict[str, NDArray[np.int64]]:
    """Rows of the genes with at least ten individuals who have terms."""
    genes = np.array([individual.gene or "" for individual in prepared.cohort])
    usable = (genes != "") & (prepared.observed.lengths > 0)
    names, counts = np.unique(genes[usable], return_counts=True)
    return {str(name): np.flatnonzero(genes == name) for name in names[counts >= 10]}


def _screen(prepared: Prepared, carriers: dict[str, NDArray[np.int64]]) -> list[Found]:
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda gene: screen_gene(prepared, gene, carriers[gene]), carriers))


def _aucs(found: list[Found]) -> NDArray[np.float64]:
    assert {f.status for f in found} == {Status.OK}
    return np.array([f.test.auc for f in found if f.test is not None])


def test_genes_of_several_publications_are_recognised_across_publications(prepared: Prepared) -> None:
    assert prepared.groups is not None
    several = {gene: rows for gene, rows in _carriers(prepared).items() if len(np.unique(prepared.groups[rows])) >= 3}
    assert len(several) > 50
    found = _screen(prepared, several)
    aucs = _aucs(found)
    assert aucs.mean() >= 0.94
    # controls from publications as large as the cases' are fewer publications: the median is lower by .01, the mean
    # higher, and more genes are significant than with controls from publications of any size
    assert np.median(aucs) >= 0.97
    # 50 draws: most genes reach the smallest p-value there is
    assert np.median([f.test.p_value for f in found if f.test is not None]) <= 2 / 51


def test_without_groups_genes_are_recognised_almost_always(prepared: Prepared) -> None:
    plain = replace(prepared, groups=None, config=replace(prepared.config, group=None, permutations=1))
    assert _aucs(_screen(plain, _carriers(prepared))).mean() >= 0.97


def test_genes_that_mean_nothing_are_found_one_time_in_twenty(prepared: Prepared) -> None:
    """Random publications become the carriers of a gene that is none.

    Of 200 null p-values 95 % of the time between 2 % and 8 % are at most .05 (binomial); .01 to .10 leaves out fewer
    than one honest run in 250.
    """
    assert binom.cdf(2, N_NULL, 0.05) + binom.sf(20, N_NULL, 0.05) < 1 / 250
    assert prepared.groups is not None
    null = replace(prepared, config=replace(prepared.config, permutations=199))
    rng = np.random.default_rng(7)
    usable = np.flatnonzero(prepared.observed.lengths > 0)
    publications = np.unique(prepared.groups[usable])
    carriers = {}
    for n in range(N_NULL):
        chosen = rng.choice(publications, int(rng.integers(4, 9)), replace=False)
        rows = usable[np.isin(prepared.groups[usable], chosen)]
        carriers[f"NULL{n}"] = np.sort(rng.permutation(rows)[:24])
    found = [f for f in _screen(null, carriers) if f.status is not Status.TOO_FEW_CASES]
    p = np.array([f.test.p_value for f in found if f.test is not None])
    assert len(p) >= 0.95 * N_NULL
    assert 0.01 <= (p <= 0.05).mean() <= 0.10
    assert 0.4 <= p.mean() <= 0.6
