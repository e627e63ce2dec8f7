"""A cohort of warped photographs: the same seed gives the same files, and the truth fits what was written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image
from skimage import data

from phenojax import read_cohort
from phenojax.errors import CohortError, ConfigError
from phenojax.face.landmarks import LandmarkScheme
from phenojax.face.simulation import BasePhotograph, FaceSimulationConfig, face_frame, simulate_faces

# Of the astronaut, read off the picture by eye: dlib's five points.
ASTRONAUT = [(251, 110), (235, 112), (196, 111), (212, 112), (224, 141)]
SMALL = FaceSimulationConfig(n_genes=2, n_null_genes=1, gene_size=4, papers=2, side=96)


@pytest.fixture(scope="module")
def bases() -> list[BasePhotograph]:
    return [BasePhotograph("astronaut.png", data.astronaut(), face_frame(ASTRONAUT, LandmarkScheme.DLIB5))]


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_same_seed_gives_the_same_files(bases: list[BasePhotograph], tmp_path: Path) -> None:
    for name, seed in (("one", 3), ("two", 3), ("three", 4)):
        simulate_faces(bases, tmp_path / name, SMALL, seed)
    one, two, three = (files(tmp_path / name) for name in ("one", "two", "three"))
    assert one == two
    assert one != three
    assert len(one) == 12 + 2


def test_the_cohort_reads_back_with_its_photographs_and_its_truth(bases: list[BasePhotograph], tmp_path: Path) -> None:
    made = simulate_faces(bases, tmp_path / "cohort", SMALL, 1)
    read = read_cohort(tmp_path / "cohort" / "cohort.jsonl")
    assert read.individuals == made.individuals
    assert read.values("base") == ("astronaut.png",) * 12
    truth = pq.read_table(tmp_path / "cohort" / "truth.parquet").to_pylist()
    assert [row["id"] for row in truth] == list(read.ids)
    features: dict[str, set[tuple[str, ...]]] = {}
    for individual, row in zip(read, truth, strict=True):
        with Image.open(str(individual.photo)) as picture:
            assert picture.size == (96, 96)
        features.setdefault(str(individual.gene), set()).add(tuple(row["features"]))
        origin, axes = np.array(row["origin"]), np.array(row["axes"]).reshape(2, 2)
        assert (origin > 20).all()
        assert (origin < 76).all()
        assert 12 < np.linalg.norm(axes[:, 0]) < 48
    assert {gene: len(found) for gene, found in features.items()} == {"FACE1": 1, "FACE2": 1, "NULL1": 1}
    assert features["NULL1"] == {()}
    assert len(features["FACE1"].pop()) == SMALL.features_per_gene


def test_a_publication_lies_within_one_gene(bases: list[BasePhotograph], tmp_path: Path) -> None:
    cohort = simulate_faces(bases, tmp_path / "cohort", SMALL, 1)
    genes: dict[str, set[str]] = {}
    for individual in cohort:
        genes.setdefault(str(individual.group), set()).add(str(individual.gene))
    assert sorted(genes) == [f"CAMERA:{number}" for number in range(1, 7)]
    assert all(len(found) == 1 for found in genes.values())


def test_what_is_there_already_is_not_touched(bases: list[BasePhotograph], tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("mine")
    with pytest.raises(CohortError, match="not empty"):
        simulate_faces(bases, tmp_path, SMALL)
    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]
    with pytest.raises(CohortError, match="does not exist"):
        simulate_faces(bases, tmp_path / "no" / "where", SMALL)
    with pytest.raises(ConfigError, match="base photograph"):
        simulate_faces([], tmp_path / "new", SMALL)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"gene_size": 0}, "gene_size must be a whole number from 1"),
        ({"n_genes": 0, "n_null_genes": 0}, "there must be a gene"),
        ({"severity": float("nan")}, "severity must be a number from 0"),
        ({"features_per_gene": 99}, "features_per_gene"),
    ],
)
def test_settings_out_of_range_are_refused(settings: dict[str, float], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        FaceSimulationConfig(**settings)  # type: ignore[arg-type]
