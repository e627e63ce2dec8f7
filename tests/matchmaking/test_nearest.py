"""The nearest individuals: what sorting the whole matrix would give, less who shares what must not count."""

from __future__ import annotations

import numpy as np
import pytest

from phenojax import similarity as public_similarity
from phenojax.cohort import Cohort, Individual
from phenojax.errors import CohortError, ConfigError
from phenojax.matchmaking import nearest
from phenojax.ontology import Ontology, load_ontology
from phenojax.similarity import tiles
from phenojax.similarity.matchmaking import Matchmaker
from phenojax.similarity.scorer import scored_sets

TERMS = ["HP:0001166", "HP:0001083", "HP:0002616", "HP:0001250", "HP:0001263", "HP:0000252", "HP:0011097", "HP:0001519"]


@pytest.fixture(scope="module")
def onto() -> Ontology:
    return load_ontology()


def make_cohort(n: int = 40, seed: int = 0, prefix: str = "P") -> Cohort:
    rng = np.random.default_rng(seed)
    people = []
    for i in range(n):
        observed = tuple(rng.choice(TERMS, rng.integers(0, 5), replace=False))
        group = None if i % 7 == 0 else f"paper {rng.integers(6)}"
        people.append(Individual(f"{prefix}{i}", observed=observed, group=group, excluded=("HP:0004322",) * (i % 2)))
    family = tuple(f"family {i // 2}" for i in range(n))
    return Cohort(tuple(people), columns={"family": family})


def by_sorting(scores: np.ndarray, compared: np.ndarray, k: int) -> tuple[list[list[int]], np.ndarray]:
    keys = np.rint(scores * np.float32(1e5)).astype(np.float64)
    rows, values = [], np.full((len(scores), k), np.nan)
    for i, (line, counts) in enumerate(zip(keys, compared, strict=True)):
        order = sorted(np.flatnonzero(counts).tolist(), key=lambda j: (-line[j], j))[:k]
        values[i, : len(order)] = line[order] * 1e-5
        rows.append(order + [-1] * (k - len(order)))
    return rows, values


def whole_matrix(onto: Ontology, a: Cohort, b: Cohort) -> np.ndarray:
    matchmaker = Matchmaker(onto)
    return matchmaker(*(matchmaker.profiles(scored_sets("x", c, onto).terms) for c in (a, b)))


def not_shared(a: Cohort, b: Cohort, *columns: str) -> np.ndarray:
    pairs = [
        [not any(x is not None and x == y for x, y in zip(one, other, strict=True)) for other in lines[1]]
        for lines in [[list(zip(*(c.values(name) for name in columns), strict=True)) for c in (a, b)]]
        for one in lines[0]
    ]
    return np.array(pairs)


@pytest.mark.parametrize("tile", [(1024, 8192), (7, 11), (1, 1)])
def test_matchmaking_is_the_whole_matrix_sorted(onto: Ontology, monkeypatch: pytest.MonkeyPatch, tile: tuple) -> None:
    monkeypatch.setattr(tiles, "QUERIES", tile[0])
    monkeypatch.setattr(tiles, "CANDIDATES", tile[1])
    cohort = make_cohort()
    rows, scores = nearest(cohort, k=6, method="matchmaking", ontology=onto)
    matrix = whole_matrix(onto, cohort, cohort)
    wanted_rows, wanted_scores = by_sorting(matrix, (matrix > 0) & ~np.eye(len(cohort), dtype=bool), 6)
    assert rows.tolist() == wanted_rows
    np.testing.assert_allclose(scores, wanted_scores, atol=1e-6)
    assert (rows[[not i.observed for i in cohort]] == -1).all()


@pytest.mark.parametrize("columns", ["group", "family", ["group", "family"], ["id"]])
def test_who_shares_a_publication_or_a_family_is_not_compared(onto: Ontology, columns: str | list[str]) -> None:
    names = [columns] if isinstance(columns, str) else columns
    cohort = make_cohort()
    for method in ("matchmaking", "similarity"):
        rows, scores = nearest(cohort, k=30, method=method, exclude_same=columns, ontology=onto)
        compared = not_shared(cohort, cohort, *names) & ~np.eye(len(cohort), dtype=bool)
        if method == "matchmaking":
            matrix = whole_matrix(onto, cohort, cohort)
            compared &= matrix > 0
        else:
            matrix = public_similarity(cohort, ontology=onto)
        wanted_rows, wanted_scores = by_sorting(matrix, compared, 30)
        assert rows.tolist() == wanted_rows
        np.testing.assert_allclose(scores, wanted_scores, atol=1e-5)


def test_another_cohort_is_searched_whole_but_for_what_is_shared(onto: Ontology) -> None:
    cohort, other = make_cohort(20), make_cohort(30, seed=1, prefix="Q")
    matrix = whole_matrix(onto, cohort, other)
    rows, _ = nearest(cohort, other, k=100, method="matchmaking", exclude_same="group", ontology=onto)
    assert rows.shape == (20, 30)
    assert rows.tolist() == by_sorting(matrix, (matrix > 0) & not_shared(cohort, other, "group"), 30)[0]


def test_genes_and_what_was_excluded_change_nothing(onto: Ontology) -> None:
    cohort = make_cohort()
    bare = Cohort(tuple(Individual(i.id, observed=i.observed) for i in cohort))
    told = Cohort(
        tuple(
            Individual(i.id, gene=f"G{n % 3}", observed=i.observed, disease=("OMIM:154700",))
            for n, i in enumerate(bare)
        )
    )
    answers = [nearest(c, method="matchmaking", ontology=onto) for c in (cohort, bare, told)]
    for rows, scores in answers[1:]:
        np.testing.assert_array_equal(rows, answers[0][0])
        np.testing.assert_array_equal(scores, answers[0][1])


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"method": "best"}, "method must be one of similarity, matchmaking, not 'best'"),
        ({"method": "matchmaking", "measure": "lin"}, 'measure has no meaning for method="matchmaking"'),
        ({"method": "matchmaking", "excluded_penalty": 0.5}, "excluded_penalty has no meaning"),
        ({"method": "matchmaking", "k": 0}, "k must be a positive integer, not 0"),
        ({"exclude_same": 3}, "exclude_same must be the name of a column"),
        ({"exclude_same": "group", "measure": "simgic"}, "nearest takes one of"),
    ],
)
def test_what_cannot_be_is_refused(onto: Ontology, settings: dict, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        nearest(make_cohort(5), ontology=onto, **settings)


def test_columns_are_those_of_a_cohort_that_has_them(onto: Ontology) -> None:
    with pytest.raises(CohortError, match="no column 'site'"):
        nearest(make_cohort(5), exclude_same="site", ontology=onto)
    with pytest.raises(ConfigError, match="exclude_same names a column of a Cohort, and cohort is none"):
        nearest([["HP:0001250"]], exclude_same="group", ontology=onto)


@pytest.mark.parametrize(("n", "m", "shape"), [(0, None, (0, 0)), (1, None, (1, 0)), (2, 0, (2, 0)), (0, 3, (0, 3))])
def test_nobody_is_near_where_nobody_is(onto: Ontology, n: int, m: int | None, shape: tuple[int, int]) -> None:
    people = [["HP:0001250"]]
    rows, scores = nearest(people * n, None if m is None else people * m, 5, method="matchmaking", ontology=onto)
    assert rows.shape == scores.shape == shape
