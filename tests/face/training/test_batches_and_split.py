"""Which faces a step sees, and who is held out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phenojax.errors import ConfigError
from phenojax.face.training.batches import epoch_batches
from phenojax.face.training.config import Augmentation, TrainingConfig
from phenojax.face.training.split import digests, held_out, joined_groups

labellings = st.lists(st.integers(0, 4), min_size=4, max_size=60).filter(lambda found: len(set(found)) > 1)


def dense(found: list[int]) -> np.ndarray:
    return np.unique(found, return_inverse=True)[1].astype(np.int32)


@settings(max_examples=50, deadline=None)
@given(labellings, st.integers(1, 20), st.integers(0, 3))
def test_arcface_sees_every_face_once_an_epoch_and_padding_weighs_nothing(
    found: list[int], size: int, epoch: int
) -> None:
    batches = epoch_batches(dense(found), TrainingConfig(batch_size=size), epoch)
    assert sorted(batches.rows[batches.used]) == list(range(len(found)))
    assert (~batches.used).sum() < batches.rows.shape[1]


@settings(max_examples=50, deadline=None)
@given(labellings, st.integers(2, 5), st.integers(2, 4))
def test_triplets_see_p_different_classes_and_k_faces_of_each(found: list[int], p: int, k: int) -> None:
    labels = dense(found)
    config = TrainingConfig(loss="triplet", classes_per_batch=p, faces_per_class=k)
    rows = epoch_batches(labels, config, 0).rows
    for batch in rows:
        of_class = labels[batch].reshape(-1, k)
        assert np.all(of_class == of_class[:, :1])
        assert len(np.unique(of_class[:, 0])) == min(p, labels.max() + 1)
        for faces in batch.reshape(-1, k):
            there = np.sum(labels == labels[faces[0]])
            assert len(np.unique(faces)) == min(k, there)
    drawn = np.bincount(labels[rows.ravel()], minlength=labels.max() + 1)
    assert np.ptp(drawn) <= k  # every class equally often, whatever its size


def test_the_order_depends_on_seed_and_epoch_alone() -> None:
    labels, config = np.repeat(np.arange(3, dtype=np.int32), 9), TrainingConfig()
    assert np.array_equal(epoch_batches(labels, config, 4).rows, epoch_batches(labels, config, 4).rows)
    assert not np.array_equal(epoch_batches(labels, config, 4).rows, epoch_batches(labels, config, 5).rows)
    other = replace(config, seed=1)
    assert not np.array_equal(epoch_batches(labels, config, 4).rows, epoch_batches(labels, other, 4).rows)


def test_what_shares_an_individual_or_a_publication_or_pixels_is_joined_in_chains() -> None:
    individual = ["a", "a", "b", "c", None, "d"]
    publication = [None, "1", "1", "2", None, "2"]
    assert joined_groups(6, individual, publication).tolist() == [0, 0, 0, 1, 2, 1]
    assert joined_groups(3).tolist() == [0, 1, 2]
    chips = np.zeros((3, 4, 4, 3), np.uint8)
    chips[1] = 1
    assert joined_groups(3, digests(chips)).tolist() == [0, 1, 0]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1000), st.sampled_from([0.0, 0.1, 0.25, 0.5]), st.integers(1, 2))
def test_no_group_stands_on_both_sides_and_every_class_keeps_its_training_faces(
    seed: int, share: float, least: int
) -> None:
    random = np.random.default_rng(seed)
    labels = np.concatenate([np.repeat(np.arange(4), 2), random.integers(0, 4, 30)]).astype(np.int32)
    groups = joined_groups(38, [str(g) for g in random.integers(0, 15, 38)])
    held = held_out(labels, groups, TrainingConfig(validation=share, seed=seed), least)
    assert not set(groups[held]) & set(groups[~held])
    assert held.sum() <= round(share * 38)
    assert np.bincount(labels[~held], minlength=4).min() >= least


def test_a_share_of_single_faces_is_met_exactly() -> None:
    labels = np.repeat(np.arange(5, dtype=np.int32), 20)
    held = held_out(labels, np.arange(100, dtype=np.int32), TrainingConfig(validation=0.3), 1)
    assert held.sum() == 30


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"loss": "softmax"}, "loss must be one of arcface, triplet; not 'softmax'"),
        ({"optimiser": "lion"}, "optimiser must be one of adamw, sgd"),
        ({"precision": "float16"}, "precision must be one of float32, bfloat16"),
        ({"epochs": 0}, "epochs must be a whole number of at least 1, not 0"),
        ({"steps": 2.5}, "steps must be a whole number"),
        ({"learning_rate": -1.0}, "learning_rate must be from 0 to 1000, not -1.0"),
        ({"margin": 2.0}, "margin must be from 0 to 1.56"),
        ({"validation": float("nan")}, "validation must be from 0 to 0.9, not nan"),
        ({"loss": "triplet", "trained_blocks": 0}, "leaves triplets nothing to train"),
        ({"augmentation": None}, "augmentation must be an Augmentation"),
        ({"seed": True}, "seed must be a whole number"),
    ],
)
def test_a_setting_out_of_its_range_is_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        TrainingConfig(**settings)


def test_settings_are_hashable_and_survive_json() -> None:
    config = TrainingConfig(loss="triplet", margin=0.4, augmentation=Augmentation(flip=0.0), trained_blocks=2)
    assert TrainingConfig.from_dict(config.to_dict()) == config
    assert len({config, TrainingConfig.from_dict(config.to_dict()), TrainingConfig()}) == 2
    with pytest.raises(ConfigError, match="unknown training settings: speed"):
        TrainingConfig.from_dict({"speed": 1})
    with pytest.raises(ConfigError, match="augmentation"):
        TrainingConfig.from_dict({"augmentation": {"blur": 1}})
