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
from phenojax.models import GeneModel
from phenojax.screen.config import Modality
from phenojax.screen.confounders import Confounder, find_confounders
from phenojax.screen.controls import choose_controls
from phenojax.screen.covariates import strata_of
from phenojax.screen.model import fit_model
from phenojax.screen.plan import Plan
from phenojax.screen.prepare import Prepared
from phenojax.screen.results import Status
from phenojax.screen.sample import Sample, SampleTest, cross_validated_auc, run_sample

logger = logging.getLogger("phenojax")

TERMS_KEPT = 50
TERM, FACE = "observed term", "embedded photograph"
LOOKED_AT = {Modality.HPO: f"an {TERM}", Modality.FACE: f"an {FACE}", Modality.BOTH: f"any {TERM} or {FACE}"}
FLOOR_NOTE = "p is the smallest that this design and so many draws can give"
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
    modality: Modality = Modality.HPO
    confounders: tuple[Confounder, ...] = ()
    model: GeneModel | None = None


def screen_gene(
    prepared: Prepared,
    gene: str,
    carriers: NDArray[np.int64],
    modality: Modality = Modality.HPO,
) -> Found:
    """Test the carriers of one gene against matched controls of other genes, by one modality (not `auto`).

    A failure becomes a row that says why; it never ends the run.
    """
    has = prepared.has(modality)
    cases, notes = carriers[has[carriers]], []
    if len(cases) < len(carriers):
        notes.append(f"{len(carriers) - len(cases)} without {LOOKED_AT[modality]} left out")
    is_other = has.copy()
    is_other[carriers] = False
    others = np.flatnonzero(is_other)
    candidates = others
    if prepared.groups is not None:
        candidates = others[~np.isin(prepared.groups[others], prepared.groups[carriers])]
    kinds = prepared.kinds if modality is Modality.BOTH else None
    if kinds is not None:
        cases = _with_candidates_of_their_kind(cases, candidates, kinds, notes)
    n_groups = _n_groups(prepared, cases)
    if len(cases) < prepared.config.min_cases:
        notes.insert(0, f"fewer than {prepared.config.min_cases} cases")
        return Found(gene, Status.TOO_FEW_CASES, len(cases), n_groups, "; ".join(notes), modality=modality)

    if prepared.groups is not None and 0 < (unknown := int((~prepared.has_group[cases]).sum())) < len(cases):
        notes.append(f"{unknown} cases have no group and count as one each")
    cases = _thinned(prepared, _purpose(gene, modality), cases, notes)
    n_groups = _n_groups(prepared, cases)
    if kinds is not None:
        notes += _lacking(prepared, cases, "cases")

    def plan() -> Plan:
        return choose_controls(prepared, cases, candidates, kinds, notes, *_purpose(gene, modality))

    return _tested(prepared, gene, modality, n_groups, len(cases), notes, plan, others)


def compare_sets(
    prepared: Prepared,
    name: str,
    cases: NDArray[np.int64],
    controls: NDArray[np.int64],
    modality: Modality = Modality.HPO,
) -> Found:
    """Test two given sets of individuals against each other, by one modality (not `auto`); nobody is matched.

    Left out are individuals who lack the modality and, where one set comes from a single group that holds enough of
    the other set too, everybody outside that group: inside it the two differ by the label alone.
    """
    has = prepared.has(modality)
    kept_cases, kept_controls = cases[has[cases]], controls[has[controls]]
    dropped = len(cases) + len(controls) - len(kept_cases) - len(kept_controls)
    notes = [f"{dropped} without {LOOKED_AT[modality]} left out"] if dropped else []
    kept_cases, kept_controls = _inside_one_group(prepared, kept_cases, kept_controls, notes)
    n_groups = _n_groups(prepared, kept_cases)
    smaller = min(len(kept_cases), len(kept_controls))
    if smaller < prepared.config.min_cases:
        notes.insert(0, f"a set has {smaller} individuals, fewer than {prepared.config.min_cases}")
        return Found(name, Status.TOO_FEW_CASES, len(kept_cases), n_groups, "; ".join(notes), modality=modality)
    kept_cases = _thinned(prepared, _purpose(f"{name}, cases", modality), kept_cases, notes)
    kept_controls = _thinned(prepared, _purpose(f"{name}, controls", modality), kept_controls, notes)
    n_groups = _n_groups(prepared, kept_cases)
    if modality is Modality.BOTH:
        notes += [*_lacking(prepared, kept_cases, "cases"), *_lacking(prepared, kept_controls, "controls")]
    rows = np.concatenate([kept_cases, kept_controls])
    plan = Plan(rows, np.arange(len(rows)) < len(kept_cases))
    return _tested(prepared, name, modality, n_groups, len(kept_cases), notes, lambda: plan, kept_controls)


def ungrouped_auc(prepared: Prepared, found: Found) -> float | None:
    """The AUC of a comparison that kept groups whole, had it split them; None where it kept none."""
    if found.plan is None or found.status is not Status.OK or prepared.groups is None:
        return None
    if len(np.unique(prepared.groups[found.plan.rows])) == 1:
        return None
    sample = _sample(prepared, found.plan, None, found.modality)
    return cross_validated_auc(sample, prepared.config, *_purpose(found.gene, found.modality))


def _n_groups(prepared: Prepared, rows: NDArray[np.int64]) -> int | None:
    return None if prepared.groups is None else len(np.unique(prepared.groups[rows]))


def _purpose(name: str, modality: Modality) -> tuple[str, ...]:
    """What names a random stream; that of the terms alone is the same whether or not there are faces."""
    return (name,) if modality is Modality.HPO else (name, modality.value)


def _with_candidates_of_their_kind(
    cases: NDArray[np.int64], candidates: NDArray[np.int64], kinds: NDArray[np.int64], notes: list[str]
) -> NDArray[np.int64]:
    """The cases of each kind for which there are as many candidates: others would be told by their kind alone."""
    n_cases, n_candidates = (np.bincount(kinds[rows], minlength=4) for rows in (cases, candidates))
    kept = cases[(n_candidates >= n_cases)[kinds[cases]]]
    if len(kept) < len(cases):
        notes.append(
            f"{len(cases) - len(kept)} left out because too few possible controls have the same of terms and photograph"
        )
    return kept


def _lacking(prepared: Prepared, rows: NDArray[np.int64], which: str) -> list[str]:
    """Sentences that count who has one of two modalities only."""
    counts = {FACE: int((~prepared.has_face[rows]).sum()), TERM: int((~prepared.has_terms[rows]).sum())}
    return [f"{n} of {len(rows)} {which} have no {what}" for what, n in counts.items() if n]


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


def _thinned(
    prepared: Prepared, purpose: tuple[str, ...], rows: NDArray[np.int64], notes: list[str]
) -> NDArray[np.int64]:
    """At most half of `max_individuals`, drawn at random, so that no sample outgrows the memory."""
    most = prepared.config.max_individuals // 2
    if len(rows) <= most:
        return rows
    notes.append(f"{most} of {len(rows)} drawn at random")
    return np.sort(stats.stream(prepared.config.seed, "thin", *purpose).choice(rows, most, replace=False))


def _tested(
    prepared: Prepared,
    name: str,
    modality: Modality,
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
        sample = _sample(prepared, plan, groups, modality)
        confounders = find_confounders(
            prepared.checked, plan.rows, sample.design, prepared.config.seed, *_purpose(name, modality)
        )
        notes.extend(f"the label is predicted by {confounder}" for confounder in confounders)
        test = run_sample(sample, prepared.config, *_purpose(name, modality), stop=prepared.stop)
        terms, totals = None, (0, 0)
        if modality is not Modality.FACE:
            terms, totals = _term_comparison(prepared, plan.rows[plan.labels], others)
        model = fit_model(prepared, plan.rows, sample, test, name, modality)
    except Exception as error:
        logger.warning("%s failed: %s", name, error, exc_info=not isinstance(error, ValueError))
        notes.insert(0, f"{type(error).__name__}: {error}")
        return Found(name, Status.FAILED, n_cases, n_groups, "; ".join(notes), modality=modality)
    if math.isclose(test.p_value, test.min_p):
        notes.append(FLOOR_NOTE)
    note = "; ".join(notes)
    return Found(name, status, n_cases, n_groups, note, plan, test, terms, totals, modality, confounders, model)


def _sample(prepared: Prepared, plan: Plan, groups: NDArray[np.int64] | None, modality: Modality) -> Sample:
    """What the modality shows of the individuals of a plan."""
    rows, kernels, present, similarity, embeddings = plan.rows, [], [], None, None
    if modality is not Modality.FACE:
        kernels.append(prepared.kernel(rows))
        present.append(prepared.has_terms[rows])
        similarity = prepared.similarity(rows)
        if similarity is not None:  # nothing is made up for who has no terms
            similarity[~present[0]] = similarity[:, ~present[0]] = np.nan
    if modality is not Modality.HPO and prepared.faces is not None:
        kernels.append(prepared.faces.kernel(rows))
        present.append(prepared.faces.present[rows])
        embeddings = np.where(present[-1][:, None], prepared.faces.unit[rows], np.float32(np.nan))
    strata = strata_of(prepared.strata, plan.rows) if prepared.strata else None
    design = stats.make_design(plan.labels, groups, plan.matched_sets, strata)
    return Sample(np.stack(kernels), np.stack(present), design, similarity, embeddings)


def _term_comparison(
    prepared: Prepared, cases: NDArray[np.int64], others: NDArray[np.int64]
) -> tuple[TermCounts, tuple[int, int]]:
    """The terms commoner in the cases, and how many cases and others have terms at all."""
    n_terms = prepared.ontology.n_terms
    cases, others = cases[prepared.has_terms[cases]], others[prepared.has_terms[others]]
    totals = len(cases), len(others)
    of_cases, of_others = (term_counts(prepared.closures, n_terms, rows) for rows in (cases, others))
    return compare_terms(of_cases, totals[0], of_others, totals[1], TERMS_KEPT), totals


def _single_group(prepared: Prepared, plan: Plan, groups: NDArray[np.int64]) -> str | None:
    """A note when the cases, or the controls, all come from one group."""
    column = prepared.config.group or ""
    for which, rows in (("cases", plan.labels), ("controls", ~plan.labels)):
        if rows.any() and len(np.unique(groups[rows])) == 1:
            value = prepared.cohort.values(column)[int(plan.rows[rows][0])]
            return SINGLE_GROUP_NOTE.format(which=which, group=value)
    return None
