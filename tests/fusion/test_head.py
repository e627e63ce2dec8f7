"""The fusion head starts as the fixed kernel, learns across genes, and knows nothing of the genes it is meant for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("haiku", reason="dm-haiku (the extra 'head') is not installed")

import jax
import jax.numpy as jnp
from fusion.make_gene_cohort import BRANCHES, make_gene_cohort
from fusion.make_sample import make_sample

from phenojax.fusion import head, prototype_scores
from phenojax.fusion.directions import publication_directions, unit_closures
from phenojax.fusion.meta import MetaConfig, prototype, ridge, scores, smooth_auc_loss, task_loss
from phenojax.fusion.tasks import CrossFitted, TaskConfig, cross_fit, make_tasks, usable

SMALL = TaskConfig(size=48, max_cases=9, draws=1, term_step=8, gene_folds=3, directions=8)
QUICK = MetaConfig(steps=80, batch=8, rate=0.05, folds=3)


def with_directions(seed: int = 0) -> tuple[np.ndarray, head.Terms]:
    cohort, terms = make_gene_cohort(seed)
    x = unit_closures(cohort.features, terms.conditional_ic)
    found = publication_directions(x, cohort.genes, cohort.groups, np.arange(len(x)), 8)
    return cohort.features, terms._replace(**found._asdict())


def moved(**changes: object) -> head.Params:
    params = head.init(BRANCHES)
    (module,) = params
    return {module: {**params[module], **{name: jnp.asarray(value, jnp.float32) for name, value in changes.items()}}}


def test_the_untrained_head_is_the_fixed_kernel() -> None:
    features, terms = with_directions()
    x = features * np.sqrt(terms.conditional_ic.astype(np.float64))
    x = x / np.linalg.norm(x, axis=1, keepdims=True)
    expected = np.exp(4 * (x @ x.T - 1))
    np.testing.assert_allclose(head.hpo_kernel(head.init(BRANCHES), features, terms), expected, atol=1e-6)


def test_an_individual_without_terms_is_like_nobody_and_breaks_nothing() -> None:
    features, terms = with_directions()
    features = features.copy()
    features[3] = False
    kernel = np.asarray(head.hpo_kernel(moved(publication=1.0), features, terms))
    np.testing.assert_allclose(kernel[3], np.exp(-4), atol=1e-6)
    assert np.isfinite(kernel).all()


def test_a_term_in_two_branches_weighs_the_mean_of_their_weights() -> None:
    _, terms = with_directions()
    shared = terms.branches.copy()
    shared[:, 0] = [0.5, 0.5, 0.0]
    weights = head.term_weights(moved(branch=np.log([3.0, 1.0, 1.0])), terms._replace(branches=shared))
    assert weights[0] == pytest.approx(2 * terms.conditional_ic[0], rel=1e-5)
    assert weights[1] == pytest.approx(3 * terms.conditional_ic[1], rel=1e-5)
    assert weights[-1] == pytest.approx(terms.conditional_ic[-1], rel=1e-5)


def test_a_term_of_padding_weighs_nothing_whatever_the_gates() -> None:
    _, terms = with_directions()
    padded = terms._replace(conditional_ic=np.append(terms.conditional_ic[:-1], np.float32(0)))
    params = moved(log_gamma=-3.0, by_ic=np.full(len(head.IC_KNOTS), 2.0))
    assert head.term_weights(params, padded)[-1] == 0


@pytest.mark.parametrize("publication", [-2.0, 0.0, 1.0, 4.0])
def test_the_kernel_is_positive_semidefinite_with_a_diagonal_of_one(publication: float) -> None:
    features, terms = with_directions()
    kernel = np.asarray(head.hpo_kernel(moved(publication=publication, branch=[1.0, -1.0, 0.3]), features, terms))
    np.testing.assert_allclose(np.diag(kernel), 1, atol=1e-5)
    assert np.linalg.eigvalsh(kernel.astype(np.float64)).min() > -1e-4


def test_directions_are_orthonormal_and_lie_in_the_branch_in_which_publications_differ() -> None:
    _, terms = with_directions()
    np.testing.assert_allclose(terms.directions.T @ terms.directions, np.eye(8), atol=1e-4)
    assert terms.spread[0] == 1
    assert (np.diff(terms.spread) <= 0).all()
    in_branch = terms.branches @ (terms.directions[:, :4] ** 2).sum(axis=1) / 4
    assert in_branch[1] > 0.6


def test_directions_are_those_of_the_covariance_between_publications() -> None:
    cohort, terms = make_gene_cohort(1)
    x = unit_closures(cohort.features, terms.conditional_ic)
    covariance = np.zeros((x.shape[1],) * 2)
    for gene in range(15):
        codes = np.unique(cohort.groups[cohort.genes == gene])
        covariance += np.cov(np.array([x[cohort.groups == code].mean(axis=0) for code in codes]), rowvar=False)
    values, vectors = np.linalg.eigh(covariance)
    found = publication_directions(x, cohort.genes, cohort.groups, np.arange(len(x)), 3)
    np.testing.assert_allclose(found.spread, values[::-1][:3] / values[-1], rtol=1e-4)
    np.testing.assert_allclose(np.abs(np.diag(found.directions.T @ vectors[:, ::-1][:, :3])), 1, atol=1e-3)


def test_who_lacks_a_modality_is_compared_by_the_other() -> None:
    rng = np.random.default_rng(0)
    kernels = rng.random((2, 4, 4)).astype(np.float32)
    present = np.array([[1, 1, 1, 0], [1, 1, 0, 1]], dtype=bool)
    kernels[1, 2] = kernels[1, :, 2] = np.nan
    joint = np.asarray(head.fused_kernel(moved(modality=np.log(3.0)), kernels, present, BRANCHES))
    assert joint[0, 1] == pytest.approx(0.25 * kernels[0, 0, 1] + 0.75 * kernels[1, 0, 1], rel=1e-5)
    assert joint[0, 2] == pytest.approx(0.25 * kernels[0, 0, 2] / np.sqrt(0.25), rel=1e-5)
    assert joint[2, 2] == pytest.approx(kernels[0, 2, 2], rel=1e-5)
    assert joint[2, 3] == 0


@pytest.mark.parametrize("seed", range(2))
def test_the_prototype_of_training_is_that_of_the_screen(seed: int) -> None:
    sample = make_sample(seed, p=1)
    arrays = [jnp.asarray(a) for a in (sample.kernel, sample.labels, sample.folds, sample.groups, sample.valid)]
    expected = prototype_scores(*arrays, 3)[0]
    kernel, labels, folds, groups, valid = arrays
    np.testing.assert_allclose(prototype(kernel, labels[0], groups, folds[0], valid), expected, atol=2e-6)


def test_the_ridge_sees_nothing_of_its_own_fold_and_solves_the_weighted_least_squares() -> None:
    sample = make_sample(2, p=1)
    y, folds, groups = sample.labels[0], sample.folds[0], sample.groups
    kernel = sample.kernel.astype(np.float64)
    expected = np.zeros(len(y))
    for fold in range(3):
        train_rows = np.flatnonzero(folds != fold)
        weight = np.array([1 / ((groups[train_rows] == groups[i]) & (y[train_rows] == y[i])).sum() for i in train_rows])
        for label in (True, False):
            weight[y[train_rows] == label] /= weight[y[train_rows] == label].sum()
        weight *= len(train_rows) / 2
        # minimise sum w (y - K a)^2 + 0.7 a' K a by its normal equations
        k, target = kernel[np.ix_(train_rows, train_rows)], np.where(y[train_rows], 1.0, -1.0)
        alpha = np.linalg.lstsq(k @ np.diag(weight) @ k + 0.7 * k, k @ (weight * target), rcond=None)[0]
        expected[folds == fold] = kernel[np.ix_(folds == fold, train_rows)] @ alpha
    found = ridge(*map(jnp.asarray, (sample.kernel, y, groups, folds, sample.valid)), 0.7, 3)
    np.testing.assert_allclose(found, expected, atol=2e-4)


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_the_gradient_through_the_closed_form_is_that_of_finite_differences(share: float) -> None:
    sample = make_sample(4, p=1)
    config = MetaConfig(ridge=share, folds=3)
    rng = np.random.default_rng(0)
    towards = rng.normal(size=sample.kernel.shape)
    towards = towards + towards.T
    with jax.enable_x64(True):
        rest = [jnp.asarray(a) for a in (sample.labels[0], sample.groups, sample.folds[0], sample.valid)]
        kernel = jnp.asarray(sample.kernel, jnp.float64)

        def loss(step: jax.Array) -> jax.Array:
            return smooth_auc_loss(scores(kernel + step * towards, *rest, config), rest[0], rest[-1])

        slope = float(jax.jit(jax.grad(loss))(jnp.float64(0)))
        up, down = (float(jax.jit(loss)(jnp.float64(step))) for step in (1e-4, -1e-4))
    assert abs(slope) > 1e-3
    assert slope == pytest.approx((up - down) / 2e-4, rel=1e-4)


def test_training_lowers_the_loss_and_raises_the_gate_of_the_branch_that_tells_genes_apart() -> None:
    fitted = fit(*make_gene_cohort(), replace(QUICK, trained=("branch",)))
    assert fitted.losses[:, -20:].mean() < 0.8 * fitted.losses[:, :5].mean()
    for params in fitted.params:
        gate = head.gates(params, BRANCHES).branch
        assert gate[0] > 0.3
        assert gate[0] > max(gate[1], gate[2]) + 0.5


def test_training_takes_off_what_tells_publications_apart_and_moves_nothing_else() -> None:
    for params in fit(*make_gene_cohort(), replace(QUICK, trained=("publication",))).params:
        found = head.gates(params, BRANCHES)
        assert found.publication > 0.2
        assert found.log_gamma == found.log_beta == found.modality == 0
        assert (found.branch == 0).all()
        assert (found.by_ic == 0).all()


def test_a_seed_gives_the_same_head_to_the_last_bit() -> None:
    cohort, terms = make_gene_cohort()
    assert_equal_heads(fit(cohort, terms), fit(cohort, terms))


def test_the_genes_of_a_fold_have_no_say_in_their_own_head() -> None:
    cohort, terms = make_gene_cohort()
    before = fit(cohort, terms)
    mine = np.flatnonzero(np.append(before.fold_of_gene == 0, False)[cohort.genes])
    rng = np.random.default_rng(1)
    # labels are dealt anew among the carriers of the fold's genes, and their terms are drawn anew
    genes, features = cohort.genes.copy(), cohort.features.copy()
    genes[mine] = rng.permutation(genes[mine])
    features[mine] = rng.random(features[mine].shape) < 0.5
    after = fit(cohort._replace(genes=genes, features=features), terms)
    assert_equal_heads(before, after, folds=[0])
    with pytest.raises(AssertionError):
        assert_equal_heads(before, after, folds=[1])


def test_whoever_shares_a_publication_with_a_carrier_is_left_out_too() -> None:
    cohort, _ = make_gene_cohort()
    groups = cohort.groups.copy()
    groups[-1] = groups[cohort.genes == 2][0]
    rows = usable(cohort._replace(groups=groups), np.arange(15) == 2)
    assert not np.isin(np.flatnonzero(cohort.genes == 2), rows).any()
    assert len(groups) - 1 not in rows
    assert len(groups) - 2 in rows


def test_padding_changes_nothing() -> None:
    cohort, terms = make_gene_cohort()
    loss = []
    for size, step in ((48, 1), (64, 64)):
        config = TaskConfig(size=48, max_cases=9, draws=1, term_step=step)
        tasks = make_tasks(cohort, np.arange(len(cohort.genes)), np.zeros(15, int), 3, [0], config)
        one = jax.tree.map(lambda a: a[0], tasks)
        more = (0, size - 48)
        one = one._replace(
            features=np.pad(one.features, (more, (0, 0)), constant_values=1), labels=np.pad(one.labels, more),
            groups=np.pad(one.groups, more), folds=np.pad(one.folds, more), valid=np.pad(one.valid, more),
        )  # fmt: skip
        stacked = terms._replace(directions=terms.directions[None], spread=terms.spread[None])
        loss.append(
            jax.jit(task_loss, static_argnums=3)(head.init(BRANCHES), one, stacked, MetaConfig(ridge=0.5, folds=3))
        )
    assert loss[0] == pytest.approx(float(loss[1]), rel=1e-4)


def test_a_cohort_without_genes_to_learn_from_is_refused() -> None:
    cohort, terms = make_gene_cohort(n_genes=3, papers=1)
    with pytest.raises(ValueError, match="no gene has 5 carriers from 2 groups outside fold 0"):
        fit(cohort, terms)


def fit(cohort: object, terms: head.Terms, meta: MetaConfig = QUICK) -> CrossFitted:
    return cross_fit(cohort, terms, seed=3, task=SMALL, meta=meta)


def assert_equal_heads(a: CrossFitted, b: CrossFitted, folds: list[int] | None = None) -> None:
    for fold in range(len(a.params)) if folds is None else folds:
        mine, other = a.params[fold], b.params[fold]
        jax.tree.map(np.testing.assert_array_equal, mine, other)
        jax.tree.map(np.testing.assert_array_equal, tuple(a.terms[fold]), tuple(b.terms[fold]))
