"""Fine-tuning learns, repeats itself, trains only what it was told to, and stops with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from face.training.make_faces import drawn_faces, small_encoder

from phenojax.errors import ConfigError, TrainingError, WeightsError
from phenojax.face.encoders.ensemble import Ensemble
from phenojax.face.training.blocks import block_order, parted
from phenojax.face.training.config import Augmentation, TrainingConfig
from phenojax.face.training.evaluation import comparable, embed_chips
from phenojax.face.training.fit import TrainingResult, fine_tune
from phenojax.face.training.step import Batch, Plan, compiled_config, start_state, train_step
from phenojax.face.weights.card import Distance

CHIPS, LABELS = drawn_faces(4, 25)
MILD = Augmentation(flip=0.0, brightness=0.05, contrast=0.05, crop=0.05)
ARCFACE = TrainingConfig(
    scale=16.0,
    margin=0.3,
    steps=40,
    batch_size=16,
    learning_rate=3e-3,
    centre_rate=1e-2,
    augmentation=MILD,
    validation=0.3,
)
TRIPLET = TrainingConfig(
    loss="triplet",
    steps=40,
    classes_per_batch=4,
    faces_per_class=4,
    learning_rate=3e-3,
    augmentation=MILD,
    validation=0.3,
)


def leaves_equal(one: object, other: object) -> bool:
    a, b = jax.tree.leaves(one), jax.tree.leaves(other)
    return len(a) == len(b) and all(np.array_equal(np.asarray(x), np.asarray(y)) for x, y in zip(a, b, strict=True))


def fall(result: TrainingResult) -> float:
    """The mean loss of the last five steps over that of the first five."""
    losses = [row.loss for row in result.history[1:]]
    assert len(losses) == 40
    return np.mean(losses[-5:]) / np.mean(losses[:5])


@pytest.fixture(scope="module")
def arcface_run() -> TrainingResult:
    encoder = small_encoder()
    before = jax.tree.map(np.array, encoder.params)
    result = fine_tune(encoder, CHIPS, LABELS, ARCFACE)
    assert leaves_equal(encoder.params, before)  # and readable: the buffers that are used up are copies
    return result


@pytest.fixture(scope="module")
def triplet_run() -> TrainingResult:
    return fine_tune(small_encoder(Distance.COSINE), CHIPS, LABELS, TRIPLET)


@pytest.mark.parametrize("run", ["arcface_run", "triplet_run"])
def test_the_loss_falls_and_held_out_faces_are_told_apart_better(run: str, request: pytest.FixtureRequest) -> None:
    result: TrainingResult = request.getfixturevalue(run)
    assert fall(result) < 0.6
    assert result.before is not None
    assert result.after is not None
    assert result.after.auc > result.before.auc + 0.1
    assert result.after.n == 30
    assert result.after.n_pairs == 30 * 29 // 2
    assert result.n_training == 70
    assert (result.centres is None) == (run == "triplet_run")


def test_the_same_seed_gives_the_same_weights_bit_by_bit_and_another_seed_others(arcface_run: TrainingResult) -> None:
    again = fine_tune(small_encoder(), CHIPS, LABELS, ARCFACE)
    assert leaves_equal(again.encoder.params, arcface_run.encoder.params)
    assert again.history == arcface_run.history
    other = fine_tune(small_encoder(), CHIPS, LABELS, replace(ARCFACE, seed=1))
    assert not leaves_equal(other.encoder.params, arcface_run.encoder.params)


def test_the_step_is_compiled_once_for_all_epochs_and_seeds(arcface_run: TrainingResult) -> None:
    compiled = train_step._cache_size()
    result = fine_tune(small_encoder(), CHIPS, LABELS, replace(ARCFACE, seed=2, checkpoint_every=7))
    assert result.history[-1].epoch == 7  # 40 steps of 16 among 70 faces: the fifth batch of each is padded
    assert train_step._cache_size() == compiled


def test_blocks_are_ordered_as_a_chip_meets_them_and_the_last_ones_are_trained() -> None:
    encoder = small_encoder()
    assert block_order(encoder.module, 16) == ("stem", "block", "a_last")
    for blocks, trained in ((0, ""), (1, "a_last"), (2, "block a_last"), (9, "stem block a_last")):
        stay, change = parted(encoder, blocks)
        assert tuple(change) == tuple(trained.split())
        assert {**stay, **change}.keys() == encoder.params.keys()
    with pytest.raises(WeightsError, match="the weights of small have the blocks stem, its network a_last, block"):
        parted(replace(encoder, params={"stem": encoder.params["stem"]}), None)


@pytest.mark.parametrize(("blocks", "changed"), [(0, set()), (1, {"a_last"})])
def test_frozen_blocks_do_not_change(blocks: int, changed: set[str]) -> None:
    encoder = small_encoder()
    result = fine_tune(encoder, CHIPS, LABELS, replace(ARCFACE, trained_blocks=blocks, centre_rate=0.1))
    assert {n for n in encoder.params if not leaves_equal(encoder.params[n], result.encoder.params[n])} == changed
    assert fall(result) < 0.9


def test_sgd_in_bfloat16_learns_from_random_centres_and_keeps_float32_weights() -> None:
    slow = replace(ARCFACE, optimiser="sgd", learning_rate=1e-3, centre_rate=1e-1)
    config = replace(slow, precision="bfloat16", centres="random")
    result = fine_tune(small_encoder(), CHIPS, LABELS, config)
    assert fall(result) < 0.8
    assert {leaf.dtype.name for leaf in jax.tree.leaves(result.encoder.params)} == {"float32"}


@pytest.mark.parametrize("loss", ["arcface", "triplet"])
def test_in_bfloat16_the_network_alone_is_and_loss_weights_and_optimiser_are_float32(loss: str) -> None:
    config = replace(ARCFACE if loss == "arcface" else TRIPLET, precision="bfloat16", margin=None)
    encoder, labels = small_encoder(), jnp.arange(16) % 4
    plan = Plan(encoder.module, encoder.preprocessing, compiled_config(config), True, 40)
    centres = jnp.ones((4, 8)) if loss == "arcface" else None
    state = start_state(plan, dict(encoder.params), centres, seed=0)
    program = jax.make_jaxpr(train_step, static_argnums=0)(
        plan, state, {}, Batch(CHIPS[:16], labels, jnp.ones(16, jnp.float32))
    )
    used: dict[str, set[str]] = {}
    for equation in equations(program.jaxpr):
        kinds = {v.aval.dtype.name for v in equation.invars if jnp.issubdtype(v.aval.dtype, jnp.inexact)}
        used.setdefault(equation.primitive.name, set()).update(kinds)
    assert used["conv_general_dilated"] == {"bfloat16"}
    assert used["dot_general"] == {"bfloat16", "float32"}  # the encoder's last matrix; the crop and the loss
    for name in {"exp", "log", "sqrt", "rsqrt", "argmax", "cos"} & set(used):  # losses and Adam
        assert used[name] == {"float32"}, name
    kinds = [leaf.dtype for leaf in program.out_avals if jnp.issubdtype(leaf.dtype, jnp.inexact)]
    assert set(kinds) == {jnp.dtype("float32")}
    assert len(kinds) >= 3 * len(jax.tree.leaves(state.params))  # weights and both moments


def equations(jaxpr: Any) -> Iterator[Any]:
    """Every operation of a program, those inside of others too."""
    for equation in jaxpr.eqns:
        yield equation
        for value in jax.tree.leaves(list(equation.params.values()), is_leaf=lambda x: hasattr(x, "eqns")):
            inner = getattr(value, "jaxpr", value)
            if hasattr(inner, "eqns"):
                yield from equations(inner)


def test_a_rare_class_weighs_more_when_balanced(arcface_run: TrainingResult) -> None:
    kept = [*range(75), 75, 76]
    chips, labels = CHIPS[kept], [LABELS[i] for i in kept]
    plain, balanced = (
        fine_tune(small_encoder(), chips, labels, replace(ARCFACE, class_balance=balance, validation=0.0))
        for balance in (0.0, 1.0)
    )
    assert plain.before is None
    assert plain.after is None
    rare = labels.index("class 3")
    cosines = [_cosine_to_centre(result, chips[rare : rare + 2], 3) for result in (plain, balanced)]
    assert cosines[1] > cosines[0]


def _cosine_to_centre(result: TrainingResult, chips: np.ndarray, label: int) -> float:
    vectors = comparable(embed_chips(result.encoder, chips), Distance.COSINE)
    centre = comparable(result.centres[label : label + 1], Distance.COSINE)
    return float((vectors @ centre.T).mean())


def test_a_run_that_diverges_stops_and_says_which_checkpoint_is_good(tmp_path: Path) -> None:
    config = replace(
        ARCFACE, optimiser="sgd", learning_rate=1e3, clip_norm=1e30, weight_decay=1e3, checkpoint_every=1, warmup=0.5
    )
    with pytest.raises(TrainingError, match=r"step \d+: loss .* the checkpoint of step \d+ is good"):
        fine_tune(small_encoder(), CHIPS, LABELS, config, checkpoints=tmp_path / "run")


def test_progress_hears_of_every_step_in_order(arcface_run: TrainingResult) -> None:
    heard: list[tuple[int, int]] = []
    config = replace(ARCFACE, checkpoint_every=15)
    result = fine_tune(
        small_encoder(), CHIPS, LABELS, config, progress=lambda row, total: heard.append((row.step, total))
    )
    assert heard == [(step, 40) for step in range(1, 41)]
    assert [row.step for row in result.history if row.validation_auc is not None] == [0, 15, 30, 40]


@pytest.mark.parametrize(
    ("chips", "labels", "config", "message"),
    [
        (CHIPS, ["one"] * 100, ARCFACE, "at least two classes; all 100 faces are of 'one'"),
        (CHIPS[:0], [], ARCFACE, "at least two classes; there are no faces"),
        (CHIPS, LABELS[:-1], ARCFACE, "100 chips, 99 labels"),
        (CHIPS.astype(np.float32), LABELS, ARCFACE, r"uint8 of shape \(n, 16, 16, 3\)"),
        (CHIPS[:, :8], LABELS, ARCFACE, r"not uint8 \(100, 8, 16, 3\)"),
        (CHIPS[:26], LABELS[:26], TRIPLET, "at least two faces of each class; one only: class 1"),
        (CHIPS, [None, *LABELS[1:]], ARCFACE, r"labels must be names, not None \(at 0\)"),
    ],
)
def test_what_cannot_be_trained_on_is_refused(chips, labels, config, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        fine_tune(small_encoder(), chips, labels, config)


def test_an_ensemble_is_refused() -> None:
    ensemble = replace(small_encoder(), module=Ensemble(networks=((1, 1, 1, 1),)))
    with pytest.raises(ConfigError, match="is an ensemble"):
        fine_tune(ensemble, CHIPS, LABELS, ARCFACE)
