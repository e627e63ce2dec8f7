"""``phenojax nearest --embeddings``: who looks most alike, and the genes whose carriers do."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from phenojax.cli import options, output
from phenojax.errors import ConfigError

if TYPE_CHECKING:
    import pyarrow as pa

SHOWN_INDIVIDUALS = 10
SHOWN_NEIGHBOURS = 5


def refuse_with_embeddings(options_of_terms: Mapping[str, tuple[object, object]]) -> None:
    """Refuse options that say how terms are compared, where faces are.

    Args:
        options_of_terms: by name, the value and its default.

    Raises:
        ConfigError: a value is not the default.
    """
    given = [name for name, (value, default) in options_of_terms.items() if value != default]
    if given:
        verb = "say" if len(given) > 1 else "says"
        raise ConfigError(f"{', '.join(given)} {verb} how terms are compared; with --embeddings, faces are")


def nearest_faces(
    cohort: Path,
    other: Path | None,
    embeddings: Path,
    other_embeddings: Path | None,
    *,
    by: str,
    group: str,
    k: int,
    out: Path | None,
    quiet: bool,
    json: bool,
) -> None:
    """Do what ``phenojax nearest COHORT [OTHER] --embeddings FILE`` says."""
    from phenojax.cohort import read_cohort
    from phenojax.face.embedding.storage import read_embeddings
    from phenojax.face.neighbours import nearest_faces as compute

    rows = read_cohort(cohort)
    searched = None if other is None else read_cohort(other)
    theirs = None if other_embeddings is None else read_embeddings(other_embeddings)
    own = read_embeddings(embeddings)
    table = compute(rows, own, searched, theirs, k=k, by=by, group=options.group_column(group))
    facts = {
        "model": own.card.name,
        "distance": str((own.card if theirs is None else theirs.card).distance),
        "n_individuals": len(rows),
        "n_searched": len(rows if searched is None else searched),
        "n_neighbours": table.num_rows - table["rank"].null_count,
        "status": _counts(table),
    }
    if out is not None:
        output.write_table(table, out, {"distance": "{:.6g}".format})
    if json:
        output.print_json({**facts, **({"neighbours": table.to_pylist()} if out is None else {"out": str(out)})})
        return
    if out is None:
        _print(table, len(rows), facts["distance"], quiet=quiet)
    elif not quiet:
        output.echo(f"{facts['n_neighbours']:,} neighbours of {facts['n_individuals']:,} individuals: {out}")
    if not quiet:
        _print_alone(facts["status"], group)


def _counts(table: pa.Table) -> dict[str, int]:
    """How many individuals have each status."""
    pairs = zip(table["id"].to_pylist(), table["status"].to_pylist(), strict=True)
    states = list(dict(pairs).values())
    return {state: states.count(state) for state in sorted(set(states))}


def _print(table: pa.Table, n_individuals: int, distance: str, *, quiet: bool) -> None:
    """Print the first neighbours of the first individuals."""
    from rich.markup import escape
    from rich.table import Table

    from phenojax.face.neighbours import FOUND

    names = [name for name in table.column_names if name != "status"]
    drawn = Table(box=None, header_style="bold", pad_edge=False)
    for name in names:
        numeric = name in ("rank", "distance")
        drawn.add_column(name, justify="right" if numeric else "left", no_wrap=numeric, overflow="fold")
    shown: dict[str, int] = {}
    more = False
    for row in output.rows_of(table):
        if row["id"] not in shown and len(shown) == SHOWN_INDIVIDUALS:
            break
        shown[row["id"]] = shown.get(row["id"], 0) + 1
        if shown[row["id"]] > SHOWN_NEIGHBOURS:
            more = True
        elif row["status"] != FOUND:
            drawn.add_row(escape(row["id"]), f"[dim]{_words(row['status'])}[/dim]")
        else:
            cells = {**row, "id": row["id"] if shown[row["id"]] == 1 else "", "distance": f"{row['distance']:.4f}"}
            drawn.add_row(*(escape(str("" if cells[name] is None else cells[name])) for name in names))
    console = output.console()
    console.print(drawn)
    if not quiet:
        console.print(f"distance: {distance}; a small one is alike", style="dim")
    if not quiet and (more or n_individuals > len(shown)):
        console.print(
            f"The first {SHOWN_NEIGHBOURS} neighbours of {len(shown)} of {n_individuals:,} individuals; "
            "--out FILE.tsv or --json has every one",
            style="dim",
        )


def _print_alone(counts: Mapping[str, int], group: str) -> None:
    """Print how many have no neighbour, and why."""
    from phenojax.face.neighbours import FOUND, NO_NEIGHBOUR

    for state, count in counts.items():
        if state != FOUND:
            hint = f" (all others share their {group}; --group none)" if state == NO_NEIGHBOUR else ""
            output.echo(f"{count:,} without a neighbour: {_words(state)}{hint}")


def _words(status: str) -> str:
    """A status in words."""
    from phenojax.face.neighbours import NO_NEIGHBOUR, NOT_EMBEDDED
    from phenojax.face.photographs.failure import SENTENCES, FailureReason

    own = {NOT_EMBEDDED: "the embeddings have no such id", NO_NEIGHBOUR: "nobody to compare with"}
    return own.get(status) or SENTENCES[FailureReason(status)]


__all__ = ["nearest_faces", "refuse_with_embeddings"]
