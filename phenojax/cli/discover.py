"""``phenojax discover``: subgroups inside a gene that nobody labelled."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from phenojax.cli import options, output
from phenojax.cli.progress import Progress, progress_bar

if TYPE_CHECKING:
    from phenojax.subgroups import SubgroupResult

TERMS_SHOWN = 3


def discover(
    cohort: options.CohortPath,
    *,
    gene: Annotated[str, typer.Option("--gene", metavar="GENE", help="Its carriers are divided.", show_default=False)],
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Folder for the tables: new, empty, or of an earlier discover."),
    ] = None,
    k: Annotated[
        int | None, typer.Option("--k", help="So many subgroups; default: chosen, one among the possibilities.")
    ] = None,
    max_k: Annotated[int, typer.Option("--max-k", help="The most subgroups that are looked at.")] = 5,
    level: Annotated[float, typer.Option("--level", help="The gene is divided where p is at most this.")] = 0.05,
    linkage: Annotated[
        str,
        typer.Option("--linkage", metavar="NAME", help="How far apart two clusters are: ward, average or complete."),
    ] = "ward",
    group: options.Group = "group",
    keep_systems: Annotated[
        bool,
        typer.Option(
            "--keep-systems/--free-systems",
            help="Whether null sets keep how much each publication says of each organ system.",
        ),
    ] = True,
    permutations: Annotated[int, typer.Option("--permutations", help="How many null sets are clustered.")] = 1000,
    resamples: Annotated[int, typer.Option("--resamples", help="How many samples stability is measured on.")] = 200,
    min_individuals: Annotated[int, typer.Option("--min-individuals", help="With fewer there is an error.")] = 10,
    seed: options.Seed = 0,
    embeddings: options.EmbeddingsPath = None,
    modality: options.ModalityName = "auto",
    ic: options.InformationContentOrAuto = "auto",
    exclude_terms: options.ExcludeTerms = None,
    term_filter: options.TermFilterName = options.TermFilter.NONE,
    on_unknown: options.OnUnknownIds = options.OnUnknown.WARN,
    ontology: options.OntologyPath = None,
    annotations: options.AnnotationsPath = None,
    genes: options.GenesPath = None,
    without_references: options.WithoutReferences = None,
    threads: options.Threads = None,
    quiet: options.Quiet = False,
    json: options.Json = False,
) -> None:
    """Look for subgroups among the carriers of a gene, and test whether there are any.

    p compares with null sets in which only which terms go together is chance, each clustered anew; publications and how
    much is told of each individual stay. Writes individuals, subgroups and terms as .tsv and .parquet, and run.json.
    """
    from phenojax.cohort import read_cohort
    from phenojax.ontology import load_ontology
    from phenojax.screen.result_folder import check_folder
    from phenojax.subgroups import discover as search
    from phenojax.subgroups.results import SUBGROUPS

    if out is not None:
        check_folder(out, SUBGROUPS)
    references = options.listed_references(without_references)
    with progress_bar(quiet=quiet) as bar:
        result = search(
            read_cohort(cohort),
            gene,
            embeddings=embeddings,
            ontology=load_ontology(ontology, annotations=annotations, genes=genes, without_references=references),
            k=k,
            max_k=max_k,
            level=level,
            linkage=linkage,
            group=options.group_column(group),
            keep_systems=keep_systems,
            permutations=permutations,
            resamples=resamples,
            min_individuals=min_individuals,
            seed=seed,
            modality=modality,
            ic=ic,
            exclude_terms=options.excluded_terms(exclude_terms, term_filter),
            on_unknown=on_unknown.value,
            threads=threads,
            progress=None if bar is None else partial(_advance, bar, gene),
        )
    if out is not None:
        result.write(out)
    if json:
        output.print_json(_summary(result, out))
    elif not quiet:
        _print(result, out)


def _advance(bar: Progress, gene: str, done: int, total: int) -> None:
    bar(done, total, f"{gene}: null sets")


def _summary(result: SubgroupResult, folder: Path | None) -> dict[str, Any]:
    """Everything but the individuals."""
    return {
        "out": None if folder is None else str(folder),
        **result.run,
        "subgroups": result.subgroups.to_pylist(),
        "terms": result.terms.to_pylist(),
    }


def _print(result: SubgroupResult, folder: Path | None) -> None:
    from rich.markup import escape
    from rich.table import Table

    console = output.console()
    run = result.run
    found = "no subgroups" if result.k == 1 else f"{result.k} subgroups"
    among = f"among {run['n_individuals']} individuals ({run['modality']})"
    console.print(f"{run['gene']}: {found} {among}, p = {result.p_value:.2g}", markup=False)
    if result.k > 1:
        table = Table(box=None, header_style="bold", pad_edge=False)
        for name in ("subgroup", "n", "groups", "comes back", "stays", "terms"):
            table.add_column(name, justify="right")
        table.add_column("commoner in it")
        for row in result.subgroups.to_pylist():
            terms = [t["label"] for t in result.terms.to_pylist() if t["subgroup"] == row["subgroup"]]
            numbers = [row["n_groups"], row["jaccard"], row["stability"], row["median_terms"]]
            cells = ["" if v is None else f"{v:.2f}" if isinstance(v, float) else str(v) for v in numbers]
            table.add_row(
                str(row["subgroup"]),
                str(row["n"]),
                *cells,
                "(outliers)" if row["outliers"] else escape(", ".join(terms[:TERMS_SHOWN])),
            )
        console.print(table)
    for note in run["notes"]:
        console.print(note, style="dim", markup=False)
    if folder is not None:
        console.print(f"Tables: {folder}", soft_wrap=True, markup=False)
