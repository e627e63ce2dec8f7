"""``normalize=`` of the public similarity: with every measure, combiner and weight that it has a meaning for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from phenojax import measure as own_measure
from phenojax._csr import Csr, csr_from_rows
from phenojax.cohort import Cohort, Individual
from phenojax.errors import ConfigError
from phenojax.ontology import Ontology, load_ontology
from phenojax.similarity import Combine, Measure, SetMeasure, random_sets, similarity
from phenojax.similarity.null import chance
from phenojax.similarity.scorer import make_scorer


@own_measure
def half_lin(ic_mica: float, ic_a: float, ic_b: float) -> float:
    return ic_mica / (ic_a + ic_b)


@pytest.fixture(scope="module")
def onto() -> Ontology:
    return load_ontology()


@pytest.fixture(scope="module")
def sets(onto: Ontology) -> Csr:
    """Sets of three sizes, and an empty one."""
    rows = [random_sets(onto, size, 12, seed=9).row(i) for i in range(12) for size in (2, 7, 20)]
    return csr_from_rows([*rows, []])


@pytest.mark.parametrize("measure", [*Measure, half_lin, *SetMeasure], ids=str)
def test_cosine_divides_by_what_each_has_with_itself(measure: Any, onto: Ontology, sets: Csr) -> None:
    raw = similarity(sets, ontology=onto, measure=measure)
    own = np.diag(raw).astype(np.float64)
    size = np.sqrt(np.outer(own, own))
    expected = np.divide(raw, size, out=np.zeros_like(size), where=size > 0)
    found = similarity(sets, ontology=onto, measure=measure, normalize="cosine")
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    np.testing.assert_allclose(np.diag(found)[:-1], 1, rtol=1e-6)
    np.testing.assert_array_equal(found, found.T)
    between = similarity(sets, sets, ontology=onto, measure=measure, normalize="cosine")
    np.testing.assert_allclose(between, found, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(
    ("measure", "combine"), [("lin", "bma"), ("resnik", "max"), ("resnik", "hausdorff"), ("resnik", "b_to_a"),
                             ("simgic", "bma"), (half_lin, "funsim_max")], ids=str,
)  # fmt: skip
@pytest.mark.parametrize("normalize", ["chance", "z"])
def test_chance_is_that_of_the_measure_and_combiner_asked_for(
    measure: Any, combine: str, normalize: str, onto: Ontology, sets: Csr
) -> None:
    raw = similarity(sets, ontology=onto, measure=measure, combine=combine).astype(np.float64)
    found = similarity(sets, ontology=onto, measure=measure, combine=combine, normalize=normalize)
    by_chance = chance(make_scorer(onto, measure, combine, "omim", None))
    for row, n in enumerate(sets.lengths.tolist()):
        for column, m in enumerate(sets.lengths.tolist()):
            mean, sd = (part.item() for part in by_chance.at([n], [m])) if n and m else (0, 1)
            expected = (raw[row, column] - mean) / (sd if normalize == "z" else 1) if n and m else 0
            assert found[row, column] == pytest.approx(expected, rel=1e-3, abs=1e-4)


@pytest.mark.parametrize("combine", [Combine.BMA, Combine.FUNSIM_AVG])
def test_chance_knows_the_weights_of_terms(combine: Combine, onto: Ontology) -> None:
    weights = np.random.default_rng(2).choice([0.1, 1.0, 10.0], onto.n_terms)
    sets = random_sets(onto, 8, 250, seed=4)
    settings = {"ontology": onto, "combine": combine, "normalize": "z"}
    z = similarity(sets, **settings, term_weights=weights)[~np.eye(250, dtype=np.bool_)]
    assert abs(z.mean()) < 0.15
    assert z.std() == pytest.approx(1, abs=0.15)
    plain = similarity(sets, **settings)[~np.eye(250, dtype=np.bool_)]
    assert np.abs(z - plain).max() > 0.5


def test_a_normalised_score_is_reduced_by_what_was_excluded(onto: Ontology) -> None:
    a = Individual("A", observed=("HP:0001250", "HP:0001263"))
    b = Individual("B", observed=("HP:0001250", "HP:0011097"), excluded=("HP:0001263",))
    both = Cohort((a, b))
    free = similarity(both, ontology=onto, normalize="cosine")
    found = similarity(both, ontology=onto, normalize="cosine", excluded_penalty=0.5)
    np.testing.assert_allclose(np.diag(found), 1, rtol=1e-6)
    n_observed = 3  # B's seizure is implied by its epileptic spasms, and says nothing more
    assert found[0, 1] == pytest.approx(free[0, 1] * (1 - 0.5 * 1 / n_observed), rel=1e-5)


@pytest.mark.parametrize("normalize", ["chance", "z"])
def test_chance_does_not_know_what_was_excluded(normalize: str, onto: Ontology) -> None:
    with pytest.raises(ConfigError, match=f'normalize="{normalize}" takes no excluded_penalty: random individuals'):
        similarity([["HP:0001250"]], ontology=onto, normalize=normalize, excluded_penalty=0.5)


def test_another_seed_is_another_sample_of_the_same_chance(onto: Ontology, sets: Csr) -> None:
    first, second = (similarity(sets, ontology=onto, normalize="z", seed=seed) for seed in (0, 1))
    assert not np.array_equal(first, second)
    np.testing.assert_allclose(first, second, rtol=0.15, atol=0.25)


def test_wrong_settings_are_refused(onto: Ontology) -> None:
    for more, message in (
        ({"normalize": "depth"}, "normalize must be None or one of chance, z, cosine"),
        ({"normalize": "z", "seed": -1}, "seed must be an integer of at least 0"),
        ({"measure": "simui", "excluded_penalty": 0.1}, "simui compares closures"),
        ({"measure": "simui", "combine": "max"}, "combine has no meaning"),
        ({"excluded_penalty": 1.5}, "excluded_penalty must be from 0 to 1"),
    ):
        with pytest.raises(ConfigError, match=message):
            similarity([["HP:0001250"]], ontology=onto, **more)  # type: ignore[arg-type]
