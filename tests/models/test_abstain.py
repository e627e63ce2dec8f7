"""A model says nothing where it was not shown to work, or of whom it knows, or of whom it has seen nobody like."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from models.made_models import Screened, screened
from screen.make_faces import as_embeddings

from phenojax import Cohort, Individual, score
from phenojax._csr import csr_from_rows
from phenojax.models import ModelSet, find_familiarity, read_models, write_models
from phenojax.models.abstain import Note
from phenojax.models.collapse import closure_weights
from phenojax.models.export import without_individuals
from phenojax.models.familiarity import unseen_shares

Row = dict[str, Any]


@pytest.fixture(scope="module")
def made() -> Screened:
    return screened()


@pytest.fixture(scope="module")
def models(made: Screened) -> ModelSet:
    assert made.result.models is not None
    return made.result.models


def scored(made: Screened, cohort: Cohort, **settings: Any) -> list[Row]:
    """By the models of terms."""
    rows = score(made.result, cohort, ontology=made.ontology, **settings).table.to_pylist()
    return [row for row in rows if row["modality"] == "hpo"]


@pytest.fixture(scope="module")
def described(made: Screened) -> Cohort:
    return Cohort(tuple(i for i in made.new if i.observed))


def test_genes_that_were_not_shown_to_share_a_phenotype_abstain(made: Screened, described: Cohort) -> None:
    rows = scored(made, described)
    by_gene = {row["gene"]: row["reason"] for row in rows}
    assert by_gene["ZPLANT"] is None
    assert by_gene["ANULL"] == "not_significant"
    assert by_gene["HSINGLE"] == "single_group"
    refused = [row for row in rows if row["gene"] == "ANULL"]
    assert all(row["probability"] is None and row["percentile_cases"] is None for row in refused)
    assert all(row["score"] is not None for row in refused)
    assert {row["reason"] for row in scored(made, described, genes=["ANULL"], max_q=1.0)} == {None}


def test_a_gene_that_was_listed_but_not_tested_gets_rows_that_say_why(made: Screened, described: Cohort) -> None:
    rows = scored(made, described, genes=["GFEW", "ZPLANT"])
    assert {row["reason"] for row in rows if row["gene"] == "GFEW"} == {"too_few_cases"}
    assert [row["gene"] for row in rows[:2]] == ["GFEW", "ZPLANT"]
    assert {row["reason"] for row in scored(made, described, genes=["ZPLANT"], min_cases=99)} == {"too_few_cases"}


def test_whom_a_model_learnt_from_it_does_not_score_unless_by_the_others(made: Screened, models: ModelSet) -> None:
    model = models.models["ZPLANT", "hpo"]
    assert model.rows is not None
    assert model.training_scores is not None
    assert models.individuals is not None
    own = {models.individuals.ids[r]: s for r, s in zip(model.rows, model.training_scores, strict=True)}
    rows = {row["id"]: row for row in scored(made, made.known, genes=["ZPLANT"])}
    refused = {id_ for id_, row in rows.items() if row["reason"] == "learnt_from"}
    assert refused == own.keys()
    assert all(rows[id_]["score"] is None for id_ in refused)
    asked = {row["id"]: row for row in scored(made, made.known, genes=["ZPLANT"], training_scores=True)}
    for id_, expected in own.items():
        assert asked[id_]["score"] == pytest.approx(expected, abs=1e-6)
        assert asked[id_]["probability"] is not None
        assert asked[id_]["note"] == Note.WITHOUT_OWN_GROUP
    told = score(made.result, made.known, ontology=made.ontology).run["notes"]
    assert any("are among those that models were fitted on" in note for note in told)


def test_the_percentile_of_whom_a_model_learnt_from_is_among_the_others(made: Screened, models: ModelSet) -> None:
    model = models.models["ZPLANT", "hpo"]
    assert model.rows is not None
    assert model.training_scores is not None
    assert model.is_case is not None
    assert models.individuals is not None
    asked = {row["id"]: row for row in scored(made, made.known, genes=["ZPLANT"], training_scores=True)}
    rounded = model.training_scores.round(6)
    for place, row in enumerate(model.rows):
        found = asked[models.individuals.ids[row]]
        for name, cases in (("percentile_cases", True), ("percentile_controls", False)):
            there = (model.is_case == cases) & ~np.isnan(rounded)
            there[place] = False
            others = rounded[there]
            below, equal = (others < rounded[place]).sum(), (others == rounded[place]).sum()
            assert found[name] == pytest.approx(100 * (below + equal / 2) / len(others), abs=0.006)


@pytest.mark.parametrize("training_scores", [False, True])
def test_another_individual_of_a_known_id_is_a_new_one(made: Screened, models: ModelSet, training_scores: bool) -> None:
    model = models.models["ZPLANT", "hpo"]
    assert model.rows is not None
    assert models.individuals is not None
    taken = models.individuals.ids[model.rows[0]]
    known = next(i for i in made.known if i.id == taken)
    new = next(i for i in made.new if i.observed)
    namesake, twin = replace(new, id=taken), replace(new, id="nobody's")
    options: dict[str, Any] = {"genes": ["ZPLANT"], "training_scores": training_scores}
    found = score(made.result, Cohort((namesake, twin)), ontology=made.ontology, **options)
    rows = [row for row in found.table.to_pylist() if row["modality"] == "hpo"]
    numbers = [{name: row[name] for name in row if name not in ("id", "note")} for row in rows]
    assert numbers[0] == numbers[1]
    assert rows[0]["probability"] is not None
    assert rows[0]["note"] == Note.NAMESAKE
    assert any(note.startswith("1 of 2 individuals have the id of one") for note in found.run["notes"])
    less = replace(known, observed=known.observed[1:])
    assert scored(made, Cohort((less,)), **options)[0]["note"] == Note.NAMESAKE
    # the order in which terms are written tells nobody apart
    turned = scored(made, Cohort((replace(known, observed=known.observed[::-1]),)), **options)[0]
    assert turned["note" if training_scores else "reason"] == (
        Note.WITHOUT_OWN_GROUP if training_scores else "learnt_from"
    )


def test_another_face_under_a_known_id_is_another_individual(made: Screened) -> None:
    row = next(r for r, id_ in enumerate(made.known.ids) if id_.startswith("ZPLANT") and id_ in made.known_faces.ids)
    one = made.known.subset([row])
    place = made.known_faces.ids.index(one.ids[0])
    vectors = made.known_faces.vectors
    own, other = vectors[[place]], vectors[[(place + 1) % len(vectors)]]

    def reasons(vector: Any) -> set[Any]:
        found = score(made.result, one, as_embeddings(one.ids, vector), genes=["ZPLANT"], ontology=made.ontology)
        return {row["reason"] for row in found.table.to_pylist() if row["modality"] == "both"}

    assert reasons(own) == reasons(own * 2) == {"learnt_from"}
    assert reasons(other) == {None}


def test_who_comes_from_a_publication_that_was_learnt_from_is_marked(made: Screened) -> None:
    known, new = made.known.individuals[0], made.new.individuals[0]
    twin = Individual("twin", observed=new.observed, group=known.group)
    other = Individual("other", observed=new.observed, group="PMID:elsewhere")
    rows = {row["id"]: row for row in scored(made, Cohort((twin, other)), genes=[known.gene], max_q=1.0)}
    assert rows["twin"]["note"] == Note.OWN_GROUP
    assert rows["other"]["note"] is None
    assert rows["twin"]["probability"] == rows["other"]["probability"] is not None


def test_nonsense_is_out_of_distribution(made: Screened) -> None:
    rng = np.random.default_rng(0)
    ontology = made.ontology
    pool = np.flatnonzero(ontology.phenotype_mask)
    leaves = [t for t in pool.tolist() if not ontology.children(ontology.term_ids[t])]

    def some(n: int) -> tuple[str, ...]:
        return tuple(ontology.term_ids[t] for t in rng.choice(leaves, n, replace=False))

    nonsense = Cohort((
        *(Individual(f"unrelated {i}", observed=some(10)) for i in range(20)),
        *(Individual(f"hundreds {i}", observed=some(300)) for i in range(5)),
        Individual("root", observed=("HP:0000707",)),  # Abnormality of the nervous system
    ))  # fmt: skip
    rows = scored(made, nonsense, genes=["ZPLANT"])
    assert {row["reason"] for row in rows} == {"out_of_distribution"}
    notes = {row["id"].split()[0]: row["note"] for row in rows}
    assert notes == {"unrelated": Note.STRANGE, "hundreds": Note.MUCH, "root": Note.LITTLE}


def test_who_has_nothing_is_a_row_that_abstains(made: Screened) -> None:
    with_terms = made.new.individuals[0]
    rows = scored(made, Cohort((Individual("empty"), with_terms)), genes=["ZPLANT"])
    assert [row["reason"] for row in rows] == ["nothing_to_look_at", None]
    assert rows[0]["score"] is None


def test_about_one_in_a_hundred_of_the_same_kind_is_outside_the_limits() -> None:
    # 4,000 sets of terms of a flat ontology: 60 common terms, and now and then one that hardly anybody has
    rng = np.random.default_rng(1)
    weights = np.concatenate([rng.uniform(0.5, 2.0, 60), rng.uniform(2.0, 4.0, 4000)])
    sets, again = (_drawn(rng, 4000) for _ in range(2))
    known = find_familiarity(sets, weights, np.arange(4000) // 4)
    assert known is not None
    total = closure_weights(again, weights)
    strange = known.is_strange(total, unseen_shares(again, weights, known.terms, total))
    outside = strange | (total < known.lowest) | (total > known.highest)
    assert 0.004 < outside.mean() < 0.02
    assert find_familiarity(sets, np.zeros_like(weights), np.arange(4000)) is None


@pytest.mark.parametrize("n", [20, 80, 200])
def test_few_individuals_refuse_hardly_more_of_their_own_kind(n: int) -> None:
    # the largest of n alone would refuse one in n, at each of three limits
    rng = np.random.default_rng(2)
    weights = np.concatenate([rng.uniform(0.5, 2.0, 60), rng.uniform(2.0, 4.0, 4000)])
    again = _drawn(rng, 2000)
    total = closure_weights(again, weights)
    outside = []
    for _ in range(10):
        known = find_familiarity(_drawn(rng, n), weights, np.arange(n) // 4)
        assert known is not None
        strange = known.is_strange(total, unseen_shares(again, weights, known.terms, total))
        outside.append(strange | (total < known.lowest) | (total > known.highest))
    assert np.mean(outside) < 0.03


@pytest.mark.parametrize("n", [10, 600])
def test_no_limit_of_an_export_is_of_one_individual(n: int) -> None:
    rng = np.random.default_rng(3)
    weights = np.concatenate([rng.uniform(0.5, 2.0, 60), rng.uniform(2.0, 4.0, 4000)])
    sets = _drawn(rng, n)
    total = closure_weights(sets, weights)
    known = find_familiarity(sets, weights, np.arange(n), min_individuals=5)
    assert known is not None
    ordered = np.sort(total)
    assert known.lowest <= ordered[:5].mean()
    assert known.highest >= ordered[-5:].mean()
    for value in (known.lowest, known.highest, *known.edges, *known.most_unseen):
        assert value == pytest.approx(float(f"{value:.1e}"), rel=1e-12)
    assert find_familiarity(sets.take(np.arange(4)), weights, np.arange(4), min_individuals=5) is None
    one = find_familiarity(sets.take([0]), weights, np.arange(1))
    assert one is not None
    assert (one.lowest, one.highest, one.most_unseen.tolist()) == (0.0, np.inf, [1.0])


def _drawn(rng: np.random.Generator, n: int) -> Any:
    rows = []
    for _ in range(n):
        common = rng.choice(60, rng.integers(3, 20), replace=False)
        rare = 60 + rng.integers(4000, size=rng.binomial(4, 0.1))
        rows.append(np.unique(np.append(common, rare)))
    return csr_from_rows(rows)


def test_what_is_familiar_is_saved_and_an_export_knows_only_what_several_have(
    made: Screened, models: ModelSet, tmp_path: Path
) -> None:
    assert models.familiarity is not None
    assert models.individuals is not None
    again = read_models(write_models(models, tmp_path / "models"))
    assert again.familiarity is not None
    for mine, theirs in zip(models.familiarity, again.familiarity, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    exported = without_individuals(models, ontology=made.ontology, min_individuals=3).familiarity
    assert exported is not None
    closures = made.ontology.graph.closures(*models.individuals.terms)[1]
    carriers = np.bincount(closures, minlength=made.ontology.n_terms)
    assert exported.terms.tolist() == np.flatnonzero(carriers >= 3).tolist()
    assert models.familiarity.terms.tolist() == np.flatnonzero(carriers).tolist()
    assert (exported.most_unseen >= models.familiarity.most_unseen).all()
