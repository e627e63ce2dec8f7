"""Every id is resolved, and what is mapped, merged or left out is counted and listed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from phenojax._csr import Csr
from phenojax.cohort import Cohort, EncodedCohort, Finding, Individual, Issue, encode, read_cohort
from phenojax.errors import CohortError, ConfigError, OntologyError
from phenojax.ontology import LookupStatus, Ontology, load_ontology

SEIZURE, FOCAL, MOTOR_FOCAL = "HP:0001250", "HP:0007359", "HP:0011153"
MICROCEPHALY, UNKNOWN, INHERITANCE = "HP:0000252", "HP:9999999", "HP:0000006"


@pytest.fixture(scope="module")
def onto() -> Ontology:
    return load_ontology()


def cohort_of(*rows: tuple[tuple[str, ...], tuple[str, ...]]) -> Cohort:
    return Cohort(tuple(Individual(f"i{n}", observed=o, excluded=e) for n, (o, e) in enumerate(rows)), "test.tsv")


def ids(onto: Ontology, csr: Csr, row: int = 0) -> list[str]:
    return [onto.term_ids[t] for t in csr.row(row)]


def one(onto: Ontology, observed: tuple[str, ...], excluded: tuple[str, ...] = ()) -> EncodedCohort:
    return encode(cohort_of((observed, excluded), *[((MICROCEPHALY,) * 1, ()) for _ in range(99)]), onto)


def an_id(onto: Ontology, status: LookupStatus) -> str:
    """The first id that leads to a phenotype in this way."""
    for term in (f"HP:{number:07d}" for number in range(20_000)):
        found = onto.lookup(term)
        if found.status is status and found.term_idx >= 0 and onto.phenotype_mask[found.term_idx]:
            return term
    raise AssertionError(status)


def test_rows_are_the_cohorts_individuals_with_ascending_unique_indices(onto: Ontology) -> None:
    coded = encode(cohort_of(((SEIZURE, MICROCEPHALY, SEIZURE), ()), ((), ()), ((FOCAL,), (MICROCEPHALY,))), onto)
    assert ids(onto, coded.observed, 0) == [MICROCEPHALY, SEIZURE]
    assert (coded.observed.lengths.tolist(), coded.excluded.lengths.tolist()) == ([2, 0, 1], [0, 0, 1])
    assert (coded.observed.offsets.dtype, coded.observed.indices.dtype) == (np.int64, np.int32)
    assert coded.report.findings[Issue.DUPLICATES] == (Finding("i0", SEIZURE, SEIZURE),)
    assert coded.report.findings[Issue.EMPTY] == (Finding("i1", ""),)


def test_only_the_most_specific_observed_terms_stay(onto: Ontology) -> None:
    coded = one(onto, (SEIZURE, MOTOR_FOCAL, FOCAL, MICROCEPHALY))
    assert ids(onto, coded.observed) == [MICROCEPHALY, MOTOR_FOCAL]
    assert {f.term_id for f in coded.report.findings[Issue.REDUNDANT_ANCESTORS]} == {SEIZURE, FOCAL}


def test_only_the_most_general_excluded_terms_stay(onto: Ontology) -> None:
    coded = one(onto, (), (MOTOR_FOCAL, SEIZURE, FOCAL, MICROCEPHALY))
    assert ids(onto, coded.excluded) == [MICROCEPHALY, SEIZURE]
    assert {f.term_id for f in coded.report.findings[Issue.REDUNDANT_DESCENDANTS]} == {MOTOR_FOCAL, FOCAL}


def test_what_is_observed_cannot_be_excluded(onto: Ontology) -> None:
    same = one(onto, (SEIZURE,), (SEIZURE,))
    above = one(onto, (FOCAL,), (SEIZURE, MOTOR_FOCAL))
    assert (ids(onto, same.observed), ids(onto, same.excluded)) == ([SEIZURE], [])
    assert (ids(onto, above.observed), ids(onto, above.excluded)) == ([FOCAL], [MOTOR_FOCAL])
    assert above.report.findings[Issue.OBSERVED_AND_EXCLUDED] == (Finding("i0", SEIZURE),)
    assert above.report.count(Issue.REDUNDANT_DESCENDANTS) == 0, "a contradicted term rules nothing out"


def test_alternate_and_replaced_ids_are_mapped_and_listed(onto: Ontology) -> None:
    alternate, replaced = an_id(onto, LookupStatus.ALTERNATE), an_id(onto, LookupStatus.REPLACED)
    coded = encode(cohort_of(((alternate,), (replaced,))), onto)
    (new_alternate,), (new_replaced,) = ids(onto, coded.observed), ids(onto, coded.excluded)
    assert new_alternate == onto.resolve(alternate) != alternate
    assert new_replaced == onto.resolve(replaced) != replaced
    assert coded.report.findings[Issue.REMAPPED] == (Finding("i0", alternate, new_alternate),)
    assert coded.report.findings[Issue.REPLACED] == (Finding("i0", replaced, new_replaced),)


def test_an_alternate_id_beside_its_current_one_counts_once(onto: Ontology) -> None:
    alternate = an_id(onto, LookupStatus.ALTERNATE)
    coded = encode(cohort_of(((alternate, onto.resolve(alternate)), ())), onto)
    assert coded.observed.lengths.tolist() == [1]
    assert coded.report.count(Issue.DUPLICATES) == 1


def test_terms_outside_the_phenotypes_are_left_out_and_counted(onto: Ontology) -> None:
    coded = one(onto, (INHERITANCE, "HP:0000001", SEIZURE))
    assert ids(onto, coded.observed) == [SEIZURE]
    assert coded.report.findings[Issue.OUTSIDE_BRANCH] == (Finding("i0", INHERITANCE), Finding("i0", "HP:0000001"))


def test_terms_left_out_on_request_take_their_descendants_along(onto: Ontology) -> None:
    coded = encode(cohort_of(((MOTOR_FOCAL, MICROCEPHALY), (SEIZURE,))), onto, exclude_terms=[SEIZURE])
    assert ids(onto, coded.observed) == [MICROCEPHALY]
    assert coded.excluded.lengths.tolist() == [0]
    assert coded.report.findings[Issue.LEFT_OUT] == (Finding("i0", MOTOR_FOCAL), Finding("i0", SEIZURE))
    with pytest.raises(OntologyError, match=UNKNOWN):
        encode(cohort_of(((SEIZURE,), ())), onto, exclude_terms=[UNKNOWN])


def test_an_unknown_id_is_left_out_with_one_warning(onto: Ontology, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "phenojax"):
        coded = one(onto, (SEIZURE, UNKNOWN, "HP:9999998"))
    assert ids(onto, coded.observed) == [SEIZURE]
    assert coded.report.findings[Issue.UNKNOWN] == (Finding("i0", UNKNOWN), Finding("i0", "HP:9999998"))
    (record,) = caplog.records
    for part in ("test.tsv", "2 of 102", "2 ids", "1 individuals", onto.version, UNKNOWN):
        assert part in record.getMessage()


def test_unknown_ids_are_an_error_on_request(onto: Ontology) -> None:
    rows = [((SEIZURE,), ())] * 99 + [((UNKNOWN,), ())]
    with pytest.raises(CohortError, match=rf"1 of 100 .* release {onto.version}; the first is {UNKNOWN} of .*'i99'"):
        encode(cohort_of(*rows), onto, on_unknown="error")
    assert encode(cohort_of(*rows[:99]), onto, on_unknown="error").report.count(Issue.UNKNOWN) == 0


@pytest.mark.parametrize(("n_unknown", "accepted"), [(5, True), (6, False)])
def test_more_than_five_percent_unknown_is_the_wrong_release(onto: Ontology, n_unknown: int, accepted: bool) -> None:
    cohort = cohort_of(*[((UNKNOWN,), ())] * n_unknown, *[((SEIZURE,), ())] * (100 - n_unknown))
    if accepted:
        assert encode(cohort, onto).report.count(Issue.UNKNOWN) == n_unknown
    else:
        with pytest.raises(CohortError, match=rf"6 of 100 .*{onto.version}: more than 5%, such as {UNKNOWN}"):
            encode(cohort, onto)


def test_a_malformed_id_is_always_an_error(onto: Ontology) -> None:
    with pytest.raises(CohortError, match=r"test\.tsv: individual 'i0': .*'?HP:123"):
        encode(cohort_of((("HP:123",), ())), onto)


def test_another_word_for_unknown_is_refused(onto: Ontology) -> None:
    with pytest.raises(ConfigError, match="on_unknown is 'ignore'; expected 'warn' or 'error'"):
        encode(cohort_of(((), ())), onto, on_unknown="ignore")


def test_the_report_says_the_same_as_dict_and_as_lines(onto: Ontology) -> None:
    report = one(onto, (SEIZURE, FOCAL, UNKNOWN)).report
    told = report.to_dict()
    assert told["counts"] == {**dict.fromkeys(told["counts"], 0), "unknown": 1, "redundant_ancestors": 1}
    assert told["findings"]["unknown"] == [["i0", UNKNOWN, None]]
    assert (told["n_individuals"], told["n_mentions"], told["n_observed"], told["n_excluded"]) == (100, 102, 100, 0)
    head, *lines = report.summary()
    assert "100 individuals" in head
    assert onto.version in head
    assert [line.split(":")[0] for line in lines] == ["unknown", "redundant_ancestors"]


def test_rows_agree_with_a_plain_loop_over_sets(onto: Ontology) -> None:
    rng = np.random.default_rng(3)
    phenotypes = [onto.term_ids[t] for t in np.flatnonzero(onto.phenotype_mask)]
    pool = [phenotypes[t] for t in rng.choice(len(phenotypes), 300, replace=False)]
    pool += [a for term in pool[:40] for a in onto.ancestors(term) if a in set(phenotypes)]

    def draw() -> tuple[str, ...]:
        return tuple(pool[t] for t in rng.integers(len(pool), size=rng.integers(12)))

    cohort = cohort_of(*[(draw(), draw()) for _ in range(1_100)])
    coded = encode(cohort, onto)
    for row, individual in enumerate(cohort):
        implied = {a for term in individual.observed for a in onto.ancestors(term)}
        kept = set(individual.observed) - implied
        standing = set(individual.excluded) - implied - kept
        general = {t for t in standing if not standing & set(onto.ancestors(t))}
        assert set(ids(onto, coded.observed, row)) == kept
        assert set(ids(onto, coded.excluded, row)) == general


def test_the_dev_cohort_knows_all_but_207_of_its_119003_mentions(
    onto: Ontology, shared_data: Callable[[str], Path], caplog: pytest.LogCaptureFixture
) -> None:
    cohort = read_cohort(shared_data("cohorts/phenopacket-store-dev.jsonl.gz"))
    caplog.clear()  # reading warns of variants
    with caplog.at_level(logging.WARNING, "phenojax"):
        report = encode(cohort, onto).report
    unknown = report.findings[Issue.UNKNOWN]
    assert onto.version == "2025-01-16"
    assert report.n_mentions == 119_003
    assert len(unknown) == 207
    assert len({f.term_id for f in unknown}) == 30
    assert len({f.individual for f in unknown}) == 140
    assert report.count(Issue.EMPTY) == 1
    assert len(caplog.records) == 1


def test_packets_and_table_are_the_same_terms_once_resolved(
    shared_data: Callable[[str], Path], caplog: pytest.LogCaptureFixture
) -> None:
    onto = load_ontology(shared_data("hpo/hp.2026-02-16.obo.gz"))
    packets = read_cohort(shared_data("cohorts/phenopackets-dev-sample.tar.gz"))
    table = read_cohort(shared_data("cohorts/phenopacket-store-dev.jsonl.gz"))
    rows = {individual.id: row for row, individual in enumerate(table)}
    table = table.subset([rows[i] for i in packets.ids])
    a, b = encode(packets, onto), encode(table, onto)
    for one_side, other in ((a.observed, b.observed), (a.excluded, b.excluded)):
        assert np.array_equal(one_side.offsets, other.offsets)
        assert np.array_equal(one_side.indices, other.indices)
    assert b.report.count(Issue.UNKNOWN) == 0
