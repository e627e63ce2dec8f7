"""`score`: the formula for everybody, the same numbers in any company, and nothing said where nothing is known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from models.made_models import Screened, screened
from reference import scoring as plain
from scipy.stats import norm
from screen.make_faces import as_embeddings

from phenojax import Cohort, CohortError, ConfigError, Individual, score, stats
from phenojax.cohort.encode import encode
from phenojax.face.of_cohort import faces_of
from phenojax.models import ModelSet, scoring
from phenojax.models.export import without_individuals
from phenojax.models.interval import percentiles
from phenojax.models.new_individuals import PATTERN_OF_KIND
from phenojax.models.score_terms import TERMS_SCHEMA

EVERYTHING: dict[str, Any] = {"max_q": 1.0}
Row = dict[str, Any]


@pytest.fixture(scope="module")
def made() -> Screened:
    return screened()


@pytest.fixture(scope="module")
def models(made: Screened) -> ModelSet:
    assert made.result.models is not None
    return made.result.models


@pytest.fixture(scope="module")
def rows(made: Screened) -> list[Row]:
    found = score(made.result, made.new, made.new_faces, ontology=made.ontology, **EVERYTHING)
    return found.table.to_pylist()


def test_the_table_has_its_columns_and_a_row_for_everybody_and_every_model(
    made: Screened, models: ModelSet, rows: list[Row]
) -> None:
    found = score(models, made.new, ontology=made.ontology)
    assert found.table.schema.equals(scoring.SCORES_SCHEMA)
    keys = [(row["id"], row["gene"], row["modality"]) for row in rows]
    assert keys == [(id_, *key) for id_ in made.new.ids for key in models.models]


def test_every_number_is_what_the_formula_gives(made: Screened, models: ModelSet, rows: list[Row]) -> None:
    ontology, faces = made.ontology, faces_of(made.new, made.new_faces)
    parents = [ontology.indices(ontology.parents(t)).tolist() for t in ontology.term_ids]
    observed = encode(made.new, ontology).observed
    place, weights = {id_: row for row, id_ in enumerate(made.new.ids)}, models.weights.tolist()
    z, checked = float(norm.ppf(0.975)), set()
    for row in rows[::2]:
        i, model = place[row["id"]], models.models[row["gene"], row["modality"]]
        terms = observed.row(i).tolist() if row["modality"] != "face" else []
        face = faces.unit[i] if faces.present[i] and row["modality"] != "hpo" else None
        kind = (len(observed.row(i)) > 0) + 2 * int(faces.present[i])
        pattern = PATTERN_OF_KIND[row["modality"]].get(kind)
        if pattern is None:
            assert row["reason"] == "nothing_to_look_at"
            continue
        whole, hpo, seen = plain.parts(model.patterns[pattern], weights, parents, terms, face)
        assert row["score"] == pytest.approx(whole, abs=2e-6)
        assert row["hpo_score"] == (pytest.approx(hpo, abs=2e-6) if terms else None)
        assert row["face_score"] == (pytest.approx(seen, abs=2e-6) if face is not None else None)
        if row["abstained"]:
            continue
        checked.add((row["modality"], pattern))
        logit = model.slope * whole + model.offset
        x = np.array([whole, 1.0])
        of_score = plain.variance(model.patterns[pattern], weights, parents, terms, face)
        reach = z * np.sqrt(x @ model.covariance @ x + model.slope**2 * of_score)
        assert row["probability"] == pytest.approx(plain.probability(logit), abs=2e-6)
        assert row["probability_low"] == pytest.approx(plain.probability(logit - reach), abs=1e-5)
        assert row["probability_high"] == pytest.approx(plain.probability(logit + reach), abs=1e-5)
        for name, cases in (("percentile_cases", True), ("percentile_controls", False)):
            others = model.reference_scores(cases).tolist()
            assert row[name] == pytest.approx(plain.share_below(row["score"], others), abs=0.006)
    assert checked == {("hpo", "hpo"), ("face", "face"), ("both", "hpo"), ("both", "face"), ("both", "both")}


def test_carriers_from_new_publications_are_told_from_others(rows: list[Row]) -> None:
    for modality in ("hpo", "face", "both"):
        mine = [row for row in rows if row["gene"] == "ZPLANT" and row["modality"] == modality and not row["abstained"]]
        carries = np.array([row["id"].startswith("ZPLANT") for row in mine])
        assert carries.sum() >= 5
        probability = np.array([row["probability"] for row in mine])
        assert stats.auc(carries, probability) > 0.85
        assert probability[carries].mean() > 0.6
        assert probability[~carries].mean() < 0.4
    assert all(r["probability_low"] <= r["probability"] <= r["probability_high"] for r in rows if not r["abstained"])


def test_an_interval_widens_with_its_level_and_its_middle_stays(made: Screened, models: ModelSet) -> None:
    widths = []
    for level in (0.5, 0.9, 0.99):
        table = score(models, made.new, ontology=made.ontology, level=level, **EVERYTHING).table.to_pandas()
        spoken = table[~table.abstained]
        widths.append((spoken.probability_high - spoken.probability_low).to_numpy())
    assert (widths[0] < widths[1]).all()
    assert (widths[1] < widths[2]).all()


def test_nobody_gets_another_number_for_the_company_he_is_in(
    made: Screened, models: ModelSet, rows: list[Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("phenojax.models.scoring.ROWS_AT_ONCE", 5)
    for threads in (1, 3):
        table = score(models, made.new, made.new_faces, ontology=made.ontology, threads=threads, **EVERYTHING).table
        assert table.to_pylist() == rows
    alone = made.new.subset([4])
    face = as_embeddings(alone.ids, made.new_faces.vectors[[made.new_faces.ids.index(alone.ids[0])]])
    found = score(models, alone, face, ontology=made.ontology, **EVERYTHING).table.to_pylist()
    assert found == [row for row in rows if row["id"] == alone.ids[0]]


def test_the_top_rows_are_the_largest_probabilities_and_those_who_abstain_come_last(
    made: Screened, models: ModelSet, rows: list[Row]
) -> None:
    top = score(models, made.new, made.new_faces, ontology=made.ontology, top=4, **EVERYTHING).table.to_pylist()
    for id_ in made.new.ids:
        mine = sorted(
            (row for row in rows if row["id"] == id_), key=lambda row: -1 if row["abstained"] else row["probability"],
            reverse=True,
        )  # fmt: skip
        assert [row for row in top if row["id"] == id_] == mine[:4]


def test_contributions_add_up_to_the_part_of_the_terms(made: Screened, models: ModelSet) -> None:
    found = score(
        models, made.new, made.new_faces, genes=["ZPLANT"], ontology=made.ontology, explain=True, **EVERYTHING
    )
    assert found.explanations is not None
    assert found.explanations.schema.equals(TERMS_SCHEMA)
    carried: dict[tuple[str, str], list[Row]] = {}
    for row in found.explanations.to_pylist():
        carried.setdefault((row["id"], row["modality"]), []).append(row)
    expected = {
        (row["id"], row["modality"]): row["hpo_score"]
        for row in found.table.to_pylist()
        if not row["abstained"] and row["hpo_score"] is not None
    }
    assert carried.keys() == expected.keys()
    assert len({modality for _, modality in expected}) == 2
    for key, mine in carried.items():
        assert sum(row["contribution"] for row in mine) == pytest.approx(expected[key], abs=1e-4)
        shares = [row["contribution"] for row in mine]
        assert shares == sorted(shares, reverse=True)


def test_leaving_a_term_out_changes_the_score_by_what_is_said(made: Screened, models: ModelSet) -> None:
    one = made.new.individuals[0]
    options: dict[str, Any] = {"genes": ["ZPLANT"], "ontology": made.ontology, **EVERYTHING}
    whole = score(models, Cohort((one,)), explain=True, **options)
    assert whole.explanations is not None
    term = next(row for row in whole.explanations.to_pylist() if row["modality"] == "hpo")
    less = replace(one, observed=tuple(t for t in one.observed if t != term["term_id"]))
    before, after = (score(models, Cohort((i,)), **options).table.to_pylist()[0]["score"] for i in (one, less))
    assert before - after == pytest.approx(term["leave_one_out"], abs=5e-6)


def test_an_export_scores_without_knowing_anybody(made: Screened, models: ModelSet) -> None:
    exported = without_individuals(models, ontology=made.ontology, min_individuals=3)
    found = score(exported, made.known, genes=["ZPLANT"], ontology=made.ontology, **EVERYTHING)
    assert scoring.NO_IDS in found.run["notes"]
    spoken = [r for r in found.table.to_pylist() if r["modality"] == "hpo" and not r["abstained"]]
    assert len(spoken) > 0.8 * len(made.known)
    assert scoring.COARSE_PERCENTILES in found.run["notes"]
    controls = exported.models["ZPLANT", "hpo"].reference_scores(False)
    within = [row for row in spoken if controls[0] <= row["score"] <= controls[-1]]
    assert all(0 < row["percentile_controls"] < 100 for row in within)
    beyond = [row for row in spoken if not controls[0] <= row["score"] <= controls[-1]]
    assert all(row["percentile_controls"] is None for row in beyond)
    assert any(row["id"].startswith("ZPLANT") for row in beyond)  # carriers score more than any part of the controls


def test_the_means_of_parts_place_nobody_beyond_themselves() -> None:
    means, scores = np.arange(5.0), np.array([-9.0, -0.01, 0.0, 1.5, 4.0, 4.01, 9.0])
    found = percentiles(scores, means, are_quantiles=True)
    np.testing.assert_array_equal(found, [np.nan, np.nan, 10.0, 40.0, 90.0, np.nan, np.nan])
    for few in (means[:0], means[:1], means[:4]):
        assert np.isnan(percentiles(scores, few, are_quantiles=True)).all()


def test_what_cannot_be_scored_is_refused(made: Screened, models: ModelSet) -> None:
    nobody = Cohort((Individual("a"), Individual("b")), "two")
    with pytest.raises(CohortError, match="none of the 2 individuals has an observed term or a face"):
        score(models, nobody, ontology=made.ontology)
    with pytest.raises(CohortError, match="no individual to score"):
        score(models, Cohort(()), ontology=made.ontology)
    with pytest.raises(ConfigError, match="no model of gene 'NOSUCH'; there are"):
        score(models, made.new, genes=["NOSUCH"], ontology=made.ontology)
    with pytest.raises(ConfigError, match="HPO release 2000-01-01"):
        score(replace(models, ontology_version="2000-01-01"), made.new, ontology=made.ontology)
    with pytest.raises(ConfigError, match="made without faces"):
        score(replace(models, encoder=None), made.new, made.new_faces, ontology=made.ontology)
    with pytest.raises(ConfigError, match="numbers a face"):
        score(models, made.new, np.ones((len(made.new), 3)), ontology=made.ontology)
    for settings, told in (
        ({"max_q": 2}, "max_q"), ({"level": 1.0}, "level"), ({"top": 0}, "top"), ({"min_cases": 1}, "min_cases"),
        ({"training_scores": 1}, "training_scores"), ({"nonsense": 1}, "no setting 'nonsense'"),
        ({"threads": 0}, "threads"), ({"genes": "ZPLANT"}, "genes must be a list"),
    ):  # fmt: skip
        with pytest.raises(ConfigError, match=told):
            score(models, made.new, ontology=made.ontology, **settings)  # type: ignore[arg-type]
