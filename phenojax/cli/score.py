"""``phenojax score``: new individuals by the models of a screen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from phenojax.cli import options, output
from phenojax.cli.progress import progress_bar

if TYPE_CHECKING:
    from phenojax.models import Scores

SHOWN_INDIVIDUALS = 10
SHOWN_ROWS = 5
SHOWN_TERMS = 3


def score(
    models: Annotated[
        Path,
        typer.Argument(
            metavar="MODELS",
            help="Folder that phenojax screen --out wrote, its models folder, or one of phenojax models export.",
            show_default=False,
        ),
    ],
    cohort: options.CohortPath,
    *,
    embeddings: options.EmbeddingsPath = None,
    gene: Annotated[
        list[str] | None,
        typer.Option("--gene", metavar="GENE", help="Score by this gene only. Repeatable. Default: all with a model."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help=".tsv or .parquet; default: print the best.")
    ] = None,
    top: Annotated[
        int | None, typer.Option("--top", metavar="K", help="Keep the K largest probabilities of each individual.")
    ] = None,
    explain: Annotated[
        bool,
        typer.Option(
            "--explain",
            help="Also which terms carry each score; with --out in a second file, FILE.explanations of the same kind.",
        ),
    ] = False,
    max_q: Annotated[
        float, typer.Option("--max-q", help="Genes with a larger q-value abstain; 1 lets all that have one speak.")
    ] = 0.05,
    min_cases: Annotated[int, typer.Option("--min-cases", help="Models of fewer cases abstain.")] = 5,
    level: Annotated[float, typer.Option("--level", help="Level of the intervals: .95 for 95 %.")] = 0.95,
    training_scores: Annotated[
        bool,
        typer.Option(
            "--training-scores",
            help="Individuals that a model learnt from get the score that they have from the others, their own group "
            "left out; otherwise it abstains.",
        ),
    ] = False,
    on_unknown: options.OnUnknownIds = options.OnUnknown.WARN,
    allow_other_ontology: Annotated[
        bool, typer.Option("--allow-other-ontology", help="Carry the models over to another HPO release by term id.")
    ] = False,
    allow_other_encoder: Annotated[
        bool, typer.Option("--allow-other-encoder", help="Do not refuse embeddings of another encoder.")
    ] = False,
    ontology: options.OntologyPath = None,
    threads: options.Threads = None,
    quiet: options.Quiet = False,
    json: options.Json = False,
) -> None:
    """Score new individuals, such as carriers of variants of uncertain significance, by the models of a screen.

    The probability is that of a case where cases and controls are equally frequent, by the phenotype alone; the
    interval holds the uncertainty of its calibration and of the score. A model abstains, with a reason, where it
    cannot say.
    Research use only; it does not diagnose.
    """
    if out is not None:
        output.check_file(out, (".tsv", ".parquet"))
        if explain:
            output.check_file(_beside(out), (out.suffix,))
    from phenojax.cohort import read_cohort
    from phenojax.models import score as compute
    from phenojax.ontology import load_ontology

    with progress_bar(quiet=quiet) as progress:
        scores = compute(
            models,
            read_cohort(cohort),
            embeddings,
            genes=gene,
            ontology=load_ontology(ontology),
            explain=explain,
            on_unknown=on_unknown.value,
            allow_other_ontology=allow_other_ontology,
            allow_other_encoder=allow_other_encoder,
            threads=threads,
            progress=progress,
            max_q=max_q,
            min_cases=min_cases,
            level=level,
            top=top,
            training_scores=training_scores,
        )
    written = _write(scores, out)
    if json:
        rows = {"out": [str(path) for path in written]} if written else _rows(scores)
        output.print_json({**scores.run, **_counts(scores), **rows})
    elif written and not quiet:
        counts = _counts(scores)
        output.echo(
            f"{counts['n_probabilities']:,} probabilities, {counts['n_abstained']:,} abstained: "
            f"{', '.join(map(str, written))}"
        )
        for note in scores.run["notes"]:
            output.echo(note)
        output.echo(scores.run["notice"])
    elif not written:
        _print(scores, quiet=quiet)


def _write(scores: Scores, out: Path | None) -> list[Path]:
    if out is None:
        return []
    six = "{:.6g}".format
    numbers = [field.name for field in scores.table.schema if str(field.type) == "double"]
    formats: dict[str, Any] = dict.fromkeys(numbers, six) | {"abstained": lambda value: str(value).lower()}
    beside = _beside(out)
    if scores.explanations is None:
        output.write_table(scores.table, out, formats)
        if _is_explanations(beside):
            beside.unlink()  # of the scores that stood here before
        return [out]
    of_terms = dict.fromkeys(("contribution", "standard_error", "leave_one_out"), six)
    output.write_tables([(scores.table, out, formats), (scores.explanations, beside, of_terms)])
    return [out, beside]


def _beside(out: Path) -> Path:
    return out.with_name(f"{out.stem}.explanations{out.suffix}")


def _is_explanations(path: Path) -> bool:
    """Whether it is a file with the columns of ours."""
    from phenojax.models.score_terms import TERMS_SCHEMA

    if not path.is_file():
        return False
    if path.suffix == ".parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            return bool(pq.read_schema(path).equals(TERMS_SCHEMA))
        except pa.ArrowInvalid:
            return False
    with path.open("rb") as stream:
        return stream.readline().rstrip() == "\t".join(TERMS_SCHEMA.names).encode()


def _rows(scores: Scores) -> dict[str, Any]:
    found = {"scores": scores.table.to_pylist()}
    return found if scores.explanations is None else found | {"explanations": scores.explanations.to_pylist()}


def _counts(scores: Scores) -> dict[str, Any]:
    reasons = {row["values"]: row["counts"] for row in scores.table["reason"].value_counts().to_pylist()}
    spoken = reasons.pop(None, 0)
    return {"n_probabilities": spoken, "n_abstained": sum(reasons.values()), "reasons": reasons}


def _print(scores: Scores, *, quiet: bool) -> None:
    """Print the largest probabilities of the first individuals, and why models abstain from the others."""
    from rich.markup import escape
    from rich.table import Table

    best, carried = _best(scores), _carried(scores)
    rows = [row for found in best.values() for row in found[:SHOWN_ROWS]]
    several, noted = len({row["modality"] for row in rows}) > 1, any(row["note"] for row in rows)
    drawn = Table(box=None, header_style="bold", pad_edge=False)
    drawn.add_column("id", overflow="fold")
    drawn.add_column("gene", overflow="fold")
    columns = {"by": several, "probability": True, "interval": True, "of cases": True, "of controls": True}
    for name in (name for name, shown in columns.items() if shown):
        drawn.add_column(name, justify="left" if name == "by" else "right", no_wrap=True)
    for name in (name for name, shown in {"carried by": carried is not None, "note": noted}.items() if shown):
        drawn.add_column(name, overflow="fold")
    last = None
    for row in rows:
        cells = [row["id"] if row["id"] != last else "", row["gene"], *([row["modality"]] if several else [])]
        cells += _numbers(row)
        cells += [] if carried is None else [", ".join(carried.get((row["id"], row["gene"], row["modality"]), []))]
        drawn.add_row(*map(escape, cells + ([row["note"] or ""] if noted else [])))
        last = row["id"]
    console = output.console()
    console.print(drawn)
    if quiet:
        return
    n = len(scores.table["id"].unique())
    if n > len(best) or any(len(found) > SHOWN_ROWS for found in best.values()):
        what = f"The best {SHOWN_ROWS} of {len(best)} of {n:,} individuals; --out FILE.tsv or --json has all"
        console.print(what, style="dim", soft_wrap=True)
    for reason, count in sorted(_counts(scores)["reasons"].items()):
        console.print(f"{count:,} rows abstain: {reason}", style="dim")
    for note in scores.run["notes"]:
        console.print(note, style="dim", markup=False, soft_wrap=True)
    console.print(
        f"Probability of a case where cases and controls are equally frequent, by the phenotype alone, with its "
        f"{scores.run['level']:.0%} interval; of cases, of controls: the share of them that score lower.",
        soft_wrap=True,
    )
    console.print(scores.run["notice"])


def _best(scores: Scores) -> dict[str, list[dict[str, Any]]]:
    """Rows of the first individuals, the largest probability first and those that abstain last."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in output.rows_of(scores.table):
        if row["id"] not in found and len(found) == SHOWN_INDIVIDUALS:
            break
        found.setdefault(row["id"], []).append(row)
    return {
        id_: sorted(rows, key=lambda row: (row["abstained"], -(row["probability"] or 0.0)))
        for id_, rows in found.items()
    }


def _carried(scores: Scores) -> dict[tuple[str, str, str], list[str]] | None:
    """The names of the terms that add most to each score; None unless they were asked for."""
    if scores.explanations is None:
        return None
    found: dict[tuple[str, str, str], list[str]] = {}
    for row in output.rows_of(scores.explanations):
        labels = found.setdefault((row["id"], row["gene"], row["modality"]), [])
        if row["contribution"] > 0 and len(labels) < SHOWN_TERMS:
            labels.append(row["label"])
    return found


def _numbers(row: dict[str, Any]) -> list[str]:
    if row["abstained"]:
        return ["abstains", row["reason"].replace("_", " "), "", ""]
    return [
        f"{row['probability']:.3f}",
        f"{row['probability_low']:.2f} to {row['probability_high']:.2f}",
        *("" if row[name] is None else f"{row[name]:.0f} %" for name in ("percentile_cases", "percentile_controls")),
    ]
