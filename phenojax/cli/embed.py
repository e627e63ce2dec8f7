"""``phenojax embed``: photographs to embeddings."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from phenojax.cli import options, output
from phenojax.cli.progress import Progress, progress_bar

if TYPE_CHECKING:
    from phenojax.face.embedding.result import FaceEmbeddings


def embed(
    images: Annotated[
        Path,
        typer.Argument(
            metavar="IMAGES|COHORT",
            help="A folder of pictures (searched whole), one picture, or a cohort whose individuals have a photo.",
            show_default=False,
        ),
    ],
    *,
    out: Annotated[
        Path,
        typer.Option("--out", metavar="FILE", help="NAME.parquet; NAME.run.json goes beside it.", show_default=False),
    ],
    model: Annotated[
        str, typer.Option("--model", metavar="NAME", help="Encoder: see phenojax weights list, or a .safetensors file.")
    ] = "dlib-resnet",
    detector: Annotated[
        str, typer.Option("--detector", metavar="NAME", help="dlib-mmod or mtcnn (weights not for commercial use).")
    ] = "dlib-mmod",
    weights: Annotated[
        Path | None, typer.Option("--weights", metavar="DIR", help="Where files of weights lie; default: the user's.")
    ] = None,
    face: Annotated[
        str, typer.Option("--face", metavar="NAME", help="Which of several faces is meant: largest, central or only.")
    ] = "largest",
    landmarks: Annotated[
        Path | None,
        typer.Option(
            "--landmarks",
            metavar="FILE",
            help="Table id x1 y1 ... x5 y5 [scheme: five_point or dlib5], pixels; no detector is run.",
        ),
    ] = None,
    aligned: Annotated[
        bool, typer.Option("--aligned", help="The pictures are aligned faces already; no detector is run.")
    ] = False,
    dtype: Annotated[
        str, typer.Option("--dtype", metavar="NAME", help="Of the encoder's arithmetic: float32 or bfloat16.")
    ] = "float32",
    flip: Annotated[bool, typer.Option("--flip", help="Mean with the vector of the mirrored face.")] = False,
    batch_size: Annotated[int, typer.Option("--batch-size", help="Faces in one call of the encoder.")] = 32,
    max_side: Annotated[
        int, typer.Option("--max-side", help="Photographs are reduced to so many pixels, at most 2048.")
    ] = 1024,
    threads: Annotated[int | None, typer.Option("--threads", help="That decode photographs; default: all.")] = None,
    compilation_cache: Annotated[
        Path | None,
        typer.Option("--compilation-cache", metavar="DIR", help="Keep compiled programs here for the next run."),
    ] = None,
    quiet: options.Quiet = False,
    json: options.Json = False,
) -> None:
    """Find, align and embed the face in each photograph.

    One row for each photograph or individual, whatever becomes of it: column status says ok or why not. A run that is
    stopped or killed goes on where it was when the same command is given again. Embeddings are personal data: the file
    can be read by its owner only.
    """
    output.check_file(out, (".parquet",))
    from phenojax.face.embedding.embed import embed_faces

    with progress_bar(quiet=quiet) as bar:
        embeddings = embed_faces(
            images,
            model,
            detector=detector,
            face=face,
            landmarks=landmarks,
            aligned=aligned,
            dtype=dtype,
            flip=flip,
            batch_size=batch_size,
            max_side=max_side,
            threads=threads,
            weights_dir=weights,
            compilation_cache=compilation_cache,
            out=out,
            progress=None if bar is None else _with_rate(bar),
        )
    if json:
        output.print_json(_facts(embeddings, out))
    elif not quiet:
        _print(embeddings, out)


def _with_rate(bar: Progress) -> Callable[[int, int], None]:
    """Move the bar, and say how many photographs are done in a second; those of an earlier run do not count."""
    started, first = time.perf_counter(), -1

    def advance(done: int, total: int) -> None:
        nonlocal first
        first = done if first < 0 else first
        rate = (done - first) / max(time.perf_counter() - started, 1e-9)
        bar(done, total, f"photographs, {rate:.1f}/s" if done > first else "photographs")

    return advance


def _facts(embeddings: FaceEmbeddings, out: Path) -> dict[str, Any]:
    from phenojax.face.embedding.run_record import failure_counts, record_path

    return {
        "out": str(out),
        "run": str(record_path(out)),
        "model": embeddings.card.name,
        "width": embeddings.vectors.shape[1],
        "n_photographs": len(embeddings),
        "n_embedded": int(embeddings.embedded.sum()),
        "n_failed": {reason.value: count for reason, count in failure_counts(embeddings).items()},
        "failures": [
            {"id": failure.id, "reason": failure.reason.value, "sentence": failure.sentence}
            for failure in embeddings.failures
        ],
    }


def _print(embeddings: FaceEmbeddings, out: Path) -> None:
    """Print what failed and why, how many did not, and where they are."""
    from rich.table import Table

    from phenojax.face.embedding.run_record import failure_counts
    from phenojax.face.photographs.failure import SENTENCES

    console = output.console()
    if embeddings.failures:
        table = Table(box=None, header_style="bold", pad_edge=False)
        table.add_column("failed", justify="right")
        table.add_column("reason")
        table.add_column("what it means", overflow="fold")
        for reason, count in failure_counts(embeddings).items():
            table.add_row(f"{count:,}", reason.value, SENTENCES[reason])
        console.print(table)
    n_embedded = int(embeddings.embedded.sum())
    console.print(
        f"{n_embedded:,} of {len(embeddings):,} photographs embedded by {embeddings.card.name}: {out}",
        markup=False,
        soft_wrap=True,
    )
