"""``phenojax compare``: two labelled sets of individuals."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from phenojax.cli import options, output


def compare(
    cohort: options.CohortPath,
    *,
    by: Annotated[
        str,
        typer.Option(
            "--by",
            metavar="COLUMN",
            help="The column that tells the two sets apart: label, variant_effect, variant_class, disease, "
            "protein_position or any other.",
        ),
    ] = "label",
    positive: Annotated[
        list[str] | None,
        typer.Option(
            "--positive", metavar="VALUE", help="A case has this value, or of numbers one in 400..620. Repeatable."
        ),
    ] = None,
    negative: Annotated[
        list[str] | None,
        typer.Option(
            "--negative", metavar="VALUE", help="The same of controls; default: all other values. Repeatable."
        ),
    ] = None,
    gene: Annotated[str | None, typer.Option("--gene", metavar="GENE", help="Only the carriers of this gene.")] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Folder for result and report: new, empty, or an earlier one."),
    ] = None,
    group: options.Group = "group",
    covariates: options.CheckedCovariates = "terms,sex,age,group_size",
    stratify: options.Stratify = "none",
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
    """Test whether two labelled groups differ in phenotype, as a screen tests a gene against the others.

    variant_effect is loss_of_function or missense, where the cohort's file describes variants. Where publications are
    known the note also tells the AUC without keeping them whole.
    """
    from phenojax.cohort import read_cohort
    from phenojax.ontology import load_ontology
    from phenojax.screen import compare as test
    from phenojax.screen.results import check_result_folder

    if out is not None:
        check_result_folder(out)
    references = options.listed_references(without_references)
    result = test(
        read_cohort(cohort),
        by,
        positive=positive or None,
        negative=negative or None,
        gene=gene,
        embeddings=embeddings,
        ontology=load_ontology(ontology, annotations=annotations, genes=genes, without_references=references),
        group=options.group_column(group),
        covariates=covariates,
        stratify=stratify,
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
    )
    if out is not None:
        output.write_folder(result, out)
    if json:
        output.print_json(output.summary(result, out))
    elif not quiet:
        output.print_summary(result, out)
