"""How a model card looks on a terminal, from 80 columns on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from phenojax.face.weights.card import ModelCard, Preprocessing
    from phenojax.face.weights.inventory import Entry

COMMERCIAL = {True: "yes", False: "no", None: "not stated"}
LABEL_WIDTH = 15


def print_overview(console: Console, entries: Sequence[Entry]) -> None:
    """Print a line for each model."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("model", no_wrap=True)
    table.add_column("role", no_wrap=True)
    table.add_column("where", no_wrap=True)
    table.add_column("px", justify="right", no_wrap=True)
    table.add_column("distance", no_wrap=True)
    table.add_column("LFW %", justify="right", no_wrap=True)
    table.add_column("commercial", no_wrap=True)
    for entry in entries:
        card = entry.card
        cells = (
            card.name,
            str(card.role),
            str(entry.where),
            "" if card.preprocessing is None else str(card.preprocessing.input_size),
            "" if card.distance is None else str(card.distance),
            "" if card.lfw_claimed is None else f"{100 * card.lfw_claimed:.2f}",
            COMMERCIAL[card.commercial_use],
        )
        table.add_row(*map(Text, cells), style="" if entry.usable else "dim")
    console.print(table)
    console.print("px: side of the input. LFW: accuracy as the makers state it, not measured here.", style="dim")


def print_cards(console: Console, entries: Iterable[Entry]) -> None:
    """Print the whole card of each model."""
    for entry in entries:
        console.print()
        console.print(Text(entry.card.name, style="bold"))
        grid = Table.grid(padding=(0, 1))
        grid.add_column(style="dim", width=LABEL_WIDTH, no_wrap=True)
        grid.add_column(overflow="fold")
        for label, words in _lines(entry):
            grid.add_row(Text(label), Text(words))
        console.print(grid)


def _lines(entry: Entry) -> Iterator[tuple[str, str]]:
    card = entry.card
    yield "role", f"{card.role}, {card.architecture}"
    yield "where", str(entry.where)
    if entry.folder is not None:
        yield "folder", str(entry.folder)
    yield "source", card.source
    yield "code licence", card.licence_code
    yield "weights licence", card.licence_weights
    yield "training data", card.training_data
    yield "commercial use", COMMERCIAL[card.commercial_use]
    if card.preprocessing is not None:
        yield from _encoder_lines(card, card.preprocessing)
    for file in card.files:
        yield "file", f"{file.name}, {file.n_bytes:,} bytes"
        yield "SHA-256", file.sha256
    if card.notes:
        yield "notes", card.notes
    if entry.obtain:
        yield "to have it", entry.obtain


def _encoder_lines(card: ModelCard, settings: Preprocessing) -> Iterator[tuple[str, str]]:
    size = settings.input_size
    yield "input", f"{size} x {size} pixels, {settings.channels}, template {settings.template}"
    yield "mean, std", f"({_triple(settings.mean)}), ({_triple(settings.scale)}) of 0 to 255"
    normalised = "length 1" if card.normalised else "not normalised"
    yield "output", f"{card.width} numbers, {normalised}"
    yield "distance", str(card.distance)
    yield "threshold", "not stated" if card.threshold is None else f"{card.threshold:g}, nearer is the same person"
    yield "LFW", "not stated" if card.lfw_claimed is None else f"{card.lfw_claimed:.2%} as the makers state it"


def _triple(values: tuple[float, float, float]) -> str:
    return ", ".join(f"{value:g}" for value in values)
