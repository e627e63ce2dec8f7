"""``phenojax simulate``: a cohort of people who do not exist."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from phenojax.cli import options, output
from phenojax.errors import ConfigError

if TYPE_CHECKING:
    from phenojax.cohort import Cohort


def simulate(
    *,
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            metavar="COHORT",
            help=".jsonl(.gz), .tsv, .csv, .parquet or .xlsx; with --faces: a new folder.",
            show_default=False,
        ),
    ],
    faces: Annotated[
        Path | None,
        typer.Option("--faces", metavar="PHOTOS", help="A folder of photographs to warp into syndromes; see below."),
    ] = None,
    n_genes: Annotated[
        int | None,
        typer.Option("--n-genes", "--genes", metavar="N", help="Genes with a phenotype; default 60 (faces: 6)."),
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
    gene_size: Annotated[
        int | None, typer.Option("--gene-size", metavar="N", help="With --faces: carriers of each gene; default 12.")
    ] = None,
    severity: Annotated[
        float | None, typer.Option("--severity", metavar="X", help="With --faces: of the features; default 1.")
    ] = None,
    seed: options.Seed = 0,
    ontology: options.OntologyPath = None,
    annotations: options.AnnotationsPath = None,
    quiet: options.Quiet = False,
    json: options.Json = False,
) -> None:
    """Draw a cohort from the ontology's own disease annotations, publication effect and all.

    With --faces, photographs are warped instead: each gene gets facial features (wide-set eyes, a long philtrum ...)
    that are drawn into copies of the photographs under changing light, framing and compression. The folder gets
    cohort.jsonl, the photographs, and truth.parquet, which says who was warped where. These are warps of a few
    photographs: they prove nothing about patients.
    """
    if faces is not None:
        if n_individuals is not None or ontology is not None or annotations is not None:
            raise ConfigError("--n-individuals, --ontology and --annotations do not go with --faces")
        given = {"n_genes": n_genes, "gene_size": gene_size, "papers": papers, "severity": severity}
        chosen = {name: value for name, value in given.items() if value is not None}
        cohort = _faces(faces, out, {"n_null_genes": n_null_genes, **chosen}, seed)
    elif gene_size is not None or severity is not None:
        raise ConfigError("--gene-size and --severity go with --faces")
    else:
        from phenojax.cohort import SimulationConfig, write_cohort
        from phenojax.cohort import simulate as draw
        from phenojax.ontology import load_ontology

        config = SimulationConfig(
            n_genes=n_genes, n_individuals=n_individuals, n_null_genes=n_null_genes, papers=papers
        )
        cohort = draw(load_ontology(ontology, annotations=annotations), config, seed)
        write_cohort(cohort, out)
    carriers = {individual.gene for individual in cohort if individual.gene is not None}
    if json:
        output.print_json({"out": str(out), "n_individuals": len(cohort), "n_genes": len(carriers), "seed": seed})
    elif not quiet:
        output.echo(f"{len(cohort):,} simulated individuals in {len(carriers):,} genes: {out}")


def _faces(photographs: Path, out: Path, settings: dict[str, Any], seed: int) -> Cohort:
    from phenojax._extras import optional

    optional("flax", "faces", "--faces")
    from phenojax.face.detectors.load import load_detector
    from phenojax.face.simulation import FaceSimulationConfig, find_bases, simulate_faces

    config = FaceSimulationConfig(**settings)
    return simulate_faces(find_bases(photographs, load_detector()), out, config, seed)
