"""``phenojax weights train``: an encoder, trained further on one's own faces."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from phenojax.cli import options, output
from phenojax.cli.progress import progress_bar

if TYPE_CHECKING:
    from phenojax.face.training.evaluation import Validation
    from phenojax.face.training.history import History
    from phenojax.face.training.photographs import TrainedModel

# The loss of one step is that of one batch; so many at either end are averaged for the summary.
ENDS = 5
SHOWN_FAILURES = 5


def train(
    faces: Annotated[
        Path,
        typer.Argument(
            metavar="FACES",
            help="Folder of one folder for each class (CLASS/PHOTO or CLASS/PERSON/PHOTO), or a table or cohort whose "
            "individuals have a photo.",
            show_default=False,
        ),
    ],
    *,
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="Of the new model.", show_default=False)],
    parent: Annotated[
        str, typer.Option("--from", metavar="MODEL", help="The encoder to start from: see phenojax weights list.")
    ] = "dlib-resnet",
    by: Annotated[
        str, typer.Option("--by", metavar="COLUMN", help="Of the classes in a table or cohort: label, gene ...")
    ] = "label",
    group: Annotated[
        str,
        typer.Option(
            "--group", metavar="COLUMN|none", help="Never on both sides of the validation; of a folder: the persons."
        ),
    ] = "group",
    loss: Annotated[
        str, typer.Option("--loss", metavar="NAME", help="What is minimised: arcface or triplet.")
    ] = "arcface",
    margin: Annotated[
        float | None, typer.Option("--margin", help="Of the loss; default: 0.5 radians, of triplets 0.2.")
    ] = None,
    class_balance: Annotated[
        float, typer.Option("--class-balance", metavar="0..1", help="1: a rare class weighs as much as a common one.")
    ] = 0.0,
    epochs: Annotated[int, typer.Option("--epochs", help="How often every face is seen.")] = 20,
    steps: Annotated[int | None, typer.Option("--steps", help="Instead of --epochs.")] = None,
    batch_size: Annotated[int, typer.Option("--batch-size", help="Faces in one step of arcface.")] = 32,
    classes_per_batch: Annotated[int, typer.Option("--classes-per-batch", help="In one step of triplet ...")] = 8,
    faces_per_class: Annotated[int, typer.Option("--faces-per-class", help="... and faces of each.")] = 4,
    learning_rate: Annotated[float, typer.Option("--learning-rate", help="Of the encoder, at its highest.")] = 1e-4,
    centre_rate: Annotated[
        float, typer.Option("--centre-rate", help="Of arcface's class centres, at its highest.")
    ] = 1e-3,
    optimiser: Annotated[str, typer.Option("--optimiser", metavar="adamw|sgd", help="How steps are made.")] = "adamw",
    trained_blocks: Annotated[
        int | None,
        typer.Option("--trained-blocks", metavar="N", help="Only the encoder's last N blocks change; default: all."),
    ] = None,
    precision: Annotated[
        str,
        typer.Option(
            "--precision",
            metavar="NAME",
            help="Of the network's arithmetic: float32 or bfloat16; weights stay float32.",
        ),
    ] = "float32",
    validation: Annotated[
        float, typer.Option("--validation", metavar="0..0.9", help="Share of the faces held out, in whole groups.")
    ] = 0.2,
    seed: options.Seed = 0,
    checkpoints: Annotated[
        Path | None,
        typer.Option(
            "--checkpoints", metavar="DIR", help="The same command with the same folder goes on where it was stopped."
        ),
    ] = None,
    checkpoint_every: Annotated[
        int, typer.Option("--checkpoint-every", metavar="STEPS", help="And so often is the validation measured.")
    ] = 100,
    history: Annotated[
        Path | None, typer.Option("--history", metavar="FILE", help=".tsv or .parquet: every step's figures.")
    ] = None,
    detector: Annotated[
        str, typer.Option("--detector", metavar="NAME", help="dlib-mmod or mtcnn (weights not for commercial use).")
    ] = "dlib-mmod",
    face: Annotated[
        str, typer.Option("--face", metavar="NAME", help="Which of several faces is meant: largest, central or only.")
    ] = "largest",
    aligned: Annotated[
        bool, typer.Option("--aligned", help="The pictures are aligned faces already; no detector is run.")
    ] = False,
    weights: Annotated[
        Path | None,
        typer.Option("--weights", metavar="DIR", help="Where models lie and this one goes; default: the user's."),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a model of this name.")] = False,
    threads: Annotated[int | None, typer.Option("--threads", help="That decode photographs; default: all.")] = None,
    quiet: options.Quiet = False,
    json: options.Json = False,
) -> None:
    """Train an encoder further on labelled faces, and keep it as a model that --model NAME finds.

    Photographs without a face are listed and left out. The same seed, faces and settings give the same weights, bit by
    bit. The new model's card says what it came from; it inherits the limits of its licence, and may remember the faces
    that it was trained on: share it only where these could be shared.
    """
    from phenojax._extras import require

    require("faces", "phenojax weights train")
    if history is not None:
        output.check_file(history, (".tsv", ".parquet"), "--history")
    from phenojax.face.training.config import TrainingConfig
    from phenojax.face.training.history import write_history
    from phenojax.face.training.photographs import train_on_photographs

    config = TrainingConfig.from_dict(
        {
            "loss": loss,
            "margin": margin,
            "class_balance": class_balance,
            "epochs": epochs,
            "steps": steps,
            "batch_size": batch_size,
            "classes_per_batch": classes_per_batch,
            "faces_per_class": faces_per_class,
            "learning_rate": learning_rate,
            "centre_rate": centre_rate,
            "optimiser": optimiser,
            "trained_blocks": trained_blocks,
            "precision": precision,
            "validation": validation,
            "checkpoint_every": checkpoint_every,
            "seed": seed,
        }
    )
    with progress_bar(quiet=quiet) as bar:
        trained = train_on_photographs(
            faces,
            name,
            parent,
            config,
            by=by,
            group=options.group_column(group),
            detector=detector,
            face=face,
            aligned=aligned,
            threads=threads,
            weights_dir=weights,
            checkpoints=checkpoints,
            overwrite=overwrite,
            progress=bar,
        )
    if history is not None:
        write_history(trained.result.history, history)
    if json:
        output.print_json(_facts(trained))
    elif not quiet:
        _print(trained, parent)


def _facts(trained: TrainedModel) -> dict[str, Any]:
    result = trained.result
    first, last = _ends(result.history)
    return {
        "name": trained.model.card.name,
        "file": str(trained.path),
        "sha256": trained.model.card.files[0].sha256,
        "parent_sha256": result.parent_sha256,
        "n_training": result.n_training,
        "n_held_out": 0 if result.after is None else result.after.n,
        "n_classes": len(result.classes),
        "n_left_out": trained.left_out,
        "steps": result.history[-1].step,
        "loss": {"first": first, "last": last},
        "validation": {
            "before": None if result.before is None else result.before._asdict(),
            "after": None if result.after is None else result.after._asdict(),
        },
        "failures": [
            {"id": failure.id, "reason": failure.reason.value, "sentence": failure.sentence}
            for failure in trained.failures
        ],
        "card": trained.model.card.to_dict(),
    }


def _ends(history: History) -> tuple[float, float]:
    """The mean loss of the first and of the last steps."""
    losses = [row.loss for row in history if row.loss is not None]
    n = _end(len(losses))
    return sum(losses[:n]) / n, sum(losses[-n:]) / n


def _end(n_steps: int) -> int:
    """How many steps are averaged at either end: none stands at both."""
    return max(1, min(ENDS, n_steps // 2))


def _print(trained: TrainedModel, parent: str) -> None:
    """Print what failed, how the loss fell, what the validation says, and how the model is used."""
    from rich.table import Table

    console = output.console()
    result = trained.result
    for failure in trained.failures[:SHOWN_FAILURES]:
        console.print(f"left out {failure.id}: {failure.sentence}", style="dim", markup=False)
    if len(trained.failures) > SHOWN_FAILURES:
        console.print(f"... and {len(trained.failures) - SHOWN_FAILURES:,} more; --json lists all", style="dim")
    if trained.left_out:
        console.print(f"{trained.left_out:,} individuals without a class or a photograph left out", style="dim")
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("")
    for column in ("before", "after"):
        table.add_column(column, justify="right")
    first, last = _ends(result.history)
    table.add_row("loss", f"{first:.3f}", f"{last:.3f}")
    if result.before is not None and result.after is not None:
        table.add_row("nearest class is right", f"{result.before.top1:.1%}", f"{result.after.top1:.1%}")
        if not math.isnan(result.after.auc):
            table.add_row("same class or not, AUC", f"{result.before.auc:.3f}", f"{result.after.auc:.3f}")
    console.print(table)
    n = _end(len(result.history) - 1)
    ends = "the first and the last step" if n == 1 else f"the first and the last {n} steps, their means"
    console.print(f"loss: of {ends}", style="dim")
    console.print(_held_out(result.after), style="dim")
    console.print(
        f"{trained.model.card.name}: {parent} trained on {result.n_training:,} faces of {len(result.classes):,} "
        f"classes in {result.history[-1].step:,} steps: {trained.path}",
        markup=False,
        soft_wrap=True,
    )


def _held_out(after: Validation | None) -> str:
    if after is None:
        return "no faces held out: none were asked for, or no group could be spared"
    if math.isnan(after.auc):
        return f"nearest class: of {after.n:,} faces held out; no two of different groups are of one class: no AUC"
    return f"nearest class and AUC: of {after.n:,} faces held out, {after.n_pairs:,} pairs"
