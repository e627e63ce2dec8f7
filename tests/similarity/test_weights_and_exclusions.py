"""Terms that count more than others, and terms that were looked for and not found."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import measures as plain
from reference.random_sets import Case, large_monotone_case, make_graph, monotone_cases, term_rows

from phenojax import _core
from phenojax._csr import csr_from_rows
from phenojax.errors import ConfigError
from phenojax.similarity._core_calls import set_similarity

CLOSE = {"rtol": 3e-6, "atol": 2e-6}
FAMILY = make_graph([[], [0], [1], [1], [2], [0]])
FAMILY_IC = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
# {2, 3} counted 3 and 1 against {4} counted 2: the best matches are 2 and 1, and 2.
WEIGHTED_BY_HAND = {
    "bma": (3 * 2 + 1 * 1 + 2 * 2) / 6,
    "funsim_avg": (7 / 4 + 2) / 2,
    "funsim_max": 2,
    "a_to_b": 7 / 4,
    "b_to_a": 2,
    "max": 2,
    "mean": (3 * 2 * 2 + 1 * 2 * 1) / 8,
    "hausdorff": 1,
}
Rows = list[list[int]]
Weights = list[list[float]]


def flat(rows: Weights) -> np.ndarray:
    return np.array([weight for row in rows for weight in row], dtype=np.float32)


@st.composite
def weights_for(draw: st.DrawFn, rows: Rows) -> Weights:
    """Zeros among them, and sets that weigh nothing at all."""
    weight = st.one_of(st.just(0.0), st.floats(0.125, 4, width=32))
    return [[draw(weight) for _ in row] for row in rows]


@pytest.mark.parametrize("combine", plain.COMBINERS)
def test_weights_by_hand(combine: str) -> None:
    table = plain.term_table(FAMILY.parents, FAMILY_IC, "resnik")
    assert plain.combined(table, [2, 3], [4], combine, [3, 1], [2]) == pytest.approx(WEIGHTED_BY_HAND[combine])
    a, b = csr_from_rows([[2, 3]]), csr_from_rows([[4]])
    found = set_similarity(FAMILY, FAMILY_IC, a, b, combine, weights_a=[3, 1], weights_b=[2])
    assert found.item() == pytest.approx(WEIGHTED_BY_HAND[combine])


@pytest.mark.parametrize("combine", plain.COMBINERS)
@pytest.mark.parametrize("measure", ["resnik", "lin", "hrss"])
@settings(max_examples=25)
@given(data=st.data(), case=monotone_cases())
def test_weighted_sets_are_what_plain_loops_say(data: st.DataObject, case: Case, measure: str, combine: str) -> None:
    a, b = case.rows, data.draw(term_rows(case.ontology.n_terms))
    weights_a, weights_b = data.draw(weights_for(a)), data.draw(weights_for(b))
    table = plain.term_table(case.ontology.parents, case.ic.tolist(), measure)

    def expected(other: Rows, weights: Weights) -> np.ndarray:
        values = [
            [plain.combined(table, x, y, combine, u, v) for y, v in zip(other, weights, strict=True)]
            for x, u in zip(a, weights_a, strict=True)
        ]
        return np.reshape(values, (len(a), len(other)))

    found = set_similarity(
        case.ontology,
        case.ic,
        case.sets,
        csr_from_rows(b),
        combine,
        measure=measure,
        weights_a=flat(weights_a),
        weights_b=flat(weights_b),
    )
    np.testing.assert_allclose(found, expected(b, weights_b), **CLOSE)
    alone = set_similarity(case.ontology, case.ic, case.sets, None, combine, measure=measure, weights_a=flat(weights_a))
    np.testing.assert_allclose(alone, expected(a, weights_a), **CLOSE)


@given(case=monotone_cases())
def test_a_term_that_weighs_two_is_a_term_that_stands_twice(case: Case) -> None:
    twice = csr_from_rows([[term for term in row for _ in range(2)] for row in case.rows])
    heavy = np.full(len(case.sets.indices), 2.0, dtype=np.float32)
    for combine in plain.COMBINERS:
        weighted = set_similarity(case.ontology, case.ic, case.sets, combine=combine, weights_a=heavy)
        repeated = set_similarity(case.ontology, case.ic, twice, combine=combine)
        np.testing.assert_allclose(weighted, repeated, err_msg=combine, **CLOSE)


@given(case=monotone_cases())
def test_weights_of_one_change_nothing(case: Case) -> None:
    ones = np.ones(len(case.sets.indices), dtype=np.float32)
    for combine in plain.COMBINERS:
        without = set_similarity(case.ontology, case.ic, case.sets, combine=combine)
        with_ones = set_similarity(case.ontology, case.ic, case.sets, combine=combine, weights_a=ones)
        np.testing.assert_allclose(with_ones, without, rtol=1e-6, atol=1e-6, err_msg=combine)


def test_exclusions_by_hand() -> None:
    # 4 lies below 2, which b excludes; 5 is what a excludes; 3 nobody denies: 2 of 3 terms are contradicted.
    a, b = plain.Exclusion([4, 3], [5]), plain.Exclusion([5], [2])
    assert plain.kept_share(FAMILY.parents, a, b, 0.75) == pytest.approx(0.5)
    arguments = (FAMILY, FAMILY_IC, csr_from_rows([a.observed]), csr_from_rows([b.observed]), "bma")
    excluded = {"excluded_a": csr_from_rows([a.excluded]), "excluded_b": csr_from_rows([b.excluded])}
    plainly = set_similarity(*arguments, measure="jiang_conrath").item()
    assert plainly > 0
    for strength in (0.0, 0.75, 1.0):
        found = set_similarity(*arguments, measure="jiang_conrath", **excluded, excluded_penalty=strength)
        assert found.item() == pytest.approx(plainly * (1 - strength * 2 / 3))


def test_an_excluded_term_below_what_is_observed_contradicts_nothing() -> None:
    sets, nothing = csr_from_rows([[2]]), csr_from_rows([[]])
    found = [
        set_similarity(
            FAMILY, FAMILY_IC, sets, sets, excluded_a=nothing, excluded_b=csr_from_rows([row]), excluded_penalty=1.0
        ).item()
        for row in ([4], [3, 5], [2], [1], [0])
    ]
    assert found == [2, 2, 1, 1, 1]  # one of the two sets is contradicted, whole


@pytest.mark.parametrize("combine", plain.COMBINERS)
@settings(max_examples=40)
@given(data=st.data(), case=monotone_cases(max_rows=18), strength=st.floats(0, 1, width=32))
def test_contradictions_take_away_what_plain_loops_say(
    data: st.DataObject, case: Case, strength: float, combine: str
) -> None:
    n, parents = case.ontology.n_terms, case.ontology.parents
    a, b = case.rows, data.draw(term_rows(n))
    lists = st.lists(st.integers(0, n - 1), max_size=4)
    excluded_a, excluded_b = ([data.draw(lists) for _ in rows] for rows in (a, b))
    table = plain.term_table(parents, case.ic.tolist(), "resnik")

    def expected(other: Rows, excluded: Rows) -> np.ndarray:
        values = [
            [
                plain.combined(table, x, y, combine)
                * plain.kept_share(parents, plain.Exclusion(x, not_x), plain.Exclusion(y, not_y), strength)
                for y, not_y in zip(other, excluded, strict=True)
            ]
            for x, not_x in zip(a, excluded_a, strict=True)
        ]
        return np.reshape(values, (len(a), len(other)))

    found = set_similarity(
        case.ontology,
        case.ic,
        case.sets,
        csr_from_rows(b),
        combine,
        excluded_a=csr_from_rows(excluded_a),
        excluded_b=csr_from_rows(excluded_b),
        excluded_penalty=strength,
    )
    np.testing.assert_allclose(found, expected(b, excluded_b), **CLOSE)
    alone = set_similarity(
        case.ontology,
        case.ic,
        case.sets,
        combine=combine,
        excluded_a=csr_from_rows(excluded_a),
        excluded_penalty=strength,
    )
    np.testing.assert_allclose(alone, expected(a, excluded_a), **CLOSE)
    if combine in plain.SYMMETRIC:
        np.testing.assert_array_equal(alone, alone.T)


@pytest.mark.parametrize("isa", _core.available_isas())
def test_neither_threads_nor_the_instruction_set_change_a_bit(isa: str, monkeypatch: pytest.MonkeyPatch) -> None:
    case = large_monotone_case(4)
    rng = np.random.default_rng(4)
    weights = rng.random(len(case.sets.indices)).astype(np.float32)
    excluded = csr_from_rows([rng.integers(0, case.ontology.n_terms, 6).tolist() for _ in case.rows])

    def compute(threads: int) -> list[bytes]:
        return [
            set_similarity(
                case.ontology,
                case.ic,
                case.sets,
                combine=combine,
                measure=measure,
                weights_a=weights,
                excluded_a=excluded,
                excluded_penalty=0.3,
                threads=threads,
            ).tobytes()
            for combine in plain.COMBINERS
            for measure in ("resnik", "lin")
        ]

    monkeypatch.setenv("PHENOJAX_ISA", "baseline")
    alone = compute(1)
    monkeypatch.setenv("PHENOJAX_ISA", isa)
    for threads in (1, 4, 7):
        assert compute(threads) == alone


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weights_a": [1.0]}, r"weights_a must have shape \(2,\), not \(1,\)"),
        ({"weights_a": [1.0, -1.0]}, r"weights_a must be finite and at least 0, not -1"),
        ({"weights_a": [1.0, np.nan]}, r"weights_a must be finite and at least 0, not nan"),
        ({"excluded_penalty": 1.5}, r"excluded_penalty must be .*0 .*1"),
        ({"excluded_penalty": float("nan")}, r"excluded_penalty must be .*0 .*1"),
        (
            {"excluded_a": csr_from_rows([[0], [0]]), "excluded_penalty": 0.5},
            r"excluded_a must have one set per set, 1, not 2",
        ),
        ({"excluded_a": csr_from_rows([[9]]), "excluded_penalty": 0.5}, r"excluded_a.*from 0 to 5, not 9"),
    ],
)
def test_wrong_weights_and_exclusions_are_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        set_similarity(FAMILY, FAMILY_IC, csr_from_rows([[1, 2]]), **change)


def test_each_weight_belongs_to_the_term_at_its_place() -> None:
    a = csr_from_rows([[1, 2], [], [3]])
    found = set_similarity(FAMILY, FAMILY_IC, a, csr_from_rows([[2]]), "a_to_b", weights_a=[1.0, 0.0, 5.0])
    np.testing.assert_allclose(found.ravel(), [1, 0, 1])
