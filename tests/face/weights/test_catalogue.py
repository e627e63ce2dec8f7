"""What the cards say, and that run.json can hold it."""

from __future__ import annotations

import json
import re

import pytest

from phenojax.face.weights.card import Channels, Distance, ModelCard, Role
from phenojax.face.weights.catalogue import (
    BUNDLED,
    DEFAULT_DETECTOR,
    DEFAULT_ENCODER,
    IMPORTABLE,
    bundled_names,
)

CARDS = [entry.card for entry in (*BUNDLED.values(), *IMPORTABLE.values())]


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
def test_a_card_survives_the_json_of_run_json(card: ModelCard) -> None:
    assert ModelCard.from_dict(json.loads(json.dumps(card.to_dict()))) == card


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
def test_every_card_says_who_made_it_and_under_which_three_licences(card: ModelCard) -> None:
    assert card.source
    assert card.licence_code
    assert card.licence_weights
    assert card.training_data
    assert card.commercial_use is not None


@pytest.mark.parametrize("card", [c for c in CARDS if c.role is Role.ENCODER], ids=lambda card: card.name)
def test_an_encoder_has_its_preprocessing_its_width_and_its_distance(card: ModelCard) -> None:
    assert card.preprocessing is not None
    assert card.width > 0
    assert card.distance is not None


@pytest.mark.parametrize("entry", BUNDLED.values(), ids=lambda entry: entry.card.name)
def test_every_file_of_the_extra_has_a_whole_hash_and_a_size(entry) -> None:
    assert entry.card.files
    assert all(re.fullmatch("[0-9a-f]{64}", file.sha256) and file.n_bytes > 0 for file in entry.card.files)


def test_the_defaults_are_free_for_every_use() -> None:
    for name in (DEFAULT_ENCODER, DEFAULT_DETECTOR, "dlib-shape-5"):
        assert BUNDLED[name].card.commercial_use is True
    assert bundled_names(Role.ENCODER)[0] == DEFAULT_ENCODER
    assert bundled_names(Role.DETECTOR)[0] == DEFAULT_DETECTOR


def test_what_is_not_free_says_so() -> None:
    assert all(entry.card.commercial_use is False for entry in IMPORTABLE.values())
    assert BUNDLED["mtcnn"].card.commercial_use is False
    assert "MIT" in BUNDLED["mtcnn"].card.licence_code
    assert not any("68" in file.name for entry in BUNDLED.values() for file in entry.card.files)


def test_the_default_encoder_is_the_one_of_dlib() -> None:
    card = BUNDLED[DEFAULT_ENCODER].card
    assert card.preprocessing is not None
    assert card.preprocessing.mean == (122.782, 117.001, 104.298)
    assert (card.preprocessing.input_size, card.preprocessing.channels) == (150, Channels.RGB)
    assert (card.width, card.distance, card.threshold, card.normalised) == (128, Distance.EUCLIDEAN, 0.6, False)


def test_whoever_wants_a_model_that_must_be_imported_is_told_how() -> None:
    assert all("phenojax weights import" in entry.obtain for entry in IMPORTABLE.values())
