"""``phenojax screen``: every gene of a cohort."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from phenojax.cli import options, output
from phenojax.cli.progress import progress_bar

if TYPE_CHECKING:
    from phenojax.cohort import Cohort

# What every test costs whatever its size, in individuals squared; measured on two cores.
WORK_OF_ANY = 150.0**2


def screen(
    cohort: options.CohortPath,
    *,
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Folder for the results: new, empty, or an earlier result, which is then replaced.",
            show_default=False,
        ),
    ],
    gene: options.Genes = None,
    group: options.Group = "group",
    covariates: options.Covariates = "terms,sex,age,group_size",
    stratify: options.Stratify = "none",
    controls: options.WhichControls = "matched",
    control_draws: options.ControlDraws = 1,
    min_cases: options.MinCases = 5,
    permutations: options.Permutations = 1000,
    sequential: options.SequentialTest = False,
    seed: options.Seed = 0,
    embeddings: options.EmbeddingsPath = None,
    modality: options.ModalityName = "auto",
    classifier: options.ClassifierName = "ensemble",
    ic: options.InformationContentOrAuto = "auto",
    combine: options.Combine = "bma",
    exclude_terms: options.ExcludeTerms = None,
    term_filter: options.TermFilterName = options.TermFilter.NONE,
    on_unknown: options.OnUnknownIds = options.OnUnknown.WARN,
    ontology: options.OntologyPath = None,
    annotations: options.AnnotationsPath = None,
    genes: options.GenesPath = None,
    without_references: options.WithoutReferences = None,
    models: options.SaveModels = True,
    threads: options.Threads = None,
    quiet: options.Quiet = False,
    json: options.Json = False,
) -> None:
    """Test for every gene whether its carriers are told from those of other genes by their phenotype.

    Writes report.html, results.tsv, run.json, models/, and results, explanations, predictions and gene_similarity
    (.parquet).
    """
    from phenojax.cohort import read_cohort
    from phenojax.ontology import load_ontology
    from phenojax.screen import screen as test
    from phenojax.screen.results import check_result_folder

    check_result_folder(out)
    references = options.listed_references(without_references)
    individuals = read_cohort(cohort)
    with progress_bar(quiet=quiet, work=_work(individuals, gene, min_cases)) as progress:
        result = test(
            individuals,
            embeddings,
            ontology=load_ontology(ontology, annotations=annotations, genes=genes, without_references=references),
            genes=gene,
            group=options.group_column(group),
            covariates=covariates,
            stratify=stratify,
            controls=controls,
            control_draws=control_draws,
            min_cases=min_cases,
            permutations=permutations,
            sequential=sequential,
            seed=seed,
            modality=modality,
            classifier=classifier,
            ic=ic,
            combine=combine,
            exclude_terms=options.excluded_terms(exclude_terms, term_filter),
            on_unknown=on_unknown.value,
            save_models=models,
            threads=threads,
            progress=progress,
        )
    output.write_folder(result, out)
    if json:
        output.print_json(output.summary(result, out))
    elif not quiet:
        output.print_summary(result, out)


def _work(cohort: Cohort, genes: Sequence[str] | None, min_cases: int) -> dict[str, float]:
    """How long each gene takes in proportion to the others: a part that all have, and the square of its sample."""
    carriers = Counter(individual.gene for individual in cohort if individual.gene is not None)
    wanted = carriers if genes is None else [gene for gene in genes if gene in carriers]
    return {
        gene: WORK_OF_ANY + _sample_size(carriers[gene]) ** 2 if carriers[gene] >= min_cases else 1.0 for gene in wanted
    }


def _sample_size(n_cases: int) -> int:
    """With the controls that are matched unless one asks for another number of them."""
    from phenojax.screen.config import ScreenConfig

    usual = ScreenConfig()
    return min(n_cases + max(usual.controls_per_case * n_cases, usual.min_controls), usual.max_individuals)
