"""A simulated cohort looks like published ones: the numbers are those of generator_stats.json and DATA.md."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import pytest
from numpy.typing import NDArray

from phenojax.cohort import Cohort, Issue, SimulationConfig, encode, read_cohort, simulate, write_cohort
from phenojax.errors import ConfigError
from phenojax.ontology import Ontology, load_ontology

SEEDS = range(4)


@pytest.fixture(scope="module")
def onto() -> Ontology:
    return load_ontology()


@pytest.fixture(scope="module")
def cohorts(onto: Ontology) -> list[Cohort]:
    return [simulate(onto, SimulationConfig(n_individuals=3_000), seed) for seed in SEEDS]


def by_gene(cohort: Cohort) -> dict[str | None, dict[str | None, list[int]]]:
    """Rows by gene and paper."""
    rows: dict[str | None, dict[str | None, list[int]]] = defaultdict(lambda: defaultdict(list))
    for row, individual in enumerate(cohort):
        rows[individual.gene][individual.group].append(row)
    return rows


def auc(positive: NDArray[np.float64], negative: NDArray[np.float64]) -> float:
    difference = positive[:, None] - negative[None]
    return float(np.mean((difference > 0) + 0.5 * (difference == 0)))


def cosines(onto: Ontology, cohort: Cohort) -> NDArray[np.float64]:
    """(n, n) cosine of ancestor closures, each ancestor weighing the inverse square root of how common it is."""
    observed = encode(cohort, onto).observed
    offsets, indices = onto.graph.closures(observed.offsets, observed.indices)
    x = np.zeros((len(cohort), onto.n_terms), dtype=np.float32)
    x[np.repeat(np.arange(len(cohort)), np.diff(offsets)), indices] = 1
    x *= np.sqrt(-np.log((x.sum(0) + 1) / (len(cohort) + 2)))
    x /= np.linalg.norm(x, axis=1, keepdims=True) + 1e-12
    return (x @ x.T).astype(np.float64)


def prototype_auc(
    kernel: NDArray[np.float64], cases: NDArray[np.int64], controls: NDArray[np.int64], folds: NDArray[np.int64]
) -> float:
    """Out-of-fold AUC of mean similarity to the training cases less that to the training controls."""
    control_folds = np.arange(len(controls)) % 5
    scores: list[NDArray[np.float64]] = [np.empty(0), np.empty(0)]
    for fold in np.unique(folds):
        train, against = cases[folds != fold], controls[control_folds != fold % 5]
        for side, test in enumerate((controls[control_folds == fold % 5], cases[folds == fold])):
            score = kernel[np.ix_(test, train)].mean(1) - kernel[np.ix_(test, against)].mean(1)
            scores[side] = np.concatenate([scores[side], score])
    return auc(scores[1], scores[0])


def test_the_same_seed_is_the_same_cohort(onto: Ontology) -> None:
    config = SimulationConfig(n_genes=5, n_null_genes=2)
    one, again, other = simulate(onto, config, 7), simulate(load_ontology(), config, 7), simulate(onto, config, 8)
    assert one == again
    assert one.individuals != other.individuals


def test_simulated_people_are_marked_as_such(onto: Ontology) -> None:
    cohort = simulate(onto, SimulationConfig(n_genes=12, n_null_genes=3), 1)
    genes = {str(gene) for gene in cohort.values("gene")}
    assert {gene for gene in genes if gene.startswith("NULL")} == {"NULL1", "NULL2", "NULL3"}
    assert len(genes) == 15
    assert {gene for gene in genes if not gene.startswith("NULL")} <= set(onto.genes())
    assert all(i.id.startswith("SIM") and str(i.group).startswith("SIM:") for i in cohort)
    assert set(cohort.values("simulated")) == {"true"}


def test_the_disease_is_one_of_the_genes_own(onto: Ontology) -> None:
    cohort = simulate(onto, SimulationConfig(n_genes=10), 3)
    for individual in cohort:
        assert individual.gene is not None
        assert individual.disease[0] in {a.disease_id for a in onto.annotations(individual.gene)}


def test_every_term_is_a_current_phenotype_and_nothing_is_implied_by_another(
    onto: Ontology, cohorts: list[Cohort]
) -> None:
    report = encode(cohorts[0], onto, on_unknown="error").report
    assert {issue: report.count(issue) for issue in Issue if report.count(issue)} == {}


def test_terms_are_as_many_as_in_print(cohorts: list[Cohort]) -> None:
    counts = [np.array([len(i.observed) for i in cohort]) for cohort in cohorts]
    assert np.mean([c.mean() for c in counts]) == pytest.approx(8.9, abs=0.8)
    assert np.mean([c.var() for c in counts]) == pytest.approx(43, rel=0.3)
    quantiles = np.quantile(np.concatenate(counts), [0.1, 0.25, 0.5, 0.75, 0.9, 0.95])
    assert quantiles == pytest.approx([2, 4, 7, 12, 17, 22], abs=2)


def test_config_moves_the_number_of_terms(onto: Ontology) -> None:
    cohort = simulate(onto, SimulationConfig(n_individuals=3_000, mean_terms=4, var_terms=3), 1)
    counts = np.array([len(i.observed) for i in cohort])
    assert counts.mean() == pytest.approx(4, abs=0.3)
    assert counts.var() == pytest.approx(3, abs=0.6)


def test_excluded_terms_are_as_many_as_in_print(onto: Ontology, cohorts: list[Cohort]) -> None:
    counts = np.concatenate([[len(i.excluded) for i in cohort] for cohort in cohorts])
    assert counts.mean() == pytest.approx(12.65, rel=0.25)
    assert np.mean(counts == 0) == pytest.approx(0.131, abs=0.05)
    assert np.quantile(counts, [0.5, 0.75, 0.9]) == pytest.approx([7, 15, 31], rel=0.35)
    none = simulate(onto, SimulationConfig(n_genes=5, excluded=False), 1)
    assert all(i.excluded == () for i in none)


def test_genes_and_their_papers_are_as_many_as_in_print(onto: Ontology) -> None:
    rows = by_gene(simulate(onto, SimulationConfig(n_genes=600), 2))
    sizes = np.array([sum(map(len, papers.values())) for papers in rows.values()])
    papers = np.array([len(papers) for papers in rows.values()])
    assert np.quantile(sizes, [0.25, 0.5, 0.75, 0.9, 0.95]) == pytest.approx([3, 6, 14, 32.2, 56.2], rel=0.3, abs=1)
    assert sizes.mean() == pytest.approx(14.7, rel=0.2)
    assert np.quantile(papers, [0.5, 0.75, 0.9]) == pytest.approx([1, 2, 4], abs=1)
    assert papers.mean() == pytest.approx(2.52, rel=0.2)
    assert sizes.max() <= 462


def test_terms_relate_to_the_diseases_annotations_as_in_print(onto: Ontology, cohorts: list[Cohort]) -> None:
    annotated: dict[str, set[str]] = {}
    ancestors: dict[str, frozenset[str]] = {}
    tops = set(onto.children("HP:0000118"))
    kinds: Counter[str] = Counter()
    for individual in cohorts[0].individuals[::2]:
        disease = individual.disease[0]
        if disease not in annotated:
            annotated[disease] = {a.term_id for a in onto.annotations(disease) if not a.negated and a.aspect == "P"}
        own = annotated[disease]
        for term in (*own, *individual.observed):
            if term not in ancestors:
                ancestors[term] = frozenset(onto.ancestors(term))
        above = set().union(*(ancestors[term] for term in own))
        for term in individual.observed:
            if term in own:
                kinds["exact"] += 1
            elif term in above:
                kinds["ancestor"] += 1
            elif ancestors[term] & own:
                kinds["descendant"] += 1
            elif (ancestors[term] | {term}) & tops & above:
                kinds["same_branch"] += 1
            else:
                kinds["unrelated"] += 1
    shares = {kind: n / kinds.total() for kind, n in kinds.items()}
    assert shares["exact"] == pytest.approx(0.52, abs=0.05)
    assert shares["same_branch"] == pytest.approx(0.31, abs=0.06)
    assert shares["unrelated"] == pytest.approx(0.087, abs=0.03)
    assert shares["ancestor"] == pytest.approx(0.046, abs=0.025)
    assert shares["descendant"] == pytest.approx(0.037, abs=0.025)


def test_papers_on_one_gene_are_told_apart(cohorts: list[Cohort]) -> None:
    """The publication effect: mean AUC .94 with a classifier, .98 for leave-one-out Jaccard in the dev cohort."""
    found: list[float] = []
    for cohort in cohorts:
        terms = [frozenset(i.observed) for i in cohort]
        for papers in by_gene(cohort).values():
            large = [rows[:30] for rows in papers.values() if len(rows) >= 5][:4]
            for a, first in enumerate(large):
                for second in large[:a]:
                    rows = first + second
                    jaccard = np.array(
                        [[len(terms[x] & terms[y]) / len(terms[x] | terms[y]) for x in rows] for y in rows]
                    )
                    np.fill_diagonal(jaccard, 0)
                    in_first = np.arange(len(rows)) < len(first)
                    own = [len(first) - 1 if side else len(first) for side in in_first]
                    other = [len(second) if side else len(second) - 1 for side in in_first]
                    score = jaccard[:, in_first].sum(1) / own - jaccard[:, ~in_first].sum(1) / other
                    found.append(auc(score[in_first], score[~in_first]))
    assert len(found) > 100
    assert 0.92 <= np.mean(found) <= 0.998


def test_plain_folds_flatter_and_folds_that_keep_papers_whole_do_not(onto: Ontology, cohorts: list[Cohort]) -> None:
    plain: list[float] = []
    grouped: list[float] = []
    rng = np.random.default_rng(0)
    for cohort in cohorts[:3]:
        kernel = cosines(onto, cohort)
        for papers in by_gene(cohort).values():
            cases = np.concatenate(list(papers.values()))
            if len(cases) < 10 or len(papers) < 3:
                continue
            others = np.setdiff1d(np.arange(len(cohort)), cases)
            controls = rng.choice(others, min(4 * len(cases), 200), replace=False)
            by_size = sorted(papers.values(), key=len, reverse=True)
            whole = np.repeat(np.arange(len(by_size)) % 5, [len(rows) for rows in by_size])
            grouped.append(prototype_auc(kernel, np.concatenate(by_size), controls, whole))
            plain.append(prototype_auc(kernel, cases, controls, rng.permutation(len(cases)) % 5))
    assert len(plain) > 50
    assert 0.955 <= np.mean(plain) <= 0.99
    assert 0.88 <= np.mean(grouped) <= 0.96
    assert np.mean(plain) - np.mean(grouped) > 0.02


def test_null_genes_have_no_signal(onto: Ontology) -> None:
    config = SimulationConfig(n_genes=60, n_null_genes=40, min_size=15, max_size=30)
    cohort = simulate(onto, config, 5)
    kernel = cosines(onto, cohort)
    rows = by_gene(cohort)
    real = np.flatnonzero([not str(gene).startswith("NULL") for gene in cohort.values("gene")])
    rng = np.random.default_rng(1)
    found = [
        prototype_auc(kernel, cases, rng.choice(real, 3 * len(cases), replace=False), np.arange(len(cases)) % 5)
        for cases in (np.concatenate(list(papers.values())) for gene, papers in rows.items() if "NULL" in str(gene))
    ]
    assert len(found) == 40
    assert np.mean(found) == pytest.approx(0.5, abs=0.03)


def test_a_null_genes_papers_share_a_disease_only_on_request(onto: Ontology) -> None:
    sizes = {"n_genes": 0, "n_null_genes": 10, "min_size": 10, "max_size": 20}
    alone = simulate(onto, SimulationConfig(**sizes), 2)
    panels = simulate(onto, SimulationConfig(**sizes, null_panels=True), 2)

    def diseases_per_paper(cohort: Cohort) -> list[int]:
        papers = [rows for genes in by_gene(cohort).values() for rows in genes.values()]
        return [len({cohort.individuals[r].disease for r in rows}) for rows in papers if len(rows) >= 5]

    assert min(diseases_per_paper(alone)) >= 4
    assert max(diseases_per_paper(panels)) == 1


@pytest.mark.parametrize("n", [1, 137, 9_000])
def test_as_many_individuals_as_asked_for(onto: Ontology, n: int) -> None:
    assert len(simulate(onto, SimulationConfig(n_individuals=n), 1)) == n


def test_sizes_and_papers_can_be_fixed(onto: Ontology) -> None:
    rows = by_gene(simulate(onto, SimulationConfig(n_genes=8, min_size=12, max_size=12, papers=3), 1))
    assert [sorted(map(len, papers.values())) for papers in rows.values()] != [[4, 4, 4]] * 8
    for papers in rows.values():
        assert len(papers) == 3
        assert sum(map(len, papers.values())) == 12


def test_a_simulated_cohort_is_read_back(onto: Ontology, tmp_path: object) -> None:
    cohort = simulate(onto, SimulationConfig(n_genes=4), 1)
    write_cohort(cohort, f"{tmp_path}/c.jsonl.gz")
    back = read_cohort(f"{tmp_path}/c.jsonl.gz")
    assert (back.individuals, back.columns) == (cohort.individuals, cohort.columns)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_genes": 3, "n_individuals": 3}, "both given; give one"),
        ({"n_genes": -1}, "n_genes is -1; expected 0 or more"),
        ({"n_genes": 0}, "both 0; expected at least one gene"),
        ({"n_individuals": 0}, "n_individuals is 0; expected at least 1"),
        ({"papers": 0}, "papers is 0"),
        ({"min_size": 9, "max_size": 8}, "min_size 9 is above max_size 8"),
        ({"mean_terms": 0.5}, "mean_terms is 0.5; expected more than 1"),
        ({"mean_terms": float("nan")}, "mean_terms is nan"),
        ({"var_terms": 2}, "var_terms is 2; expected at least"),
        ({"exact": 0.9}, "expected a sum of 1"),
        ({"noise": 0.5}, "noise is 0.5; it is part of unrelated"),
    ],
)
def test_a_config_that_contradicts_itself_is_refused(arguments: dict[str, float], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        SimulationConfig(**arguments)  # type: ignore[arg-type]


def test_more_genes_than_there_are(onto: Ontology) -> None:
    with pytest.raises(ConfigError, match="n_genes is 50,000; the ontology has"):
        simulate(onto, SimulationConfig(n_genes=50_000))
