"""A comparison tells what it would have shown had it split publications, and how the two sets may be named."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from screen.make_cohort import make_cohort

from phenojax import compare
from phenojax.cohort import Cohort
from phenojax.errors import ConfigError

SETTINGS: dict[str, Any] = {"permutations": 49, "min_cases": 4}
PANELS = ("HP:0001250", "HP:0001263", "HP:0000252", "HP:0000729", "HP:0001252", "HP:0000365")


@pytest.fixture(scope="module")
def panels() -> Cohort:
    """Six publications with a panel of their own each; three describe one effect, three the other."""
    made = make_cohort({}, {"G": 6}, per_publication=5)
    individuals = tuple(replace(i, observed=(PANELS[n // 5], i.observed[n % 2])) for n, i in enumerate(made))
    effects = tuple(("loss_of_function", "missense")[(n // 5) % 2] for n in range(len(made)))
    return Cohort(individuals, "panels", {"effect": effects})


def test_what_publications_give_away_is_told(panels: Cohort, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="phenojax"):
        result = compare(panels, "effect", **SETTINGS)
    (row,) = result.table.to_pylist()
    plain = compare(panels, "effect", group=None, **SETTINGS)
    (listed,) = result.run["ungrouped"]
    assert listed["auc_ungrouped"] == pytest.approx(plain.table["auc"][0].as_py(), abs=1e-12)
    assert listed["auc"] == row["auc"]
    assert listed["auc_ungrouped"] > 0.9
    assert row["auc"] < 0.6
    assert f"the AUC would be {listed['auc_ungrouped']:.2f} instead of {row['auc']:.2f}" in row["note"]
    assert listed["differ_much"]
    assert "may be recognition of groups" in caplog.text
    assert "may be recognition of groups" in row["note"]
    assert plain.run["ungrouped"] == []


def test_without_a_publication_effect_nobody_is_warned(caplog: pytest.LogCaptureFixture) -> None:
    cohort = make_cohort({"P": 6}, {"N": 6}, seed=2)
    with caplog.at_level(logging.WARNING, logger="phenojax"):
        result = compare(cohort, "gene", **SETTINGS)
    (listed,) = result.run["ungrouped"]
    assert not listed["differ_much"]
    assert "the AUC would be" in result.table["note"][0].as_py()
    assert "recognition of groups" not in caplog.text


def test_below_chance_the_difference_is_told_and_its_cause_is_not(caplog: pytest.LogCaptureFixture) -> None:
    # each publication has a term of its own for either label, and one that means the other label in the next
    own = (*PANELS, "HP:0000256", "HP:0001251", "HP:0000718", "HP:0001166", "HP:0000303", "HP:0000486")
    turned = ("HP:0001511", "HP:0000508")
    made = make_cohort({}, {"G": 6}, per_publication=8)
    places = [(n // 8, n % 2) for n in range(len(made))]
    terms = [(own[2 * publication + label], turned[(label + publication) % 2]) for publication, label in places]
    individuals = tuple(replace(i, observed=observed) for i, observed in zip(made, terms, strict=True))
    bare = Cohort(individuals, "bare", {"effect": tuple("ab"[label] for _, label in places)})
    with caplog.at_level(logging.WARNING, logger="phenojax"):
        result = compare(bare, "effect", **SETTINGS)
    (listed,) = result.run["ungrouped"]
    assert listed["auc"] < 0.5
    assert listed["auc_ungrouped"] > listed["auc"] + 0.05
    assert not listed["differ_much"]
    assert f"the AUC would be {listed['auc_ungrouped']:.2f}" in result.table["note"][0].as_py()
    assert "recognition of groups" not in caplog.text + result.table["note"][0].as_py()


def test_an_ungrouped_comparison_has_nothing_to_set_beside_it(panels: Cohort) -> None:
    one_group = Cohort(tuple(replace(i, group="PMID:1") for i in panels), "one", panels.columns)
    assert compare(one_group, "effect", **SETTINGS).run["ungrouped"] == []


def _sizes(cohort: Cohort, **settings: Any) -> tuple[str, int, int]:
    (row,) = compare(cohort, **settings, **SETTINGS).table.to_pylist()
    return row["gene"], row["n_cases"], row["n_controls"]


def test_a_side_may_be_several_values_a_range_or_all_the_others(panels: Cohort) -> None:
    kinds = tuple(("frameshift", "nonsense", "missense", "intronic", "missense")[n % 5] for n in range(30))
    numbers = tuple(str(10 * n) for n in range(30))
    cohort = Cohort(panels.individuals, "kinds", {"kind": kinds, "position": numbers})
    both = {"positive": ["frameshift", "nonsense"], "negative": "missense"}
    assert _sizes(cohort, by="kind", **both) == ("kind: frameshift+nonsense vs missense", 12, 12)
    assert _sizes(cohort, by="kind", positive="missense") == ("kind: missense vs others", 12, 18)
    assert _sizes(cohort, by="position", positive="50..100") == ("position: 50..100 vs others", 6, 24)
    assert _sizes(cohort, by="position", positive="50..100", negative=["0..40", "290"])[1:] == (6, 6)


def test_a_value_that_is_no_number_does_not_hinder_a_range(panels: Cohort) -> None:
    numbers = tuple("unknown" if n in (3, 17) else None if n == 4 else str(n) for n in range(30))
    cohort = Cohort(panels.individuals, "numbers", {"position": numbers})
    result = compare(cohort, "position", positive="0..14", **SETTINGS)
    (row,) = result.table.to_pylist()
    assert (row["n_cases"], row["n_controls"]) == (13, 14)
    assert "2 left out, whose position is no number" in row["note"]
    named = compare(cohort, "position", positive="0..14", negative=["15..29", "unknown"], **SETTINGS)
    assert named.table["n_controls"][0].as_py() == 16
    assert "no number" not in named.table["note"][0].as_py()


@pytest.mark.parametrize(
    ("sides", "message"),
    [
        ({"negative": "missense"}, "negative needs positive"),
        ({"positive": "missense", "negative": ["missense"]}, "both take 'missense'"),
        ({"positive": "gain"}, "positive is 'gain', but column 'effect' holds 'loss_of_function' and 'missense'"),
        ({"positive": "1..20"}, "positive is '1..20'"),
        ({"positive": "missense", "negative": "gain"}, "negative is 'gain'"),
        ({"positive": "300..1"}, r"'300..1', a range that ends before it begins; write 1..300"),
        ({"positive": "1...300"}, r"'1...300', which is no range; write two numbers"),
        ({"positive": "missense", "negative": "..300"}, r"negative is '..300', which is no range"),
        ({"positive": []}, "positive names no value"),
        ({"positive": ["missense", "loss_of_function"]}, "nobody is a control"),
    ],
)
def test_sides_that_cannot_be_told_apart_are_refused(panels: Cohort, sides: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        compare(panels, "effect", **sides, **SETTINGS)


def test_the_order_of_rows_changes_no_ungrouped_auc(panels: Cohort) -> None:
    order = np.random.default_rng(0).permutation(len(panels)).tolist()
    shuffled = compare(panels.subset(order), "effect", **SETTINGS)
    assert shuffled.run["ungrouped"] == compare(panels, "effect", **SETTINGS).run["ungrouped"]
