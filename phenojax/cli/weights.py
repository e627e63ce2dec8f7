"""``phenojax weights list|show|import|verify|fetch|train``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from phenojax.cli import options, output, train
from phenojax.cli.progress import progress_bar

app = typer.Typer(
    help="Pretrained face models: what they are, whether they are intact, your own.", no_args_is_help=True
)

WeightsFolder = Annotated[
    Path | None,
    typer.Option("--weights", metavar="DIR", help="Where imported models lie; default: the user's data folder."),
]


@app.command("list")
def list_(
    *,
    full: Annotated[
        bool, typer.Option("--full", help="Also the cards of models that are not on this machine.")
    ] = False,
    brief: Annotated[bool, typer.Option("--brief", help="The table only.")] = False,
    weights: WeightsFolder = None,
    json: options.Json = False,
) -> None:
    """Print every model that phenojax knows, then the card of each that is on this machine."""
    from phenojax.face.weights.inventory import inventory

    entries = inventory(weights)
    if json:
        output.print_json([entry.to_dict() for entry in entries])
        return

    from phenojax.cli.model_cards import print_cards, print_overview

    console = output.console()
    print_overview(console, entries)
    if not brief:
        print_cards(console, (entry for entry in entries if full or entry.usable))


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A model of `weights list`.", show_default=False)],
    *,
    weights: WeightsFolder = None,
    json: options.Json = False,
) -> None:
    """Print the card of one model."""
    from phenojax.face.weights.inventory import find_entry

    entry = find_entry(name, weights)
    if json:
        output.print_json(entry.to_dict())
        return

    from phenojax.cli.model_cards import print_cards

    print_cards(output.console(), [entry])


@app.command("import")
def import_(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            help="One .pth, .onnx, .dat or .safetensors; three for gestaltmatcher-arc.",
            show_default=False,
        ),
    ],
    *,
    kind: Annotated[
        str | None,
        typer.Option(
            "--kind",
            metavar="KIND",
            help="What the file is, which decides how pixels are prepared: magface, qmagface, arcface, "
            "gestaltmatcher-arc, dlib-resnet or safetensors. Default: by the name, for .dat and .safetensors.",
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="What to call it here; default: its kind.")
    ] = None,
    eps: Annotated[
        float | None,
        typer.Option(
            "--eps",
            metavar="NUMBER",
            help="Of the batch normalisations of a .pth, which does not say; default: 2e-5 for (q)magface, else 1e-5.",
        ),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a model of this name.")] = False,
    weights: WeightsFolder = None,
    quiet: options.Quiet = False,
    json: options.Json = False,
) -> None:
    """Make a model of this machine out of a file that you obtained, with its card and a golden check.

    Nothing in the file is run: pickled programs are refused. A .pth or .onnx needs the extra convert.
    """
    from phenojax._extras import optional

    optional("flax", "faces", "weights import")
    from phenojax.face.weights.import_model import import_model

    stored, path = import_model(files, kind, name=name, weights_dir=weights, overwrite=overwrite, eps=eps)
    if json:
        sources = [vars(source) for source in stored.sources]
        output.print_json({"out": str(path), "card": stored.card.to_dict(), "sources": sources})
    elif not quiet:
        card = stored.card
        output.echo(f"{card.name}: {card.architecture}, {card.width} numbers for each face: {path}")
        output.echo(f"Weights: {card.licence_weights}. The whole card: phenojax weights show {card.name}")


@app.command()
def fetch(
    url: Annotated[str, typer.Argument(metavar="URL", help="An https address.", show_default=False)],
    *,
    sha256: Annotated[str, typer.Option("--sha256", metavar="HEX", help="Of the file; another one is thrown away.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="What to call it.", show_default=False)],
    max_bytes: Annotated[int, typer.Option("--max-bytes", min=1, help="A larger file is refused.")] = 2 << 30,
    quiet: options.Quiet = False,
    json: options.Json = False,
) -> None:
    """Download one file that you name by address and SHA-256: the only command that uses the network."""
    from phenojax.face.weights.fetch import fetch as download

    with progress_bar(quiet=quiet) as bar:
        n_bytes = download(
            url,
            sha256,
            out,
            max_bytes=max_bytes,
            progress=None if bar is None else (lambda done, total: bar(done, total or max_bytes, "bytes")),
        )
    if json:
        output.print_json({"out": str(out), "bytes": n_bytes, "sha256": sha256.strip().lower()})
    elif not quiet:
        output.echo(f"{n_bytes:,} bytes, SHA-256 as expected: {out}")


@app.command()
def verify(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME...]", help="Default: every model on this machine.")
    ] = None,
    *,
    weights: WeightsFolder = None,
    quiet: options.Quiet = False,
    json: options.Json = False,
) -> None:
    """Compare files with their SHA-256, and what encoders give for a fixed picture with what they once gave.

    Exit code 1 when a model is not intact.
    """
    from phenojax._extras import optional

    optional("flax", "faces", "weights verify")
    from phenojax.face.weights.verify import verify as check

    found = check(tuple(names or ()), weights)
    if json:
        output.print_json([one.to_dict() for one in found])
    else:
        for one in found:
            if not one.ok:
                output.echo(f"{one.name:<20} NOT INTACT: {one.problem}")
            elif not quiet:
                files = f"{one.files} file{'s' if one.files > 1 else ''} as expected"
                golden = "" if one.difference is None else f", golden vector within {one.difference:.1e}"
                output.echo(f"{one.name:<20} {files}{golden}")
    if not all(one.ok for one in found):
        raise typer.Exit(1)


app.command("train")(train.train)
