"""``phenojax report``: the page of a result folder, drawn again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from phenojax.cli import options, output


def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="What `phenojax screen --out` wrote.")],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Default: report.html inside the folder.")
    ] = None,
    quiet: options.Quiet = False,
    json: options.Json = False,
) -> None:
    """Draw report.html from the tables of a result, and from the face maps that phenojax explain put beside them.

    Nothing is computed anew.
    """
    from phenojax.explain.face.storage import read_face_maps
    from phenojax.report import write_report
    from phenojax.screen.results import ScreenResult

    if out is not None:
        output.check_file(out, (".html", ".htm"))
    result = ScreenResult.read(folder)
    path = write_report(result, out or folder / output.REPORT_NAME, face_maps=read_face_maps(folder))
    if json:
        output.print_json({"report": str(path), "bytes": path.stat().st_size})
    elif not quiet:
        output.echo(f"Report: {path}")
