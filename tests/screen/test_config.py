"""A setting that cannot be meant is refused, and the message says what can."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from phenojax import compare, screen
from phenojax.cohort import Cohort, Individual
from phenojax.errors import CohortError, ConfigError
from phenojax.fusion import Classifier
from phenojax.screen.config import Modality, ScreenConfig

COHORT = Cohort((Individual("a", gene="G", observed=("HP:0001250",), label="1"),), "one")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"min_cases": 1}, "min_cases must be a whole number of at least 2, not 1"),
        ({"permutations": 0}, "permutations must be a whole number of at least 1"),
        ({"permutations": 10.0}, r"permutations .* not 10\.0"),
        ({"permutations": True}, "permutations .* not True"),
        ({"folds": 1}, "folds must be a whole number of at least 2"),
        ({"folds": 101}, "folds must be at most 100, not 101"),
        ({"seed": -1}, "seed must be a whole number of at least 0"),
        ({"controls_per_case": 0}, "controls_per_case"),
        ({"max_individuals": 15}, "max_individuals .* at least 16"),
        ({"threads": 0}, "threads must be a positive whole number or None, not 0"),
        ({"modality": "voice"}, "modality must be one of auto, hpo, face, both; not 'voice'"),
        ({"classifier": "forest"}, "classifier must be one of ensemble, kernel, prototype, phenoscore; not 'forest'"),
        ({"classifier": "similarity"}, "classifier must be one of"),
        ({"sequential": 1}, "sequential must be True or False, not 1"),
    ],
)
def test_a_bad_setting_is_named(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        ScreenConfig(**settings)
    with pytest.raises(ConfigError, match=message):
        screen(COHORT, **settings)


@pytest.mark.parametrize("modality", ["face", "both"])
@pytest.mark.parametrize("test", [screen, lambda cohort, **settings: compare(cohort, "id", **settings)])
def test_faces_without_embeddings_are_answered_with_the_command_that_makes_them(
    modality: str, test: Callable[..., object]
) -> None:
    two = Cohort((*COHORT, replace(COHORT.individuals[0], id="b")), "two")
    words = f"^modality='{modality}' looks at faces.* run phenojax embed .* --embeddings FILE, in Python embeddings=$"
    with pytest.raises(ConfigError, match=words):
        test(two, modality=modality)


def test_words_become_choices_and_go_back_to_json() -> None:
    config = ScreenConfig(modality="hpo", classifier="kernel", exclude_terms=["HP:0001250"])  # type: ignore[arg-type]
    assert config.modality is Modality.HPO
    assert config.classifier is Classifier.KERNEL
    assert config.to_dict()["exclude_terms"] == ("HP:0001250",)
    assert ScreenConfig(**config.to_dict()) == config


def test_an_unknown_setting_is_refused_with_the_list_of_known_ones() -> None:
    for call in (screen, compare):
        with pytest.raises(ConfigError, match=r"no setting 'permutation'; there are .*permutations"):
            call(COHORT, permutation=10)
        with pytest.raises(ConfigError, match=r"no setting 'model'; there are .*classifier"):
            call(COHORT, model="prototype")


def test_a_cohort_that_has_nothing_to_test_is_refused() -> None:
    with pytest.raises(CohortError, match="no individual to test"):
        screen(Cohort((), "nobody"))
    with pytest.raises(CohortError, match="no individual carries OTHER"):
        screen(COHORT, genes=["G", "OTHER"])
    with pytest.raises(CohortError, match=r"no individual has a gene; `compare`"):
        screen(Cohort((Individual("a"),), "no genes"))
    with pytest.raises(CohortError, match=r"no column 'site'; there are .*group"):
        screen(COHORT, group="site")
