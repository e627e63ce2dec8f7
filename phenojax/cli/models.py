"""``phenojax models info|export``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from phenojax.cli import options, output

app = typer.Typer(help="What a screen keeps to score new individuals with.", no_args_is_help=True)

Folder = Annotated[
    Path,
    typer.Argument(metavar="DIR", help="A result of `phenojax screen`, or its models/.", show_default=False),
]


@app.command()
def info(folder: Folder, json: options.Json = False) -> None:
    """Say what the models are of, whether they hold individuals, and what each was worth."""
    from phenojax.models import read_models

    models = read_models(folder)
    individuals = models.individuals
    facts: dict[str, Any] = {
        "models": len(models.models),
        "genes": len(models.genes),
        "holds_individuals": models.holds_individuals,
        "individuals": 0 if individuals is None else len(individuals.ids),
        "min_individuals": models.min_individuals,
        "ontology": models.ontology_version,
        "annotations": models.annotation_version,
        "encoder": None if models.encoder is None else _encoder(models.encoder),
        "classifier": models.config["classifier"],
        "phenojax": models.created["versions"]["phenojax"],
        "seed": models.created["seed"],
        "notes": ["Research use only. It does not diagnose.", *models.notes],
    }
    rows = [_row(model) for model in models.models.values()]
    if json:
        output.print_json(facts | {"table": rows})
        return
    for name, value in facts.items():
        for line in value if isinstance(value, list) else [value]:
            if line is not None:
                output.echo(f"{name.replace('_', ' '):<18} {format(line, ',') if type(line) is int else line}")
    for row in rows:
        whole = "" if row["auc_export"] is None else f"  exported {row['auc_whole']:.3f} to {row['auc_export']:.3f}"
        auc = "" if row["auc"] is None else f"{row['auc']:.3f}"
        output.echo(f"{row['gene']}  {row['modality']}  {row['n_cases']} cases  {row['status']}  AUC {auc}{whole}")


@app.command()
def export(
    folder: Folder,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="A new or empty folder.", show_default=False)],
    *,
    min_individuals: Annotated[
        int,
        typer.Option(
            "--min-individuals",
            help="Terms of fewer training individuals are left out; scores and limits are means of so many.",
        ),
    ] = 5,
    ontology: options.OntologyPath = None,
    annotations: options.AnnotationsPath = None,
    genes: options.GenesPath = None,
    quiet: options.Quiet = False,
    json: options.Json = False,
) -> None:
    """Write models that hold no individual (no id, terms, embedding or score of one), and say what that costs.

    Every coefficient is still a sum over all training individuals: who knows all of them but one may learn something of
    that one.
    """
    from phenojax.models import export_models, read_models
    from phenojax.ontology import load_ontology

    release = load_ontology(ontology, annotations=annotations, genes=genes)
    exported = export_models(read_models(folder), out, ontology=release, min_individuals=min_individuals)
    if json:
        rows = [_row(model) for model in exported.models.values()]
        output.print_json({"out": str(out), "models": len(rows), "notes": list(exported.notes), "table": rows})
    elif not quiet:
        for note in exported.notes:
            output.echo(note)
        output.echo(f"{len(exported.models):,} models: {out}")


def _encoder(encoder: Any) -> str:
    models = encoder["models"]
    return models if isinstance(models, str) else ", ".join(model["name"] for model in models)


def _row(model: Any) -> dict[str, Any]:
    cost = model.export_cost
    return {
        "gene": model.gene,
        "modality": model.modality,
        "n_cases": model.facts.n_cases,
        "n_controls": model.facts.n_controls,
        "status": model.facts.status,
        "auc": model.facts.auc,
        "q_value": model.facts.q_value,
        "auc_whole": None if cost is None else cost.auc_whole,
        "auc_export": None if cost is None else cost.auc_export,
    }
