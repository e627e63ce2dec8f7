"""``phenojax similarity``: the matrix of everyone against everyone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from phenojax.cli import options, output
from phenojax.errors import ConfigError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def similarity(
    cohort: options.CohortPath,
    other: Annotated[
        Path | None, typer.Argument(metavar="[OTHER]", help="A second cohort; default: the first one again.")
    ] = None,
    *,
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help=".npy (numbers only), .tsv or .parquet (with ids).")
    ] = Path("similarity.tsv"),
    measure: options.Measure = "resnik",
    combine: options.Combine = "bma",
    ic: options.InformationContentOrCohort = "omim",
    excluded_penalty: options.ExcludedPenalty = 0.0,
    normalize: options.NormalizeName = "none",
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
    """Write the similarity of each individual of COHORT to each of OTHER, in the order of the files."""
    write = _writer(out)
    from phenojax.cohort import read_cohort
    from phenojax.ontology import load_ontology
    from phenojax.similarity import similarity as compute

    rows = read_cohort(cohort)
    columns = rows if other is None else read_cohort(other)
    references = options.listed_references(without_references)
    matrix = compute(
        rows,
        None if other is None else columns,
        ontology=load_ontology(ontology, annotations=annotations, genes=genes, without_references=references),
        measure=measure,
        combine=combine,
        ic=rows if ic == "cohort" else ic,
        excluded_penalty=excluded_penalty,
        normalize=options.normalization(normalize),
        seed=seed,
        exclude_terms=options.excluded_terms(exclude_terms, term_filter),
        threads=threads,
    )
    from phenojax._files import written_whole

    with written_whole(out) as temporary:
        write(temporary, matrix, rows.ids, columns.ids)
    if json:
        output.print_json({"out": str(out), "rows": matrix.shape[0], "columns": matrix.shape[1]})
    elif not quiet:
        output.echo(f"{matrix.shape[0]:,} x {matrix.shape[1]:,} similarities: {out}")


Writer = Callable[[Path, "NDArray[np.float32]", tuple[str, ...], tuple[str, ...]], None]


def _writer(path: Path) -> Writer:
    writers: dict[str, Writer] = {".npy": _write_npy, ".tsv": _write_tsv, ".parquet": _write_parquet}
    output.check_file(path, tuple(writers))
    return writers[path.suffix]


def _write_npy(path: Path, matrix: NDArray[np.float32], rows: tuple[str, ...], columns: tuple[str, ...]) -> None:
    del rows, columns
    import numpy as np

    np.save(path, matrix)


def _write_tsv(path: Path, matrix: NDArray[np.float32], rows: tuple[str, ...], columns: tuple[str, ...]) -> None:
    import csv

    with path.open("w", encoding="utf-8", newline="") as stream:
        writer: Any = csv.writer(stream, delimiter="\t", lineterminator="\n")
        writer.writerow(["id", *columns])
        for row, values in zip(rows, matrix, strict=True):
            writer.writerow([row, *(f"{value:.6g}" for value in values)])


def _write_parquet(path: Path, matrix: NDArray[np.float32], rows: tuple[str, ...], columns: tuple[str, ...]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if "id" in columns:
        raise ConfigError(f"{path}: an individual is called 'id', like the column of ids; write .tsv or .npy instead")
    arrays = [pa.array(list(rows)), *(pa.array(matrix[:, j]) for j in range(matrix.shape[1]))]
    pq.write_table(pa.Table.from_arrays(arrays, names=["id", *columns]), path)
