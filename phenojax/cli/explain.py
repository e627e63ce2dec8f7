"""``phenojax explain``: which part of the face each gene's model goes by, drawn from the cohort's photographs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from phenojax.cli import options, output
from phenojax.cli.progress import progress_bar
from phenojax.errors import ConfigError

if TYPE_CHECKING:
    from phenojax.models.face_explanations import FaceExplanations


def explain(
    result: Annotated[Path, typer.Argument(metavar="RESULT", help="What `phenojax screen --out` wrote, with models.")],
    cohort: options.CohortPath,
    *,
    gene: Annotated[
        list[str] | None,
        typer.Option("--gene", metavar="GENE", help="Only this gene; default: all whose face model has q <= 0.05."),
    ] = None,
    id_: Annotated[
        list[str] | None,
        typer.Option("--id", metavar="ID", help="Also the map of this individual; shows them, so needs --with-photos."),
    ] = None,
    method: Annotated[
        str,
        typer.Option("--method", metavar="NAME", help="occlusion, integrated-gradients, or lime: a minute a face."),
    ] = "occlusion",
    with_photos: Annotated[
        bool, typer.Option("--with-photos", help="Keep the photographs and maps of those named by --id.")
    ] = False,
    model: Annotated[
        str | None, typer.Option("--model", metavar="NAME", help="Encoder; default: the one that the result names.")
    ] = None,
    detector: Annotated[
        str | None, typer.Option("--detector", metavar="NAME", help="Default: the one that the result names.")
    ] = None,
    weights: Annotated[
        Path | None, typer.Option("--weights", metavar="DIR", help="Where files of weights lie; default: the user's.")
    ] = None,
    face: Annotated[str, typer.Option("--face", metavar="NAME", help="As photographs were embedded.")] = "largest",
    landmarks: Annotated[
        Path | None, typer.Option("--landmarks", metavar="FILE", help="As photographs were embedded.")
    ] = None,
    aligned: Annotated[bool, typer.Option("--aligned", help="As photographs were embedded.")] = False,
    flip: Annotated[bool, typer.Option("--flip", help="As photographs were embedded.")] = False,
    max_side: Annotated[int, typer.Option("--max-side", help="As photographs were embedded.")] = 1024,
    seed: options.Seed = 0,
    threads: options.Threads = None,
    quiet: options.Quiet = False,
    json: options.Json = False,
) -> None:
    """Draw which part of the face the model of each gene goes by.

    The map of a gene is the mean over its cases, each explained by the model without that case's group, and lies on the
    average of these faces, of at least five individuals. It is written to RESULT/face_maps and drawn into report.html.
    No photograph is kept unless --with-photos says so. Research use only; does not diagnose.
    """
    if id_ and not with_photos:
        raise ConfigError("--id: the map of one face shows that face; add --with-photos to keep it")
    if with_photos and not id_:
        raise ConfigError("--with-photos: no individual is named; add --id for each whose photograph is to be kept")
    from phenojax.models.explain_faces import explain_faces
    from phenojax.models.face_photographs import PhotographSettings

    settings = PhotographSettings(model, detector, face, landmarks, aligned, flip, max_side, weights, threads)
    with progress_bar(quiet=quiet) as bar:
        found = explain_faces(
            result, cohort, genes=gene, ids=id_ or (), method=method, photographs=settings, seed=seed, progress=bar
        )
    folder = found.write(result, with_photos=with_photos)
    report = output.draw_report_again(result)
    if json:
        output.print_json(_facts(found, folder, report))
    elif not quiet:
        _print(found, folder, report)


def _facts(found: FaceExplanations, folder: Path, report: Path | None) -> dict[str, Any]:
    names = ("gene", "n", "method", "gap", "above_baseline")
    return {
        "out": str(folder),
        "report": None if report is None else str(report),
        "genes": [{name: getattr(one, name) for name in names} | {"notes": list(one.notes)} for one in found.maps],
        "individuals": [{"id": one.id, "gene": one.gene, "score": one.score} for one in found.individuals],
        "unexplained": [row._asdict() for row in found.unexplained],
    }


def _print(found: FaceExplanations, folder: Path, report: Path | None) -> None:
    """Print each gene's map in a line, who has none and why, and where they are."""
    from rich.markup import escape
    from rich.table import Table

    console = output.console()
    if found.maps:
        table = Table(box=None, header_style="bold", pad_edge=False)
        table.add_column("gene", overflow="fold")
        for name in ("faces", "mean gap", "note"):
            table.add_column(name, justify="left" if name == "note" else "right")
        for one in found.maps:
            gap = "" if one.gap is None else f"{one.gap:.2g}"
            table.add_row(escape(one.gene), str(one.n), gap, escape("; ".join(one.notes)))
        console.print(table)
    for row in found.unexplained:
        who = " ".join(part for part in (row.gene, row.id) if part)
        console.print(f"no map of {who}: {row.sentence}", style="dim", markup=False, soft_wrap=True)
    drawn = "" if report is None else f"; drawn into {report}"
    console.print(f"Maps of {len(found.maps)} genes: {folder}{drawn}", markup=False, soft_wrap=True)
