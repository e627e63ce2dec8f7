"""The arguments that recur, each with one name and one help text for every command."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from phenojax.errors import ConfigError


class OnUnknown(StrEnum):
    """What to do about a term id that the release does not know."""

    WARN = "warn"
    ERROR = "error"


class TermFilter(StrEnum):
    """A named set of terms to leave out."""

    NONE = "none"
    PHENOSCORE = "phenoscore"


CohortPath = Annotated[
    Path,
    typer.Argument(
        metavar="COHORT",
        help="Folder, .zip or .tar.gz of phenopackets, .jsonl(.gz), .tsv, .csv, .parquet or .xlsx.",
        show_default=False,
    ),
]
OntologyPath = Annotated[
    Path | None,
    typer.Option("--ontology", metavar="FILE", help="hp.obo, hp.json or a pack; default: the bundled release."),
]
AnnotationsPath = Annotated[
    Path | None, typer.Option("--annotations", metavar="FILE", help="phenotype.hpoa of the same release.")
]
GenesPath = Annotated[
    Path | None, typer.Option("--genes", metavar="FILE", help="genes_to_phenotype.txt of the same release.")
]
WithoutReferences = Annotated[
    list[str] | None,
    typer.Option(
        "--without-references",
        metavar="FILE",
        help="Leave out annotations that cite these publications: ids, or a file with one on each line. Repeatable.",
    ),
]
Genes = Annotated[
    list[str] | None,
    typer.Option("--gene", metavar="GENE", help="Test only this gene. Repeatable."),
]
EmbeddingsPath = Annotated[
    Path | None,
    typer.Option("--embeddings", metavar="FILE", help="Faces, as phenojax embed wrote them; matched by id."),
]
ModalityName = Annotated[
    str,
    typer.Option(
        "--modality",
        metavar="NAME",
        help="What of an individual is looked at: hpo, face, both, or auto: a row for each that cohort and "
        "embeddings have.",
    ),
]
ClassifierName = Annotated[
    str,
    typer.Option(
        "--classifier",
        metavar="NAME",
        help="ensemble, or one of its parts, kernel or prototype; phenoscore: PhenoScore's procedure (slow).",
    ),
]
SequentialTest = Annotated[
    bool,
    typer.Option(
        "--sequential", help="Stop drawing relabellings where enough of them do as well: dull genes cost little."
    ),
]
MinCases = Annotated[int, typer.Option("--min-cases", help="Genes with fewer cases are listed, not tested.")]
Group = Annotated[
    str,
    typer.Option("--group", metavar="COLUMN", help="Kept whole in every split, such as publication or site; or none."),
]
Covariates = Annotated[
    str,
    typer.Option(
        "--covariates",
        metavar="NAMES",
        help="What controls are matched on, with commas: terms (their number), sex, age, group_size, photograph, "
        "photo_quality, or columns such as site; or none.",
    ),
]
CheckedCovariates = Annotated[
    str,
    typer.Option(
        "--covariates",
        metavar="NAMES",
        help="Also say in the note when one of these, with commas, predicts the label alone: columns such as site; "
        "or none.",
    ),
]
Stratify = Annotated[
    str,
    typer.Option(
        "--stratify",
        metavar="NAMES",
        help="Swap labels only among individuals alike in these, with commas; of numbers, in the same third; or none.",
    ),
]
WhichControls = Annotated[
    str,
    typer.Option(
        "--controls",
        metavar="NAME",
        help="matched: as many as are drawn for each case; or all: everybody who may be one (up to 1000 "
        "individuals in all).",
    ),
]
ControlDraws = Annotated[
    int,
    typer.Option("--control-draws", help="So many draws of controls make one sample, which is tested once."),
]
Permutations = Annotated[int, typer.Option("--permutations", help="How many times the labels are shuffled.")]
Seed = Annotated[int, typer.Option("--seed", help="The same seed gives the same numbers.")]
SaveModels = Annotated[
    bool,
    typer.Option(
        "--models/--no-models",
        help="Keep a model of every gene in models/, to score new individuals with; it holds personal data.",
    ),
]
Threads = Annotated[int | None, typer.Option("--threads", help="Native threads; default: all.")]
InformationContent = Annotated[
    str,
    typer.Option(
        "--ic",
        metavar="NAME",
        help="omim, orpha, decipher, all, gene, seco, sanchez, phenopy, hpo3_omim, hpo3_orpha or hpo3_gene.",
    ),
]
InformationContentOrAuto = Annotated[
    str,
    typer.Option(
        "--ic",
        metavar="NAME",
        help="auto (gene where the release knows genes, else omim), omim, orpha, decipher, all, gene, seco, sanchez, "
        "phenopy, hpo3_omim, hpo3_orpha or hpo3_gene.",
    ),
]
InformationContentOrCohort = Annotated[
    str,
    typer.Option(
        "--ic",
        metavar="NAME",
        help="omim, orpha, decipher, all, gene, seco, sanchez, phenopy, hpo3_omim, hpo3_orpha or hpo3_gene; or cohort: "
        "the individuals of COHORT are counted.",
    ),
]
_OF_TERMS = (
    "Of two terms: resnik, lin, jiang_conrath, relevance, information_coefficient, graph_ic, wang, aic, hrss, jaccard, "
    "dice, overlap or cosine"
)
TermMeasure = Annotated[str, typer.Option("--measure", metavar="NAME", help=f"{_OF_TERMS}.")]
Measure = Annotated[
    str,
    typer.Option(
        "--measure",
        metavar="NAME",
        help=f"{_OF_TERMS}; of two closures, without --combine: simgic, simui, closure_jaccard or closure_cosine.",
    ),
]
Combine = Annotated[
    str,
    typer.Option(
        "--combine",
        metavar="NAME",
        help="bma, funsim_avg, funsim_max, a_to_b, b_to_a, mean, max or hausdorff.",
    ),
]
NormalizeName = Annotated[
    str,
    typer.Option(
        "--normalize",
        metavar="NAME",
        help="none, chance, z or cosine: chance and z take out what chance gives sets of such sizes; cosine divides by "
        "what each has with itself.",
    ),
]
ExcludedPenalty = Annotated[
    float,
    typer.Option(
        "--excluded-penalty",
        metavar="0..1",
        help="How much it takes that one has what is excluded in the other: similarity x (1 - penalty x share).",
    ),
]
ExcludeTerms = Annotated[
    list[str] | None,
    typer.Option("--exclude-terms", metavar="HP:...", help="Leave out this term and those under it. Repeatable."),
]
TermFilterName = Annotated[
    TermFilter,
    typer.Option(
        "--term-filter", metavar="NAME", help="none; or phenoscore: without the five branches that PhenoScore does."
    ),
]
OnUnknownIds = Annotated[
    OnUnknown,
    typer.Option(
        "--on-unknown", metavar="NAME", help="Term ids that the release does not know: warn and leave out, or error."
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar and no summary; errors still show.")]
Json = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]


def normalization(value: str) -> str | None:
    """Read ``none`` as no normalisation."""
    return None if value.lower() == "none" else value


def group_column(value: str) -> str | None:
    """Read ``none`` as no group at all."""
    return None if value.lower() == "none" else value


def listed_references(values: list[str] | None) -> tuple[str, ...]:
    """Read each of `values` as a file of ids, one on a line, or as ids with commas between.

    Raises:
        ConfigError: a value is neither a file nor ids such as ``PMID:12345678``.
    """
    found: list[str] = []
    for value in values or []:
        path = Path(value)
        if path.is_file():
            lines = path.read_text(encoding="utf-8").splitlines()
            found += [line.split("#")[0].strip() for line in lines if line.split("#")[0].strip()]
        elif all(":" in part or part.strip().isdecimal() for part in value.split(",")):
            found += [part.strip() for part in value.split(",")]
        else:
            raise ConfigError(
                f"--without-references {value}: neither a file nor ids; "
                "expected a file with one id on each line, or ids such as PMID:12345678"
            )
    return tuple(found)


def excluded_terms(terms: list[str] | None, term_filter: TermFilter) -> tuple[str, ...]:
    """List the terms to leave out: those named, and those of the named filter."""
    from phenojax.similarity import PHENOSCORE_FILTER

    named = PHENOSCORE_FILTER if term_filter is TermFilter.PHENOSCORE else ()
    return (*(terms or ()), *named)
