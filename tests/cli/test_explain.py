"""``phenojax explain`` on warped faces with dlib's encoder: a map lies on the feature that carriers share."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("flax", reason="the extra faces is not installed")

from face.bundled_weights import dlib_file
from face.golden_faces import synthetic
from PIL import Image

import phenojax as pj
from phenojax.cli import main
from phenojax.explain.face.storage import read_face_maps, read_individual_maps
from phenojax.face.alignment.align import align
from phenojax.face.landmarks import LandmarkScheme
from phenojax.face.simulation import FEATURES, face_frame, warped_region
from phenojax.face.simulation.nuisance import Nuisance
from phenojax.face.simulation.on_chip import frame_on_chip
from phenojax.face.simulation.render import render
from phenojax.report import write_report

Run = Callable[..., tuple[int, str, str]]
(WIDE_NOSE,) = (feature for feature in FEATURES if feature.name == "Wide nose")
TEMPLATE, SIDE, PEOPLE = "dlib-150", 256, 10


class Warped(NamedTuple):
    """A cohort of aligned photographs, the result of its screen, and where the carriers of NOSE were warped."""

    cohort: Path
    result: Path
    region: NDArray[np.bool_]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: object) -> tuple[int, str, str]:
        capfd.readouterr()
        code = main([str(argument) for argument in arguments])
        return code, *capfd.readouterr()

    return call


@pytest.fixture(scope="module")
def warped(tmp_path_factory: pytest.TempPathFactory, shared_data: Callable[[str], Path]) -> Warped:
    dlib_file("dlib_face_recognition_resnet_model_v1.dat")
    folder = tmp_path_factory.mktemp("warped")
    (folder / "chips").mkdir()
    people, shares = [], []
    for number, face in enumerate(synthetic(shared_data)[:PEOPLE]):
        frame = face_frame(face.points, LandmarkScheme.DLIB5)
        for gene, features in (("NOSE", (WIDE_NOSE,)), ("NONE", ())):
            rng = np.random.default_rng((number, gene == "NOSE"))
            taken = render(face.picture, frame, features, 1.2, Nuisance(texture=0.2), rng, SIDE)
            points = taken.frame.to_pixels(frame.to_face(face.points)).astype(np.float32)
            size = np.full((1, 2), SIDE, np.int32)
            chip = np.asarray(align(TEMPLATE, LandmarkScheme.DLIB5, taken.pixels[None], size, points[None]))[0]
            path = folder / "chips" / f"{gene}{number}.png"
            Image.fromarray(chip).save(path)
            people.append(pj.Individual(path.stem, gene, group=f"PMID:{gene}{number // 2}", photo=str(path)))
            if features:
                on_chip = frame_on_chip(taken.frame, TEMPLATE, LandmarkScheme.DLIB5, points)
                shares.append(warped_region(features, on_chip, chip.shape[:2]))
    cohort = pj.Cohort(tuple(people), "warped")
    pj.write_cohort(cohort, folder / "cohort.jsonl")
    embeddings = pj.embed_faces(cohort, aligned=True)
    pj.screen(cohort, embeddings=embeddings, modality="face", permutations=99).write(folder / "out")
    return Warped(folder / "cohort.jsonl", folder / "out", np.mean(shares, axis=0) >= 0.5)


def test_the_map_of_a_gene_lies_where_its_carriers_were_warped(run: Run, warped: Warped) -> None:
    asked = ("--gene", "NOSE", "--aligned", "--id", "NOSE3", "--with-photos", "--json")
    report = write_report(pj.ScreenResult.read(warped.result), warped.result / "report.html")
    assert '<svg class="face"' not in report.read_text()
    code, told, err = run("explain", warped.result, warped.cohort, *asked)
    assert (code, err) == (0, "")
    assert json.loads(told)["report"] == str(report)
    assert report.read_text().count('<svg class="face"') == 1
    (gene,) = json.loads(told)["genes"]
    assert (gene["gene"], gene["n"], gene["method"]) == ("NOSE", PEOPLE, "occlusion")
    found = read_face_maps(warped.result)["NOSE"]
    speaks_for = np.maximum(found.mean, 0)
    assert speaks_for[warped.region].sum() / speaks_for.sum() >= 2 * warped.region.mean()
    (kept,) = read_individual_maps(warped.result)
    assert (kept.id, kept.gene, kept.held_out) == ("NOSE3", "NOSE", True)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--gene", "ABSENT", "--aligned"], "no face model of 'ABSENT'"),
        (["--aligned", "--id", "NOSE3"], "add --with-photos"),
        (["--aligned", "--with-photos"], "add --id"),
        (["--gene", "NOSE", "--aligned", "--method", "guess"], "method must be one of"),
        (["--gene", "NOSE", "--aligned", "--model", "absent"], "'absent' is not known"),
    ],
)
def test_bad_input_is_one_line_and_leaves_the_maps_as_they_are(
    run: Run, warped: Warped, options: list[str], says: str
) -> None:
    before = sorted(path.name for path in warped.result.iterdir())
    code, told, err = run("explain", warped.result, warped.cohort, *options)
    assert (code, told) == (2, "")
    assert says in err
    assert err.count("\n") == 1
    assert sorted(path.name for path in warped.result.iterdir()) == before


def test_a_folder_that_is_no_result_is_refused(run: Run, warped: Warped, tmp_path: Path) -> None:
    code, _, err = run("explain", tmp_path, warped.cohort)
    assert code == 2
    assert "no models" in err
