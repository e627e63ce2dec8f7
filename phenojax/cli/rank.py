"""``phenojax rank``: the diseases or genes that are most like each individual."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from phenojax.cli import options, output
from phenojax.cli.progress import progress_bar

if TYPE_CHECKING:
    import pyarrow as pa

    from phenojax.ontology import Ontology

SHOWN_INDIVIDUALS = 10
SHOWN_HITS = 5
SHOWN_TERMS = 3


def rank(
    cohort: options.CohortPath,
    *,
    targets: Annotated[
        str,
        typer.Option(
            "--targets",
            metavar="NAME",
            help="diseases (all), omim, orpha, decipher or genes; or ids and symbols with commas between.",
        ),
    ] = "diseases",
    k: Annotated[int, typer.Option("--k", "-k", help="At most so many for each individual.")] = 50,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help=".tsv or .parquet; default: print the best.")
    ] = None,
    method: Annotated[
        str,
        typer.Option(
            "--method",
            metavar="NAME",
            help="similarity; or likelihood: by how often patients of each disease have the terms; finds more. It "
            "takes none of --measure to --normalize.",
        ),
    ] = "similarity",
    pheval: Annotated[
        Path | None,
        typer.Option("--pheval", metavar="DIR", help="Also write PhEval's standardised results, a file for each."),
    ] = None,
    measure: options.Measure = "resnik",
    combine: options.Combine = "a_to_b",
    ic: options.InformationContentOrCohort = "omim",
    target_weights: Annotated[
        str,
        typer.Option(
            "--target-weights",
            metavar="NAME",
            help="none; or frequency: terms of a disease count by the share of its patients that have them; for a "
            "--combine that averages over them, such as bma.",
        ),
    ] = "none",
    excluded_penalty: options.ExcludedPenalty = 0.0,
    normalize: options.NormalizeName = "none",
    use_excluded: Annotated[
        bool,
        typer.Option(
            "--use-excluded",
            help="likelihood: excluded terms count, by how many patients lack them. It made the ranking of published "
            "individuals worse.",
        ),
    ] = False,
    p_values: Annotated[
        bool, typer.Option("--p-values/--no-p-values", help="Compare with random individuals of as many terms.")
    ] = True,
    n_null: Annotated[
        int, typer.Option("--n-null", help="How many random individuals; p is at least 1/(1 + N).")
    ] = 1000,
    exclude_terms: options.ExcludeTerms = None,
    term_filter: options.TermFilterName = options.TermFilter.NONE,
    ontology: options.OntologyPath = None,
    annotations: options.AnnotationsPath = None,
    genes: options.GenesPath = None,
    without_references: options.WithoutReferences = None,
    seed: options.Seed = 0,
    threads: options.Threads = None,
    quiet: options.Quiet = False,
    json: options.Json = False,
) -> None:
    """Rank diseases or genes for each individual by how well they explain its terms.

    Columns: id target label score rank p_value matched_terms, by likelihood also softmax (no probability). The rank is
    among all targets; matched_terms says which term met which, or how much each added. Research use only; it does not
    diagnose.
    """
    if out is not None:
        output.check_file(out, (".tsv", ".parquet"))
    if pheval is not None:
        from phenojax.similarity.pheval import check_pheval_folder, check_pheval_names, write_pheval

        check_pheval_folder(pheval)
    from phenojax.cohort import read_cohort
    from phenojax.ontology import load_ontology
    from phenojax.similarity import rank as compute

    references = options.listed_references(without_references)
    release = load_ontology(ontology, annotations=annotations, genes=genes, without_references=references)
    individuals = read_cohort(cohort)
    if pheval is not None:
        check_pheval_names(individuals)
    with progress_bar(quiet=quiet) as progress:
        table = compute(
            individuals,
            _targets(targets),
            k,
            method=method,
            ontology=release,
            measure=measure,
            combine=combine,
            ic=individuals if ic == "cohort" else ic,
            target_weights=None if target_weights == "none" else target_weights,
            excluded_penalty=excluded_penalty,
            normalize=options.normalization(normalize),
            use_excluded=use_excluded,
            p_values=p_values,
            n_null=n_null,
            seed=seed,
            exclude_terms=options.excluded_terms(exclude_terms, term_filter),
            threads=threads,
            progress=progress,
        )
    written = None if pheval is None else write_pheval(table, individuals, pheval, ontology=release)
    if out is not None:
        from phenojax.similarity.likelihood_matches import carried_text
        from phenojax.similarity.matches import matches_text

        formats = dict.fromkeys(("p_value", "softmax"), "{:.4g}".format)
        formats |= {"score": "{:.5f}".format, "rank": "{:g}".format}
        matches = carried_text if method == "likelihood" else matches_text
        output.write_table(table, out, {**formats, "matched_terms": matches})
    if json:
        hits = {"hits": table.to_pylist()} if out is None else {"out": str(out)}
        also = {} if written is None else {"pheval": str(written)}
        output.print_json({**_facts(table, release), **also, **hits})
        return
    if out is not None and not quiet:
        facts = _facts(table, release)
        output.echo(f"{facts['n_hits']:,} hits of {facts['n_individuals']:,} individuals: {out}")
        output.echo("Research use only; it does not diagnose.")
    elif out is None:
        _print(table, release, quiet=quiet)
    if written is not None and not quiet:
        typer.echo(f"PhEval's results, a file for each individual: {written}")


def _targets(text: str) -> str | list[str]:
    """A kind of targets is one word; ids hold a colon, and symbols come with it or with a comma."""
    names = [part.strip() for part in text.split(",") if part.strip()]
    return names if len(names) > 1 or ":" in text or text != text.lower() else text


def _facts(table: pa.Table, release: Ontology) -> dict[str, Any]:
    return {
        "ontology": release.version,
        "n_individuals": len(table["id"].unique()),
        "n_hits": table.num_rows - table["target"].null_count,
        "notice": "research use only; does not diagnose",
    }


def _cell(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)


def _where(match: dict[str, Any]) -> str | None:
    """The common ancestor of a similarity; of a likelihood the term that it was read at, where it speaks for it."""
    if "mica" in match:
        return str(match["mica"])
    return match["met"] if match["contribution"] > 0 else None


def _print(table: pa.Table, release: Ontology, *, quiet: bool) -> None:
    """Print the best hits of the first individuals, with the terms that weigh most by name."""
    from rich.markup import escape
    from rich.table import Table

    rows = table.to_pylist() if table.num_rows < 10_000 else table.slice(0, 10_000).to_pylist()
    drawn = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("id", "target", "label"):
        drawn.add_column(name, overflow="fold")
    for name in ("score", "rank", "p"):
        drawn.add_column(name, justify="right", no_wrap=True)
    drawn.add_column("matched most", overflow="fold")
    shown: dict[str, int] = {}
    for row in rows:
        if row["id"] not in shown and len(shown) == SHOWN_INDIVIDUALS:
            break
        shown[row["id"]] = shown.get(row["id"], 0) + 1
        if shown[row["id"]] > SHOWN_HITS:
            continue
        first = shown[row["id"]] == 1
        label = row["label"] if row["target"] is not None else "no term to rank by"
        matched = [release.label(term) for term in map(_where, row["matched_terms"] or ()) if term is not None]
        cells = (
            row["id"] if first else "",
            row["target"] or "",
            label if label != row["target"] else "",
            _cell(row["score"], ".3f"),
            _cell(row["rank"], "g"),
            _cell(row["p_value"], ".2g"),
            ", ".join(dict.fromkeys(matched[:SHOWN_TERMS])),
        )
        drawn.add_row(*map(escape, cells))
    console = output.console()
    console.print(drawn)
    if quiet:
        return
    n = len(table["id"].unique())
    if n > len(shown) or any(count > SHOWN_HITS for count in shown.values()):
        console.print(
            f"The best {SHOWN_HITS} of {len(shown)} of {n:,} individuals; --out FILE.tsv or --json has every hit",
            style="dim",
        )
    console.print("p: random individuals with as many terms that do as well; not corrected for the number of targets")
    console.print("Research use only; it does not diagnose.")
