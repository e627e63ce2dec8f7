"""Models score what is described in their own release and by their own encoder, or say what is lost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from models.make_models import make_screened

from phenojax import load_ontology
from phenojax._csr import csr_from_rows
from phenojax.errors import ConfigError
from phenojax.models import Individuals, Jackknife, ModelSet, read_models, write_models
from phenojax.models.compatibility import check_encoder, to_release
from phenojax.ontology import Ontology

TERM = "[Term]\nid: {id}\nname: {id}\n{rest}\n"


def release(folder: Path, version: str, terms: dict[str, str]) -> Ontology:
    """Each term beside the rest of its stanza."""
    path = folder / f"hp-{version}.obo"
    stanzas = "\n".join(TERM.format(id=term, rest=rest) for term, rest in terms.items())
    path.write_text(f"format-version: 1.2\ndata-version: hp/releases/{version}\n\n{stanzas}")
    return load_ontology(path)


@pytest.fixture
def old(tmp_path: Path) -> Ontology:
    """A root and five terms under it."""
    under = "is_a: HP:0000118"
    return release(
        tmp_path,
        "2024-01-01",
        {"HP:0000001": "", "HP:0000118": "is_a: HP:0000001", **{f"HP:000000{k}": under for k in range(2, 7)}},
    )


@pytest.fixture
def new(tmp_path: Path) -> Ontology:
    """HP:0000003 is gone, 4 is merged into 9, 5 into 2, and 8 is new."""
    under = "is_a: HP:0000118"
    return release(
        tmp_path,
        "2025-01-01",
        {
            "HP:0000001": "",
            "HP:0000002": f"alt_id: HP:0000005\n{under}",
            "HP:0000006": under,
            "HP:0000008": under,
            "HP:0000009": f"alt_id: HP:0000004\n{under}",
            "HP:0000118": "is_a: HP:0000001",
        },
    )


@pytest.fixture
def models(old: Ontology) -> ModelSet:
    """Every term is worth its number, and weighs as much."""
    model = make_screened().models.models["AAA", "hpo"]
    numbers = np.array([int(term[3:]) for term in old.term_ids], np.int32)
    pattern = replace(
        model.patterns["hpo"],
        term_idx=np.arange(len(numbers), dtype=np.int32),
        term_values=numbers.astype(np.float64),
        jackknife=Jackknife(np.ones(1, np.float32), numbers[None].astype(np.float32), None),
    )
    return ModelSet(
        models={("AAA", "hpo"): replace(model, patterns={"hpo": pattern})},
        term_numbers=numbers,
        weights=numbers.astype(np.float64),
        ontology_version=old.version,
        annotation_version="",
        encoder=None,
        config={},
        created={},
        individuals=Individuals(("a", "b"), csr_from_rows([[1, 2], [3, 4]]), None),
    )


def test_the_own_release_changes_nothing(models: ModelSet, old: Ontology) -> None:
    assert to_release(models, old) is models


def test_another_release_is_refused(models: ModelSet, new: Ontology, tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"of HPO release 2024-01-01 \(7 terms\), the ontology is 2025-01-01 \(6 terms\)"
    ):
        read_models(write_models(models, tmp_path / "m"), ontology=new)
    assert len(read_models(tmp_path / "m", ontology=new, allow_other_ontology=True).weights) == 6


def test_another_file_that_calls_itself_the_same_release_is_refused(models: ModelSet, new: Ontology) -> None:
    with pytest.raises(ConfigError, match="allow another ontology"):
        to_release(replace(models, ontology_version=new.version), new)


def test_terms_go_where_their_ids_lead(models: ModelSet, new: Ontology) -> None:
    moved = to_release(models, new, allow=True)
    by_id = dict(zip(new.term_ids, moved.weights.tolist(), strict=True))
    # 3 leads nowhere; 5 leads to 2, which is there already; 8 was not known
    assert by_id == {
        "HP:0000001": 1, "HP:0000002": 2, "HP:0000006": 6, "HP:0000008": 0, "HP:0000009": 4, "HP:0000118": 118
    }  # fmt: skip
    pattern = moved.models["AAA", "hpo"].patterns["hpo"]
    worth = {new.term_ids[t]: value for t, value in zip(pattern.term_idx, pattern.term_values.tolist(), strict=True)}
    assert worth == {term: weight for term, weight in by_id.items() if weight}
    assert pattern.jackknife is not None
    np.testing.assert_array_equal(pattern.jackknife.terms[0], pattern.term_values)
    assert moved.term_ids == new.term_ids
    assert moved.ontology_version == "2025-01-01"
    assert moved.individuals is not None
    rows = [[new.term_ids[t] for t in moved.individuals.terms.row(r)] for r in range(2)]
    assert rows == [["HP:0000002"], ["HP:0000009"]]
    [note] = moved.notes
    assert "2 of 7 terms are lost, and 1 are unknown to the models" in note
    assert f"loses {100 * 8 / 139:.2g} %" in note


def about(*names: str, width: int = 12, sha: str = "0") -> dict[str, Any]:
    return {"models": [{"name": name, "role": "encoder", "sha256": {"w": sha}} for name in names], "width": width}


def with_encoder(models: ModelSet, encoder: dict[str, Any]) -> ModelSet:
    return replace(models, encoder=encoder)


def test_the_same_encoder_passes_whatever_else_its_card_says(models: ModelSet) -> None:
    mine = with_encoder(models, about("dlib"))
    other = about("dlib") | {"n_individuals": 3}
    other["models"][0]["licence_code"] = "reworded"
    assert check_encoder(mine, other) is mine


@pytest.mark.parametrize(
    "other", [about("arcface"), about("dlib", sha="1"), about("dlib", "mtcnn"), {"models": "an array", "width": 12}]
)
def test_another_encoder_is_refused_unless_told(models: ModelSet, other: dict[str, Any]) -> None:
    mine = with_encoder(models, about("dlib"))
    with pytest.raises(ConfigError, match="those of the models by dlib"):
        check_encoder(mine, other)
    [note] = check_encoder(mine, other, allow=True).notes
    assert "another encoder" in note


def test_vectors_of_another_length_never_pass(models: ModelSet) -> None:
    with pytest.raises(ConfigError, match="have 128 numbers a face, those of the models 12"):
        check_encoder(with_encoder(models, about("dlib")), about("dlib", width=128), allow=True)


def test_of_arrays_it_is_said_that_nobody_knows(models: ModelSet) -> None:
    array = {"models": "an array of the caller's", "width": 12}
    [note] = check_encoder(with_encoder(models, array), array).notes
    assert "nobody can say" in note


def test_models_without_faces_take_any_encoder(models: ModelSet) -> None:
    assert check_encoder(models, about("dlib")) is models
