"""A model for every row that was tested, and the rows are the same with models and without."""

from __future__ import annotations

import numpy as np
import pytest
from models.make_models import make_screened
from screen.make_cohort import make_cohort

from phenojax import compare, load_ontology, screen
from phenojax.cohort import Cohort
from phenojax.errors import ConfigError
from phenojax.screen import ScreenConfig
from phenojax.screen.model import NO_MODELS_NOTE


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    return make_cohort({"AAA": 4, "ONE": 1}, {"CCC": 4, "DDD": 4}, seed=3)


def test_the_results_do_not_know_whether_models_are_kept(cohort: Cohort) -> None:
    settings = {"ontology": load_ontology(), "permutations": 9, "min_cases": 3}
    kept = screen(cohort, **settings)
    without = screen(cohort, save_models=False, **settings)
    assert kept.table.equals(without.table)
    assert kept.predictions.equals(without.predictions)
    assert without.models is None
    assert kept.models is not None
    statuses = dict(zip(*(kept.table[name].to_pylist() for name in ("gene", "status")), strict=True))
    assert statuses == {"AAA": "ok", "CCC": "ok", "DDD": "ok", "ONE": "single_group"}
    assert {gene: model.facts.status for (gene, _), model in kept.models.models.items()} == statuses
    one = kept.models.models["ONE", "hpo"]
    # tested without groups, so fitted without groups
    assert one.groups is not None
    assert len(set(one.groups.tolist())) == one.facts.n_groups_used == len(one.groups)


def test_individuals_nobody_was_compared_with_are_not_kept(cohort: Cohort) -> None:
    result = screen(
        cohort, ontology=load_ontology(), permutations=9, genes=["AAA"], controls_per_case=1, min_controls=12
    )
    assert result.models is not None
    assert result.models.individuals is not None
    assert set(result.models.individuals.ids) == set(result.predictions["id"].to_pylist())
    assert len(result.models.individuals.ids) < len(cohort)
    assert result.models.individuals.groups == tuple(
        dict(zip(cohort.ids, cohort.values("group"), strict=True))[id_] for id_ in result.models.individuals.ids
    )


@pytest.mark.parametrize("classifier", ["kernel", "prototype"])
def test_each_classifier_has_models_of_its_own(classifier: str) -> None:
    models, ensemble = make_screened(classifier).models, make_screened().models
    assert models.models.keys() == ensemble.models.keys()
    mine, theirs = (m.models["AAA", "both"].training_scores for m in (models, ensemble))
    assert mine is not None
    assert theirs is not None
    assert np.nanmax(np.abs(mine - theirs)) > 0.1


def test_phenoscore_has_none_and_says_so(cohort: Cohort) -> None:
    pytest.importorskip("sklearn", reason="the extra phenoscore is not installed")
    settings = {"ontology": load_ontology(), "permutations": 1, "genes": ["AAA"], "classifier": "phenoscore"}
    result = screen(cohort, **settings)
    assert result.models is None
    assert NO_MODELS_NOTE in result.run["notes"]
    assert NO_MODELS_NOTE not in screen(cohort, save_models=False, **settings).run["notes"]


def test_a_comparison_has_models_too(cohort: Cohort) -> None:
    result = compare(cohort, "sex", ontology=load_ontology(), permutations=9)
    [(name, modality)] = result.models.models if result.models is not None else [("", "")]
    assert (name, modality) == ("sex: female vs male", "hpo")


def test_the_setting_is_true_or_false() -> None:
    with pytest.raises(ConfigError, match="save_models must be True or False, not 'no'"):
        ScreenConfig(save_models="no")  # type: ignore[arg-type]
