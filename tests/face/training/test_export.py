"""A fine-tuned encoder says what it came from, and claims nothing that was measured of its parent."""

from __future__ import annotations

from dataclasses import replace

import pytest
from face.training.make_faces import drawn_faces, small_encoder

from phenojax.face.training.config import TrainingConfig
from phenojax.face.training.export import tuned_card
from phenojax.face.training.fit import TrainingResult, fine_tune
from phenojax.face.weights.card import Distance, ModelCard, WeightFile

CHIPS, LABELS = drawn_faces(3, 8)
CONFIG = TrainingConfig(steps=1, batch_size=8, validation=0.25, scale=16.0, trained_blocks=1, seed=5)
FILE = WeightFile("small.dat", "ab" * 32, 7)


@pytest.fixture(scope="module")
def result() -> TrainingResult:
    encoder = small_encoder()
    return fine_tune(replace(encoder, card=replace(encoder.card, files=(FILE,))), CHIPS, LABELS, CONFIG)


def test_the_card_tells_the_parent_the_faces_and_the_run(result: TrainingResult) -> None:
    card = tuned_card(result, "mine")
    assert (card.name, card.files) == ("mine", ())
    assert "from small: drawn; SHA-256 of its file small.dat: " + "ab" * 32 in card.source
    assert card.training_data.startswith("18 faces in 3 classes")
    assert card.notes.startswith("Loss arcface, 1 steps, the last block trained, float32, seed 5. Of 6 faces held out")
    assert f"{result.before.auc:.3f} before and {result.after.auc:.3f} after" in card.notes
    assert ModelCard.from_dict(card.to_dict()) == card
    unsaved = replace(result.encoder, card=replace(result.encoder.card, files=()))
    source = tuned_card(replace(result, encoder=unsaved), "mine").source
    assert source.endswith(f"SHA-256 of its parameters: {result.parent_sha256}")


def test_what_was_measured_of_the_parent_is_dropped_and_what_belongs_to_the_network_is_kept(
    result: TrainingResult,
) -> None:
    parent, card = result.encoder.card, tuned_card(result, "mine")
    assert parent.threshold is not None
    assert parent.lfw_claimed is not None
    assert (card.threshold, card.lfw_claimed) == (None, None)
    for kept in ("role", "architecture", "preprocessing", "width", "normalised", "licence_code"):
        assert getattr(card, kept) == getattr(parent, kept)
    assert (parent.distance, card.distance) == (Distance.EUCLIDEAN, Distance.COSINE)  # ArcFace trains directions


@pytest.mark.parametrize(("parents", "own"), [(True, None), (None, None), (False, False)])
def test_a_licence_never_grows(parents: bool | None, own: bool | None, result: TrainingResult) -> None:
    encoder = replace(result.encoder, card=replace(result.encoder.card, commercial_use=parents))
    card = tuned_card(replace(result, encoder=encoder), "mine")
    assert card.commercial_use is own
    assert "small: CC0-1.0" in card.licence_weights


def test_without_held_out_faces_no_figure_is_given(result: TrainingResult) -> None:
    notes = tuned_card(replace(result, before=None, after=None), "mine").notes
    assert "No faces were held out." in notes
    nothing = result.after._replace(auc=float("nan"))
    assert "no AUC is known" in tuned_card(replace(result, after=nothing), "mine").notes
