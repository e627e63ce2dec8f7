"""A two-sample test that needs no classifier: whether a kernel sees cases and controls differ.

The squared maximum mean discrepancy is the mean kernel value between two cases, plus that between two controls, minus
twice that between a case and a control. It answers another question than the AUC: any difference counts, controls that
resemble each other more than cases do included.

Source: Gretton et al., J Mach Learn Res 2012;13:723-773, the unbiased statistic (their lemma 6), here with groups.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phenojax.stats.design import Design


class _Units(NamedTuple):
    """What takes a label as one: a pure group, or a member of a mixed group."""

    kernel: NDArray[np.float64]
    first: NDArray[np.int64]
    as_case: NDArray[np.float64]
    as_control: NDArray[np.float64]


def mmd_statistic(kernel: NDArray[np.floating], labels: NDArray[np.bool_], design: Design) -> NDArray[np.float64]:
    """The squared discrepancy for each labelling, float64 ``(p,)``; large where cases and controls differ.

    Every group with a case weighs alike among the cases, and every group with a control among the controls. Pairs of
    one group, an individual with itself included, do not count: that a publication resembles itself is no evidence.
    The cost is one product of ``(p, u)`` and ``(u, u)`` matrices in float64, u being the pure groups plus the members
    of mixed groups; two products where there are mixed groups.

    Args:
        kernel: ``(n, n)``, symmetric, positive semidefinite.
        labels: bool ``(p, n)``, exchangeable labellings of ``design`` (`draw_labels`, `all_labels`, the observed).
        design: of the observed labels.

    Returns:
        NaN where a class has fewer than two groups.
    """
    units = _units(kernel, design)
    n_case = int(design.has_case.sum())
    n_control = int((design.is_mixed | ~design.has_case).sum())
    if n_case < 2 or n_control < 2:
        return np.full(len(labels), np.nan)
    is_case = labels[:, units.first]
    cases = is_case * units.as_case
    controls = ~is_case * units.as_control
    to_cases = cases @ units.kernel
    # without mixed groups both classes weigh units alike, and the two add up to the same for every labelling
    to_controls = controls @ units.kernel if design.is_mixed.any() else units.kernel.sum(axis=0) - to_cases
    within_cases = _inner(to_cases, cases) / (n_case * (n_case - 1))
    within_controls = _inner(to_controls, controls) / (n_control * (n_control - 1))
    # a mixed group's cases are not compared with its controls
    between = _inner(to_cases, controls) / (n_case * n_control - int(design.is_mixed.sum()))
    return np.asarray(within_cases + within_controls - 2 * between)


def _inner(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.einsum("pu,pu->p", a, b))


def _units(kernel: NDArray[np.floating], design: Design) -> _Units:
    mixed = design.is_mixed[design.groups]
    key = np.where(mixed, design.n_groups + np.arange(len(mixed)), design.groups)
    first, unit = np.unique(key, return_index=True, return_inverse=True)[1:]
    group = design.groups[first]
    same_group = group[:, None] == group[None, :]
    between_units = _mean_blocks(_mean_blocks(kernel.astype(np.float64), unit).T, unit)
    between_units[same_group] = 0.0
    n_cases = np.bincount(design.groups, weights=design.labels, minlength=design.n_groups)
    n_controls = np.bincount(design.groups, minlength=design.n_groups) - n_cases
    of_unit = design.is_mixed[group]
    as_case, as_control = (np.where(of_unit, 1 / np.maximum(n[group], 1), 1.0) for n in (n_cases, n_controls))
    return _Units(between_units, first, as_case, as_control)


def _mean_blocks(values: NDArray[np.float64], unit: NDArray[np.int64]) -> NDArray[np.float64]:
    """Mean of the rows of each unit; units are 0 .. u - 1."""
    size = np.bincount(unit)
    sums = np.add.reduceat(values[np.argsort(unit, kind="stable")], np.cumsum(size) - size, axis=0)
    return np.asarray(sums / size[:, None])
