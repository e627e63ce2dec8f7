"""Face maps: averages that show nobody, files that appear whole, and readers that refuse what was changed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from phenojax.errors import ConfigError, ResultError
from phenojax.explain.face.average_face import average_face
from phenojax.explain.face.face_map import FaceMap, IndividualMap, mean_map
from phenojax.explain.face.storage import (
    file_sha256,
    read_face_maps,
    read_index,
    read_individual_maps,
    write_face_maps,
)

SIDE = 6


def chips(n: int) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (n, SIDE, SIDE, 3), dtype=np.uint8)


def single(number: int, gap: float = float("nan")) -> IndividualMap:
    values = np.random.default_rng(number).normal(size=(SIDE, SIDE)).astype(np.float32)
    return IndividualMap(f"P{number}", "GENE", values, 0.5, True, 0.1, gap, chips(9)[number])


def a_map(gene: str = "GENE") -> FaceMap:
    return mean_map(gene, "face", "integrated-gradients", [single(n, 0.01 * n) for n in range(6)], chips(6), ("note",))


def test_an_average_face_is_the_mean_of_at_least_five_people() -> None:
    faces = chips(7)
    found = average_face(faces)
    assert found.n == 7
    np.testing.assert_allclose(found.pixels, faces.mean(axis=0), atol=0.5)
    with pytest.raises(ConfigError, match="needs 5 individuals, not 4: of fewer it would be somebody's photograph"):
        average_face(faces[:4])
    with pytest.raises(ConfigError, match="needs 5 individuals, not 1"):
        average_face(np.repeat(faces[:1], 8, axis=0))
    with pytest.raises(ConfigError, match="min_individuals must be at least 5, not 2"):
        average_face(faces, min_individuals=2)
    with pytest.raises(ConfigError, match="uint8"):
        average_face(faces.astype(np.float64))  # type: ignore[arg-type]


def test_a_mean_map_says_how_many_went_in_and_how_much_they_differ() -> None:
    maps = [single(n, gap) for n, gap in enumerate((0.1, -0.1, 0.2, 0.0, 0.1, -0.1))]
    found = mean_map("GENE", "face", "integrated-gradients", maps, chips(6))
    values = np.stack([one.values for one in maps])
    np.testing.assert_allclose(found.mean, values.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(found.error, values.std(axis=0, ddof=1) / np.sqrt(6), atol=1e-6)
    assert (found.n, found.gap, found.above_baseline) == (6, pytest.approx(0.1), pytest.approx(0.4))
    twice = mean_map("GENE", "face", "occlusion", [*maps, maps[0]], chips(6)[[0, 1, 2, 3, 4, 5, 0]])
    assert twice.n == 6
    np.testing.assert_array_equal(twice.mean, found.mean)


def test_maps_are_read_as_they_were_written_and_by_their_owner_alone(tmp_path: Path) -> None:
    written = a_map("A/B <1>")
    folder = write_face_maps(tmp_path, [written], {"versions": {"jax": "1"}}, [single(3)])
    (found,) = read_face_maps(tmp_path).values()
    assert (found.gene, found.modality, found.n, found.notes) == ("A/B <1>", "face", 6, ("note",))
    assert (found.gap, found.above_baseline, found.method) == (written.gap, written.above_baseline, written.method)
    for name in ("mean", "error", "average_face"):
        np.testing.assert_array_equal(getattr(found, name), getattr(written, name))
    (one,) = read_individual_maps(tmp_path)
    assert (one.id, one.held_out, np.isnan(one.gap)) == ("P3", True, True)
    np.testing.assert_array_equal(one.values, single(3).values)
    assert one.face is not None
    assert read_index(tmp_path)["versions"] == {"jax": "1"}
    for path in folder.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_any_name_of_a_gene_has_a_file_of_its_own(tmp_path: Path) -> None:
    names = ["G", "g", "..", "x" * 300, "x" * 299 + "y", "Ä/ö"]
    write_face_maps(tmp_path, [a_map(name) for name in names], {})
    assert list(read_face_maps(tmp_path)) == names
    files = [path.name.lower() for path in (tmp_path / "face_maps").iterdir()]
    assert len(set(files)) == len(names) + 1


def test_a_result_that_was_never_explained_has_no_maps(tmp_path: Path) -> None:
    assert read_face_maps(tmp_path) == {}
    assert read_individual_maps(tmp_path) == ()


def test_a_later_call_replaces_the_maps_and_one_that_fails_leaves_them(tmp_path: Path) -> None:
    write_face_maps(tmp_path, [a_map("OLD")], {}, [single(1)])
    with pytest.raises(ValueError, match="JSON"):
        write_face_maps(tmp_path, [a_map("BAD")], {"not JSON": float("nan")})
    assert list(read_face_maps(tmp_path)) == ["OLD"]
    write_face_maps(tmp_path, [a_map("NEW")], {})
    assert list(read_face_maps(tmp_path)) == ["NEW"]
    assert [path.name for path in tmp_path.iterdir()] == ["face_maps"]
    assert read_individual_maps(tmp_path) == ()
    with pytest.raises(ResultError, match="no such folder"):
        write_face_maps(tmp_path / "absent", [a_map()], {})


def test_what_is_missing_changed_or_of_other_models_is_refused(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    models = tmp_path / "models" / "models.json"
    models.write_text("{}")
    folder = write_face_maps(tmp_path, [a_map()], {"models_sha256": file_sha256(models)})
    assert list(read_face_maps(tmp_path)) == ["GENE"]
    models.write_text('{"another": 1}')
    with pytest.raises(ResultError, match="made with other models"):
        read_face_maps(tmp_path)
    models.write_text("{}")
    arrays = folder / "GENE.safetensors"
    content = arrays.read_bytes()
    arrays.write_bytes(content[:-1] + b"?")
    with pytest.raises(ResultError, match=r"GENE\.safetensors: was changed"):
        read_face_maps(tmp_path)
    arrays.unlink()
    with pytest.raises(ResultError, match="no such file, though"):
        read_face_maps(tmp_path)
    index = folder / "face_maps.json"
    index.write_text(json.dumps(json.loads(index.read_text()) | {"format_version": 2}))
    with pytest.raises(ResultError, match="format"):
        read_face_maps(tmp_path)
    index.write_text("{")
    with pytest.raises(ResultError, match="damaged"):
        read_face_maps(tmp_path)
