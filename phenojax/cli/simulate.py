"""``phenojax simulate``: a cohort of people who do not exist."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from phenojax.cli import options, output


def simulate(
    *,
    out: Annotated[
        Path,
        typer.Option("--out", metavar="COHORT", help=".jsonl(.gz), .tsv, .csv, .parquet or .xlsx.", show_default=False),
    ],
    n_genes: Annotated[
        int | None, typer.Option("--n-genes", "--genes", metavar="N", help="Genes with a phenotype; default 60.")
    ] = None,
    n_individuals: Annotated[
        int | None,
        typer.Option("--n-individuals", metavar="N", help="Instead: genes until so many carriers."),
    ] = None,
    n_null_genes: Annotated[
        int, typer.Option("--n-null-genes", "--null-genes", metavar="N", help="Further genes, without any signal.")
    ] = 0,
    papers: Annotated[
        int | None, typer.Option("--papers", metavar="N", help="Publications per gene; default: drawn, mostly one.")
    ] = None,
    seed: options.Seed = 0,
    ontology: options.OntologyPath = None,
    annotations: options.AnnotationsPath = None,
    quiet: options.Quiet = False,
    json: options.Json = False,
) -> None:
    """Draw a cohort from the ontology's own disease annotations, publication effect and all."""
    from phenojax.cohort import SimulationConfig, write_cohort
    from phenojax.cohort import simulate as draw
    from phenojax.ontology import load_ontology

    config = SimulationConfig(n_genes=n_genes, n_individuals=n_individuals, n_null_genes=n_null_genes, papers=papers)
    cohort = draw(load_ontology(ontology, annotations=annotations), config, seed)
    write_cohort(cohort, out)
    carriers = {individual.gene for individual in cohort if individual.gene is not None}
    if json:
        output.print_json({"out": str(out), "n_individuals": len(cohort), "n_genes": len(carriers), "seed": seed})
    elif not quiet:
        typer.echo(f"{len(cohort):,} simulated individuals in {len(carriers):,} genes: {out}")
