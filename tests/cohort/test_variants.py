"""What a variant does to the protein is read from its names, and an individual's effect from all of its variants."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from phenojax import Cohort, Individual, read_cohort
from phenojax.cohort.variants import LOSS_OF_FUNCTION, MISSENSE, variant_class, variant_columns, variant_effect


@pytest.mark.parametrize(
    ("protein", "coding", "expected"),
    [
        ("NP_056374.2:p.(Gly870Ser)", "NM_015559.3:c.2608G>A", "missense"),
        ("p.G870S", None, "missense"),
        ("NP_001369351.1:p.(Arg465Ter)", "NM_001382422.1:c.1393C>T", "nonsense"),
        ("p.R465*", None, "nonsense"),
        ("p.(Lys12AsnfsTer3)", "c.35del", "frameshift"),
        ("p.(Phe508del)", "c.1521_1523del", "inframe_indel"),
        ("p.(Lys23_Leu24insArg)", None, "inframe_indel"),
        ("p.(Met1?)", "c.1A>G", "start_lost"),
        ("p.(Met101Val)", "c.301A>G", "missense"),
        ("p.(Ter110GlnextTer17)", "c.328T>C", "stop_lost"),
        ("p.(Ala5=)", "c.15G>A", "synonymous"),
        ("p.?", "NM_1.1:c.12+1G>A", "splice_canonical"),
        ("p.?", "c.13-2A>G", "splice_canonical"),
        ("p.?", "c.2767_2768+2del", "splice_canonical"),
        ("p.?", "c.13-12A>G", "intronic"),
        (None, "c.-12C>T", "utr"),
        (None, "NR_003051.3:n.70A>G", "noncoding"),
        ("p.?", None, "other"),
        ("p.Leu125Leu", "c.375G>A", "synonymous"),
        ("p.(Ter100=)", None, "synonymous"),
        ("p.*100=", None, "synonymous"),
        ("p.(Met1=)", None, "synonymous"),
        ("p.(=)", "c.12G>A", "synonymous"),
        ("p.(=)", "c.100+5G>A", "intronic"),
        ("p.0?", "c.1A>G", "start_lost"),
        ("p.?", "c.3G>A", "start_lost"),
        (None, "NM_1.1:c.2T>C", "start_lost"),
        (None, "c.1393C>T", "other"),
        ("p.Met1del", None, "start_lost"),
        ("p.Arg30delinsTer", None, "nonsense"),
        ("p.(Gln5_Ser6insTer)", None, "nonsense"),
        ("p.(Pro578_Lys579delinsLeuTer)", None, "nonsense"),
        ("p.(Pro578_Lys579delinsLeu)", None, "inframe_indel"),
        (None, "c.(100+1_101-1)_(200+1_201-1)del", "other"),
        ("p.ARG465TER", None, "nonsense"),
        ("p.LYS12ASNFSTER3", None, "frameshift"),
        ("p.phe508del", None, "inframe_indel"),
        ("p.A5_S6insFS", None, "inframe_indel"),
        (None, None, None),
    ],
)
def test_the_class_of_a_variant(protein: str | None, coding: str | None, expected: str | None) -> None:
    assert variant_class(protein, coding) == expected


def test_an_effect_needs_every_variant_to_have_it() -> None:
    assert variant_effect(["frameshift", "nonsense"]) == LOSS_OF_FUNCTION
    assert variant_effect(["missense"]) == MISSENSE
    assert variant_effect(["missense", "frameshift"]) is None
    assert variant_effect(["SV:chromosomal_deletion"]) is None
    assert variant_effect([]) is None


def test_what_a_file_calls_a_variant_stands_before_what_its_name_says() -> None:
    columns = variant_columns([{"class": "gain", "p": "p.(Gly870Ser)"}, {"p": "p.(Arg1Cys)"}])
    assert columns == ("gain", None, "870")


@pytest.mark.parametrize(
    ("said", "protein", "coding", "expected"),
    [
        ("start_lost", "p.(Met101Val)", "c.301A>G", "missense"),
        ("frameshift", "p.(Arg5Ter)", None, "nonsense"),
        ("splice_canonical", "p.(Val20_Lys40del)", None, "splice_canonical"),
        ("other", "p.?", "c.13-2A>G", "splice_canonical"),
        ("other", None, None, "other"),
        ("start_lost", "p.?", None, "start_lost"),
        ("SV:chromosomal_deletion", "p.0?", None, "SV:chromosomal_deletion"),
        ("stop_gained", None, None, "nonsense"),
        ("missense_variant&splice_region_variant", None, None, "missense"),
        ("Frameshift variant", None, None, "frameshift"),
        ("splice_donor_variant", None, None, "splice_canonical"),
        ("splice_acceptor_variant", None, None, "splice_canonical"),
        ("synonymous_variant", None, None, "synonymous"),
        ("inframe_deletion", None, None, "inframe_indel"),
        ("stop_lost", None, None, "stop_lost"),
        ("intron_variant", None, None, "intronic"),
    ],
)
def test_a_class_that_is_given_is_checked_against_the_name(
    said: str, protein: str | None, coding: str | None, expected: str
) -> None:
    assert variant_columns([{"class": said, "p": protein, "c": coding}]).variant_class == expected


def test_a_file_whose_classes_the_names_overrule_is_warned_of_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    variants = [{"class": "start_lost", "p": "p.(Met101Val)"}, {"class": "missense", "p": "p.(Gly5Ser)"}]
    rows = [{"id": name, "hpo": ["HP:0001250"], "variants": variants} for name in "ab"]
    path = tmp_path / "cohort.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    cohort = read_cohort(path)
    assert cohort.values("variant_effect") == (MISSENSE, MISSENSE)
    (record,) = caplog.records
    assert "of 2 variants the class is another than the protein's name tells" in record.getMessage()


def test_no_missense_variant_of_a_published_cohort_counts_as_loss_of_function(
    shared_data: Callable[[str], Path],
) -> None:
    with gzip.open(shared_data("cohorts/phenopacket-store-dev.jsonl.gz")) as lines:
        variants = [v for line in lines for v in json.loads(line)["variants"] if v["class"] == "start_lost"]
    lost = [v for v in variants if variant_columns([v]).variant_effect == LOSS_OF_FUNCTION]
    assert 0 < len(lost) < len(variants)
    assert all("Met1" in v["p"] and not v["p"].split("Met1")[1][0].isdigit() for v in lost if v["p"])


def test_names_give_the_classes_of_a_published_cohort(shared_data: Callable[[str], Path]) -> None:
    differing: Counter[tuple[str, str | None]] = Counter()
    n = 0
    with gzip.open(shared_data("cohorts/phenopacket-store-dev.jsonl.gz")) as lines:
        for variant in (v for line in lines for v in json.loads(line)["variants"] if v["p"] or v["c"]):
            n += 1
            found = variant_class(variant["p"], variant["c"])
            if found != variant["class"]:
                differing[variant["class"], found] += 1
    # its own pattern took Met101Val and the like for a lost start, and what reaches into an intron for nothing known
    taken_for = {"start_lost": {"missense", "inframe_indel"}, "other": {"splice_canonical", "intronic"}}
    assert [pair for pair in differing if pair[1] not in taken_for.get(pair[0], set())] == []
    assert differing.total() <= 0.007 * n


def test_phenopackets_tell_effects_too(shared_data: Callable[[str], Path]) -> None:
    cohort = read_cohort(shared_data("cohorts/phenopackets-dev-sample.tar.gz"))
    effects = Counter(cohort.values("variant_effect"))
    assert effects[LOSS_OF_FUNCTION] > 50
    assert effects[MISSENSE] > 100
    assert any(cohort.values("protein_position"))


def test_diseases_are_a_column() -> None:
    cohort = Cohort((Individual("a", disease=("OMIM:1", "OMIM:2")), Individual("b")))
    assert cohort.values("disease") == ("OMIM:1;OMIM:2", None)
