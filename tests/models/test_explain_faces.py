"""A gene's face map from the cohort's photographs: it lies where the carriers are alike, and holds nobody's face."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

pytest.importorskip("flax", reason="the extra faces is not installed")

from face.embedding.tiny_encoder import tiny_encoder
from models.make_photographs import SHARED, photographed_cohort
from PIL import Image

import phenojax as pj
from phenojax.errors import ConfigError, ResultError
from phenojax.explain.face.storage import read_face_maps, read_index, read_individual_maps
from phenojax.models import ModelSet
from phenojax.models.explain_faces import explain_faces
from phenojax.models.face_heads import face_heads
from phenojax.models.face_photographs import PhotographSettings
from phenojax.screen.results import ScreenResult

AS_EMBEDDED = PhotographSettings(model=tiny_encoder(), aligned=True)


class Made(NamedTuple):
    cohort: pj.Cohort
    result: ScreenResult
    folder: Path

    @property
    def models(self) -> ModelSet:
        assert self.result.models is not None
        return self.result.models


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("photographed")
    (folder / "photographs").mkdir()
    cohort = photographed_cohort(folder / "photographs")
    embeddings = pj.embed_faces(cohort, tiny_encoder(), aligned=True)
    result = pj.screen(cohort, embeddings=embeddings, permutations=99, modality="face")
    return Made(cohort, result, result.write(folder / "out"))


def test_each_training_individual_is_explained_by_the_model_without_its_group(made: Made) -> None:
    heads, model = face_heads(made.models, "GFACE"), made.models.models["GFACE", "face"]
    assert made.models.individuals is not None
    assert made.models.individuals.faces is not None
    unit = made.models.individuals.faces[heads.rows].astype(np.float64)
    scores = (heads.directions * unit).sum(axis=1) + heads.intercepts
    np.testing.assert_allclose(scores, model.training_scores, atol=1e-6)
    pattern = model.patterns["face"]
    assert pattern.face is not None
    assert np.abs(heads.directions - pattern.face).max() > 1e-3
    assert model.groups is not None
    same = model.groups == model.groups[0]
    np.testing.assert_array_equal(heads.directions[same], np.repeat(heads.directions[:1], same.sum(), axis=0))


def test_the_mean_map_lies_where_the_carriers_are_alike(made: Made) -> None:
    steps: list[tuple[int, int, str]] = []
    found = explain_faces(
        made.folder,
        made.cohort,
        genes=["GFACE"],
        method="integrated-gradients",
        photographs=AS_EMBEDDED,
        progress=lambda *step: steps.append(step),
    )
    (face_map,) = found.maps
    assert (face_map.gene, face_map.modality, face_map.n, found.unexplained) == ("GFACE", "face", 10, ())
    speaks_for = np.maximum(face_map.mean, 0)
    assert speaks_for[SHARED].sum() / speaks_for.sum() >= 4 * SHARED.mean()
    assert face_map.gap is not None
    assert face_map.above_baseline is not None
    assert face_map.gap < 0.01 * face_map.above_baseline
    carriers = [Image.open(one.photo) for one in made.cohort if one.gene == "GFACE" and one.photo]
    np.testing.assert_allclose(face_map.average_face, np.mean([np.asarray(p) for p in carriers], axis=0), atol=0.5)
    assert steps[-1] == (10, 10, "faces of GFACE")


def test_one_individuals_map_has_its_score_from_the_model_that_its_group_had_no_part_in(made: Made) -> None:
    ids = [made.cohort.ids[0], made.cohort.ids[-1]]
    found = explain_faces(made.models, made.cohort, genes=["GFACE"], ids=ids, photographs=AS_EMBEDDED)
    model = made.models.models["GFACE", "face"]
    assert model.rows is not None
    assert model.training_scores is not None
    assert made.models.individuals is not None
    saved = {made.models.individuals.ids[row]: s for row, s in zip(model.rows, model.training_scores, strict=True)}
    for one in found.individuals:
        assert one.held_out == (one.id in saved)
        if one.held_out:
            assert one.score == pytest.approx(saved[one.id], abs=1e-3)
        assert one.face is not None
    assert [one.id for one in found.individuals] == ids


def test_occlusion_agrees_on_where_it_is(made: Made) -> None:
    (face_map,) = explain_faces(made.models, made.cohort, genes=["GFACE"], photographs=AS_EMBEDDED).maps
    speaks_for = np.maximum(face_map.mean, 0)
    assert speaks_for[SHARED].sum() / speaks_for.sum() >= 3 * SHARED.mean()
    assert (face_map.method, face_map.gap) == ("occlusion", None)


def test_what_is_written_holds_no_photograph_unless_asked_for(made: Made, tmp_path: Path) -> None:
    folder = made.result.write(tmp_path / "out")
    one = made.cohort.ids[0]
    found = explain_faces(folder, made.cohort, genes=["GFACE"], ids=[one], photographs=AS_EMBEDDED)
    written = found.write(folder)
    assert sorted(path.name for path in written.iterdir()) == ["GFACE.safetensors", "face_maps.json"]
    assert not read_index(folder)["holds_photographs"]
    np.testing.assert_array_equal(read_face_maps(folder)["GFACE"].mean, found.maps[0].mean)
    found.write(folder, with_photos=True)
    (kept,) = read_individual_maps(folder)
    assert kept.id == one
    photo = made.cohort.individuals[0].photo
    assert photo is not None
    np.testing.assert_array_equal(kept.face, np.asarray(Image.open(photo)))
    # A result that is written anew has other models, so maps of the former ones go.
    made.result.write(folder)
    assert read_face_maps(folder) == {}


def test_photographs_that_fail_are_rows(made: Made, tmp_path: Path) -> None:
    carriers = [row for row, one in enumerate(made.cohort) if one.gene == "GFACE"]
    broken, gone, exchanged = carriers[:3]
    people = list(made.cohort.individuals)
    (tmp_path / "broken.png").write_bytes(b"no picture")
    people[broken] = replace(people[broken], photo=str(tmp_path / "broken.png"))
    people[exchanged] = replace(people[exchanged], photo=people[-1].photo)
    cohort = pj.Cohort(tuple(one for row, one in enumerate(people) if row != gone), "with losses")
    found = explain_faces(made.models, cohort, genes=["GFACE"], photographs=AS_EMBEDDED)
    assert found.maps[0].n == 7
    reasons = {row.id: row.reason for row in found.unexplained}
    assert reasons == {
        made.cohort.ids[broken]: "not_an_image",
        made.cohort.ids[gone]: "not_in_cohort",
        made.cohort.ids[exchanged]: "other_embedding",
    }


def test_a_gene_with_fewer_than_five_faces_has_no_map_and_says_so(made: Made) -> None:
    carriers = [row for row, one in enumerate(made.cohort) if one.gene == "GFACE"]
    rows = [row for row in range(len(made.cohort)) if row not in carriers[4:]]
    found = explain_faces(made.models, made.cohort.subset(rows), genes=["GFACE"], photographs=AS_EMBEDDED)
    assert found.maps == ()
    (gene_row,) = [row for row in found.unexplained if row.id is None]
    assert (gene_row.gene, gene_row.reason) == ("GFACE", "too_few_faces")
    assert "5 individuals, not 4" in gene_row.sentence


Change = Callable[[Made], dict[str, Any]]


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        (lambda m: {"genes": ["ABSENT"]}, ConfigError, "no face model of 'ABSENT'"),
        (lambda m: {"ids": ["nobody"]}, ConfigError, "no individual 'nobody'"),
        (lambda m: {"method": "guess"}, ConfigError, "method must be one of"),
        (lambda m: {"models": replace(m.models, individuals=None)}, ResultError, "hold no individuals"),
        (lambda m: {"models": replace(m.models, encoder=None)}, ConfigError, "know no faces"),
        (lambda m: {"photographs": replace(AS_EMBEDDED, model=_renamed())}, ConfigError, "is not the one that made"),
        (lambda m: {"photographs": replace(AS_EMBEDDED, model=tiny_encoder(1))}, ConfigError, "10 of 10 photographs"),
        (lambda m: {"photographs": replace(AS_EMBEDDED, flip=True)}, ConfigError, "embedded otherwise"),
        (lambda m: {"cohort": _without_photographs(m.cohort)}, ConfigError, "none of the individuals"),
    ],
)
def test_what_does_not_fit_the_models_is_refused(made: Made, change: Change, error: type[Exception], says: str) -> None:
    arguments: dict[str, Any] = {"models": made.models, "cohort": made.cohort, "genes": ["GFACE"]}
    with pytest.raises(error, match=says):
        explain_faces(**(arguments | {"photographs": AS_EMBEDDED} | change(made)))


def test_maps_of_one_result_are_not_written_into_another(made: Made, tmp_path: Path) -> None:
    found = explain_faces(made.folder, made.cohort, genes=["GFACE"], photographs=AS_EMBEDDED)
    with pytest.raises(ResultError, match="no such folder"):
        found.write(tmp_path / "absent")
    other = pj.screen(made.cohort.subset(list(range(20))), modality="hpo", permutations=9).write(tmp_path / "other")
    with pytest.raises(ResultError, match="is not the result whose models were explained"):
        found.write(other)
    assert not (other / "face_maps").exists()
    json.loads((other / "run.json").read_text())


def _renamed() -> Any:
    encoder = tiny_encoder()
    return replace(encoder, card=replace(encoder.card, name="another"))


def _without_photographs(cohort: pj.Cohort) -> pj.Cohort:
    return pj.Cohort(tuple(replace(one, photo=None) for one in cohort), "no photographs")
