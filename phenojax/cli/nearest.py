"""``phenojax nearest``: the individuals that are most like each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from phenojax.cli import nearest_faces, options, output
from phenojax.cli.progress import progress_bar
from phenojax.errors import ConfigError

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

SHOWN_INDIVIDUALS = 10
SHOWN_NEIGHBOURS = 5


def nearest(
    cohort: options.CohortPath,
    other: Annotated[
        Path | None,
        typer.Argument(metavar="[OTHER]", help="A second cohort, to be searched; default: the others of COHORT."),
    ] = None,
    *,
    method: Annotated[
        str,
        typer.Option(
            "--method",
            metavar="NAME",
            help="similarity; or matchmaking: made to find who has the same cause, also by what terms say of diseases "
            "and genes.",
        ),
    ] = "similarity",
    exclude_same: Annotated[
        list[str] | None,
        typer.Option(
            "--exclude-same",
            metavar="COLUMN",
            help="Who shares it (group: publication, family, site) is not compared. Repeatable.",
        ),
    ] = None,
    embeddings: Annotated[
        Path | None,
        typer.Option(
            "--embeddings",
            metavar="FILE",
            help="Compare faces, not terms, or with --method matchmaking both: what `phenojax embed` wrote.",
        ),
    ] = None,
    other_embeddings: Annotated[
        Path | None,
        typer.Option("--other-embeddings", metavar="FILE", help="Of OTHER's faces, where they are in another file."),
    ] = None,
    by: Annotated[
        str,
        typer.Option(
            "--by",
            metavar="NAME",
            help="individual; or, with --embeddings alone, gene: the genes whose carriers look most alike.",
        ),
    ] = "individual",
    group: Annotated[
        str,
        typer.Option(
            "--group",
            metavar="COLUMN|none",
            help="With --embeddings alone: who shares it (publication ...) is not compared.",
        ),
    ] = "group",
    k: Annotated[int, typer.Option("--k", "-k", help="At most so many for each individual.")] = 10,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help=".tsv or .parquet; default: print the first.")
    ] = None,
    measure: options.TermMeasure = "resnik",
    combine: options.Combine = "bma",
    ic: options.InformationContentOrCohort = "omim",
    excluded_penalty: options.ExcludedPenalty = 0.0,
    exclude_terms: options.ExcludeTerms = None,
    term_filter: options.TermFilterName = options.TermFilter.NONE,
    ontology: options.OntologyPath = None,
    annotations: options.AnnotationsPath = None,
    genes: options.GenesPath = None,
    without_references: options.WithoutReferences = None,
    threads: options.Threads = None,
    quiet: options.Quiet = False,
    json: options.Json = False,
) -> None:
    """Find the individuals of OTHER, or the others of COHORT, that are most like each of COHORT.

    Columns: id neighbour rank score. Equal scores are in the order of the file. Who shares nothing with anybody has one
    row, with nothing but its id. The matrix of all pairs is never held, so that large cohorts fit.

    With --method matchmaking, also gene, the neighbour's, and the score is larger the likelier both have one cause. It
    takes faces too, which count for as much as this cohort shows that they tell. Use --exclude-same group, or a paper
    finds itself. Research use only: a neighbour is no diagnosis.

    With --embeddings alone, faces are compared. Columns: id neighbour gene rank distance status; with --by gene: id
    gene neighbour rank distance status. Who has no neighbour has one row, whose status says why.
    """
    if out is not None:
        output.check_file(out, (".tsv", ".parquet"))
    if embeddings is not None and method == "similarity":
        nearest_faces.refuse_with_embeddings(
            {
                "--measure": (measure, "resnik"),
                "--combine": (combine, "bma"),
                "--ic": (ic, "omim"),
                "--excluded-penalty": (excluded_penalty, 0.0),
                "--exclude-terms": (exclude_terms, None),
                "--term-filter": (term_filter, options.TermFilter.NONE),
                "--ontology": (ontology, None),
                "--annotations": (annotations, None),
                "--genes": (genes, None),
                "--without-references": (without_references, None),
                "--threads": (threads, None),
                "--exclude-same": (exclude_same, None),
            }
        )
        nearest_faces.nearest_faces(
            cohort, other, embeddings, other_embeddings, by=by, group=group, k=k, out=out, quiet=quiet, json=json
        )
        return
    if by != "individual" or group != "group":
        raise ConfigError(
            "--by and --group go with --embeddings alone; with terms, --exclude-same says who is left out"
        )
    if other_embeddings is not None and embeddings is None:
        raise ConfigError("--other-embeddings goes with --embeddings")
    from phenojax.cohort import read_cohort
    from phenojax.matchmaking import nearest as compute
    from phenojax.ontology import load_ontology

    references = options.listed_references(without_references)
    release = load_ontology(ontology, annotations=annotations, genes=genes, without_references=references)
    rows = read_cohort(cohort)
    searched = None if other is None else read_cohort(other)
    with progress_bar(quiet=quiet) as bar:
        found, scores = compute(
            rows,
            searched,
            k,
            method=method,
            exclude_same=exclude_same,
            ontology=release,
            measure=measure,
            combine=combine,
            ic=rows if ic == "cohort" else ic,
            exclude_terms=options.excluded_terms(exclude_terms, term_filter),
            excluded_penalty=excluded_penalty,
            embeddings=embeddings,
            other_embeddings=other_embeddings,
            threads=threads,
            progress=None if bar is None else (lambda done, total: bar(done, total, "tiles")),
        )
    candidates = rows if searched is None else searched
    known = candidates.values("gene") if method == "matchmaking" else None
    table = _table(rows.ids, candidates.ids, known, found, scores)
    facts = {
        "ontology": release.version,
        "method": method,
        "n_individuals": len(rows),
        "n_searched": len(candidates),
        "n_neighbours": table.num_rows - table["neighbour"].null_count,
    }
    if out is not None:
        output.write_table(table, out, {"score": "{:.6g}".format})
    if json:
        output.print_json({**facts, **({"neighbours": table.to_pylist()} if out is None else {"out": str(out)})})
    elif out is None:
        _print(table, len(rows), quiet=quiet)
    elif not quiet:
        output.echo(f"{facts['n_neighbours']:,} neighbours of {facts['n_individuals']:,} individuals: {out}")


def _table(
    ids: tuple[str, ...],
    searched: tuple[str, ...],
    genes: tuple[str | None, ...] | None,
    found: NDArray[np.int64],
    scores: NDArray[np.float32],
) -> pa.Table:
    """Put one neighbour on a row, with its gene where `genes` are given; similarity 0 makes no neighbour."""
    import numpy as np
    import pyarrow as pa

    # faces may speak against a neighbour that terms found, and then it is one with a score below 0
    shared = (scores > 0) if genes is None else (found >= 0)
    alone = ~shared.any(axis=1)
    row, place = np.nonzero(shared)
    order = np.argsort(np.concatenate((row, np.flatnonzero(alone))), kind="stable")
    empty = pa.nulls(int(alone.sum()))
    columns = {
        "id": pa.array(np.concatenate((row, np.flatnonzero(alone)))),
        "neighbour": pa.concat_arrays([pa.array(found[row, place]), empty.cast(pa.int64())]),
        "rank": pa.concat_arrays([pa.array((place + 1).astype(np.int32)), empty.cast(pa.int32())]),
        "score": pa.concat_arrays([pa.array(scores[row, place]), empty.cast(pa.float32())]),
    }
    table = pa.table(columns).take(pa.array(order)).combine_chunks()
    named = pa.array(ids, pa.string()).take(table["id"]), pa.array(searched, pa.string()).take(table["neighbour"])
    if genes is not None:
        table = table.add_column(2, "gene", pa.array(genes, pa.string()).take(table["neighbour"]))
    return table.set_column(0, "id", named[0]).set_column(1, "neighbour", named[1])


def _print(table: pa.Table, n_individuals: int, *, quiet: bool) -> None:
    """Print the first neighbours of the first individuals."""
    from rich.markup import escape
    from rich.table import Table

    drawn = Table(box=None, header_style="bold", pad_edge=False)
    names = [name for name in ("id", "neighbour", "gene") if name in table.column_names]
    for name in names:
        drawn.add_column(name, overflow="fold")
    for name in ("rank", "score"):
        drawn.add_column(name, justify="right", no_wrap=True)
    shown: dict[str, int] = {}
    more = False
    for row in output.rows_of(table):
        if row["id"] not in shown and len(shown) == SHOWN_INDIVIDUALS:
            break
        shown[row["id"]] = shown.get(row["id"], 0) + 1
        if shown[row["id"]] > SHOWN_NEIGHBOURS:
            more = True
        elif row["neighbour"] is None:
            drawn.add_row(escape(row["id"]), "nothing in common with anybody")
        else:
            cells = {**row, "id": row["id"] if shown[row["id"]] == 1 else ""}
            drawn.add_row(*(escape(cells[name] or "") for name in names), str(row["rank"]), f"{row['score']:.3f}")
    console = output.console()
    console.print(drawn)
    if not quiet and (more or n_individuals > len(shown)):
        console.print(
            f"The first {SHOWN_NEIGHBOURS} neighbours of {len(shown)} of {n_individuals:,} individuals; "
            "--out FILE.tsv or --json has every one",
            style="dim",
        )
    if not quiet and "gene" in names:
        console.print("Research use only: a neighbour is no diagnosis", style="dim")
