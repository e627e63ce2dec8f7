"""One gene (or one comparison): its sample, its test, its row of results."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from phenojax import stats
from phenojax.explain import TermCounts, compare_terms, term_counts
from phenojax.screen.config import Controls
from phenojax.screen.confounders import Confounder, find_confounders
from phenojax.screen.covariates import strata_of
from phenojax.screen.plan import Plan, draw_controls, match_all, match_controls
from phenojax.screen.prepare import Prepared
from phenojax.screen.results import Status
from phenojax.screen.sample import Sample, SampleTest, run_sample

logger = logging.getLogger("phenojax")

TERMS_KEPT = 50
FLOOR_NOTE = "p is the smallest that this design can give"
SINGLE_GROUP_NOTE = (
    "all {which} come from one group ({group}); tested without groups, so the result may show that group and nothing "
    "else"
)


@dataclass(frozen=True)
class Found:
    """What was found for one gene; `plan` and `test` are None when it was not tested."""

    gene: str
    status: Status
    n_cases: int
    n_groups: int | None
    note: str = ""
    plan: Plan | None = None
    test: SampleTest | None = None
    terms: TermCounts | None = None
    term_totals: tuple[int, int] = field(default=(0, 0))
    confounders: tuple[Confounder, ...] = ()


def screen_gene(prepared: Prepared, gene: str, carriers: NDArray[np.int64]) -> Found:
    """Test the carriers of one gene against matched controls of other genes.

    A failure becomes a row that says why; it never ends the run.
    """
    cases = carriers[prepared.observed.lengths[carriers] > 0]
    notes: list[str] = []
    if len(cases) < len(carriers):
        notes.append(f"{len(carriers) - len(cases)} without an observed term left out")
    n_groups = None if prepared.groups is None else len(np.unique(prepared.groups[cases]))
    if len(cases) < prepared.config.min_cases:
        notes.insert(0, f"fewer than {prepared.config.min_cases} cases")
        return Found(gene, Status.TOO_FEW_CASES, len(cases), n_groups, "; ".join(notes))

    if prepared.groups is not None and 0 < (unknown := int((~prepared.has_group[cases]).sum())) < len(cases):
        notes.append(f"{unknown} cases have no group and count as one each")
    cases = _thinned(prepared, gene, cases, notes)
    is_other = prepared.observed.lengths > 0
    is_other[carriers] = False
    others = np.flatnonzero(is_other)

    def plan() -> Plan:
        candidates = others
        if prepared.groups is not None:
            candidates = others[~np.isin(prepared.groups[others], prepared.groups[carriers])]
        return _plan(prepared, gene, cases, candidates, notes)

    return _tested(prepared, gene, n_groups, len(cases), notes, plan, others)


def _plan(
    prepared: Prepared, gene: str, cases: NDArray[np.int64], candidates: NDArray[np.int64], notes: list[str]
) -> Plan:
    config = prepared.config
    rng = stats.stream(config.seed, "controls", gene)
    most = max(config.max_individuals - len(cases), len(cases))
    wanted = config.control_draws * max(config.controls_per_case * len(cases), config.min_controls)
    if config.controls is Controls.ALL:
        wanted = len(candidates)
        if wanted > most:
            notes.append(f"{most} of {wanted} possible controls drawn at random")
    if not config.covariates:
        return draw_controls(rng, cases, candidates, prepared.groups, min(wanted, most), most)
    if config.controls is Controls.ALL:
        return match_all(rng, cases, candidates, prepared.covariates, most)
    return match_controls(rng, cases, candidates, prepared.covariates, min(wanted, most))


def compare_sets(prepared: Prepared, name: str, cases: NDArray[np.int64], controls: NDArray[np.int64]) -> Found:
    """Test two given sets of individuals against each other; nobody is matched.

    Left out are individuals without an observed term and, where one set comes from a single group that holds enough of
    the other set too, everybody outside that group: inside it the two differ by the label alone.
    """
    has_terms = prepared.observed.lengths > 0
    kept_cases, kept_controls = cases[has_terms[cases]], controls[has_terms[controls]]
    dropped = len(cases) + len(controls) - len(kept_cases) - len(kept_controls)
    notes = [f"{dropped} without an observed term left out"] if dropped else []
    kept_cases, kept_controls = _inside_one_group(prepared, kept_cases, kept_controls, notes)
    n_groups = None if prepared.groups is None else len(np.unique(prepared.groups[kept_cases]))
    smaller = min(len(kept_cases), len(kept_controls))
    if smaller < prepared.config.min_cases:
        notes.insert(0, f"a set has {smaller} individuals, fewer than {prepared.config.min_cases}")
        return Found(name, Status.TOO_FEW_CASES, len(kept_cases), n_groups, "; ".join(notes))
    kept_cases = _thinned(prepared, f"{name}, cases", kept_cases, notes)
    kept_controls = _thinned(prepared, f"{name}, controls", kept_controls, notes)
    rows = np.concatenate([kept_cases, kept_controls])
    plan = Plan(rows, np.arange(len(rows)) < len(kept_cases))
    return _tested(prepared, name, n_groups, len(kept_cases), notes, lambda: plan, kept_controls)


def _inside_one_group(
    prepared: Prepared, cases: NDArray[np.int64], controls: NDArray[np.int64], notes: list[str]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Keep to the one group that a whole set comes from, if it holds `min_cases` of the other set."""
    if prepared.groups is None or len(cases) == 0 or len(controls) == 0:
        return cases, controls
    kept = {}
    for name, mine, other in (("controls", cases, controls), ("cases", controls, cases)):
        codes = np.unique(prepared.groups[mine])
        inside = other[np.isin(prepared.groups[other], codes)]
        kept[name] = inside if len(codes) == 1 and len(inside) >= prepared.config.min_cases else other
    left_out = len(cases) + len(controls) - len(kept["cases"]) - len(kept["controls"])
    if left_out:
        notes.append(f"tested inside the one group that holds both sets; {left_out} of other groups left out")
    return kept["cases"], kept["controls"]


def _thinned(prepared: Prepared, purpose: str, rows: NDArray[np.int64], notes: list[str]) -> NDArray[np.int64]:
    """At most half of `max_individuals`, drawn at random, so that no sample outgrows the memory."""
    most = prepared.config.max_individuals // 2
    if len(rows) <= most:
        return rows
    notes.append(f"{most} of {len(rows)} drawn at random")
    return np.sort(stats.stream(prepared.config.seed, "thin", purpose).choice(rows, most, replace=False))


def _tested(
    prepared: Prepared,
    name: str,
    n_groups: int | None,
    n_cases: int,
    notes: list[str],
    make_plan: Callable[[], Plan],
    others: NDArray[np.int64],
) -> Found:
    try:
        plan = make_plan()
        groups = None if prepared.groups is None else prepared.groups[plan.rows]
        if groups is not None and len(np.unique(groups)) == 1:
            groups = None  # one group in all: it cannot tell the two sets apart
        status = Status.OK
        single = None if groups is None else _single_group(prepared, plan, groups)
        if single is not None:
            notes.insert(0, single)
            status, groups = Status.SINGLE_GROUP, None
        strata = strata_of(prepared.strata, plan.rows) if prepared.strata else None
        design = stats.make_design(plan.labels, groups, plan.matched_sets, strata)
        confounders = find_confounders(prepared.checked, plan.rows, design, prepared.config.seed, name)
        notes.extend(f"the label is predicted by {confounder}" for confounder in confounders)
        kernel, similarity = prepared.matrices(plan.rows)
        sample = Sample(kernel, similarity, plan.labels, groups, plan.matched_sets, strata)
        test = run_sample(sample, prepared.config, name)
        n_terms = prepared.ontology.n_terms
        cases = plan.rows[plan.labels]
        terms = compare_terms(
            term_counts(prepared.closures, n_terms, cases),
            len(cases),
            term_counts(prepared.closures, n_terms, others),
            len(others),
            TERMS_KEPT,
        )
    except Exception as error:
        logger.warning("%s failed: %s", name, error, exc_info=not isinstance(error, ValueError))
        notes.insert(0, f"{type(error).__name__}: {error}")
        return Found(name, Status.FAILED, n_cases, n_groups, "; ".join(notes))
    if math.isclose(test.p_value, test.min_p):
        notes.append(FLOOR_NOTE)
    totals = (len(cases), len(others))
    return Found(name, status, n_cases, n_groups, "; ".join(notes), plan, test, terms, totals, confounders)


def _single_group(prepared: Prepared, plan: Plan, groups: NDArray[np.int64]) -> str | None:
    """A note when the cases, or the controls, all come from one group."""
    column = prepared.config.group or ""
    for which, rows in (("cases", plan.labels), ("controls", ~plan.labels)):
        if rows.any() and len(np.unique(groups[rows])) == 1:
            value = prepared.cohort.values(column)[int(plan.rows[rows][0])]
            return SINGLE_GROUP_NOTE.format(which=which, group=value)
    return None
