"""``phenojax ontology info|search|build``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from phenojax.cli import options, output

app = typer.Typer(help="The Human Phenotype Ontology that is bundled, or one of your own.", no_args_is_help=True)


@app.command()
def info(
    ontology: options.OntologyPath = None,
    annotations: options.AnnotationsPath = None,
    genes: options.GenesPath = None,
    json: options.Json = False,
) -> None:
    """Say which release it is, what it holds, its licence and what to cite."""
    from phenojax.ontology import load_ontology

    loaded = load_ontology(ontology, annotations=annotations, genes=genes)
    facts = {
        "version": loaded.version,
        "source": loaded.source,
        "terms": loaded.n_terms,
        "phenotypic_abnormalities": int(loaded.phenotype_mask.sum()),
        "diseases": len(loaded.diseases()),
        "genes": len(loaded.genes()),
        "annotations": len(loaded.annotation_table.term_idx),
        "licence": loaded.licence,
        "citation": loaded.citation,
    }
    if json:
        output.print_json(facts)
        return
    for name, value in facts.items():
        output.echo(f"{name.replace('_', ' '):<25} {format(value, ',') if isinstance(value, int) else value}")


@app.command()
def search(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="An id, a label, a synonym, or words of one.")],
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many terms.")] = 10,
    ontology: options.OntologyPath = None,
    json: options.Json = False,
) -> None:
    """Find terms by label or synonym, best first."""
    from phenojax.ontology import load_ontology

    hits = load_ontology(ontology).search(text, limit)
    if json:
        output.print_json([hit._asdict() for hit in hits])
        return
    for hit in hits:
        also = "" if hit.matched == hit.label else f"  ({hit.matched})"
        output.echo(f"{hit.term_id}  {hit.label}{also}")
    if not hits:
        output.echo(f"no term matches {text!r}", err=True)


@app.command()
def build(
    source: Annotated[Path, typer.Argument(metavar="HP.OBO", help="hp.obo or hp.json.", show_default=False)],
    *,
    out: Annotated[Path, typer.Option("--out", metavar="FILE.pack", help="Where to write.", show_default=False)],
    annotations: options.AnnotationsPath = None,
    genes: options.GenesPath = None,
    quiet: options.Quiet = False,
    json: options.Json = False,
) -> None:
    """Write one pack from a release's files; --ontology reads it many times faster than the files."""
    from phenojax.ontology import build_pack

    built = build_pack(out, source, annotations, genes)
    if json:
        output.print_json({"out": str(out), "version": built.version, "terms": built.n_terms})
    elif not quiet:
        output.echo(f"HPO release {built.version}, {built.n_terms:,} terms: {out}")
