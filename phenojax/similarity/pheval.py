"""Ranked diseases or genes in the layout of PhEval's standardised results: parquet files, as of its releases 0.7.

Those before 0.5 had tables in text.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq

from phenojax._files import TEMPORARY_PREFIX
from phenojax.cohort import Cohort
from phenojax.errors import ConfigError
from phenojax.ontology import Ontology

_LONGEST_NAME = 255
_Columns = Callable[[str], dict[str, str]]
_COMMON = [("rank", pa.int64()), ("score", pa.float64())]
_TRUTH = ("true_positive", pa.bool_())
DISEASE_SCHEMA = pa.schema([*_COMMON, ("disease_identifier", pa.string()), ("mondo_identifier", pa.string()), _TRUTH])
GENE_SCHEMA = pa.schema([*_COMMON, ("gene_symbol", pa.string()), ("gene_identifier", pa.string()), _TRUTH])


def check_pheval_folder(folder: Path) -> None:
    """Refuse, before any work is done, a folder that cannot be made or that holds results already.

    Raises:
        ConfigError: so it is.
    """
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"{folder} is a file; PhEval's results need a folder")
    if not folder.parent.is_dir():
        raise ConfigError(f"the folder {folder.parent} does not exist; make it first")
    for kind in ("disease", "gene"):
        if (folder / f"pheval_{kind}_results").exists():
            raise ConfigError(f"{folder / f'pheval_{kind}_results'} exists; give another folder, or remove it first")


def check_pheval_names(cohort: Cohort) -> None:
    """Refuse individuals whose ids, percent-quoted, are too long for the name of a file.

    Raises:
        ConfigError: there is one.
    """
    for name in cohort.ids:
        size = len(os.fsencode(_file_name(name, "disease")))
        if size > _LONGEST_NAME:
            raise ConfigError(
                f"the individual {name[:40] + '...'!r} would have a file with a name of {size} bytes among PhEval's "
                f"results, where file systems take {_LONGEST_NAME}; give it a shorter id"
            )


def write_pheval(table: pa.Table, cohort: Cohort, folder: str | Path, *, ontology: Ontology) -> Path:
    """Write what `rank` gives as PhEval's standardised results, one parquet file for each individual.

    ``FOLDER/pheval_disease_results/ID-disease_result.parquet`` has the columns ``rank score disease_identifier
    mondo_identifier true_positive``; ``FOLDER/pheval_gene_results/ID-gene_result.parquet`` has ``rank score gene_symbol
    gene_identifier true_positive``. Best first; equal scores share the largest of their ranks, as PhEval does. True
    are the individual's own diseases, or its gene; those that are not among the ranked ones follow with rank and score
    0, which PhEval counts as not found. ID is percent-quoted where a file name could not have it.

    The disease stands for its MONDO id: PhEval looks that up in a table of its own, so that here two ids of one
    disease are not taken for one. A gene's identifier is ``NCBIGene:`` and its number, empty where there is none.

    Args:
        table: of `rank`, by either method.
        cohort: the individuals that were ranked.
        folder: made if it is not there; it may not hold results of this kind.
        ontology: the release that they were ranked by.

    Returns:
        The folder of the files. It appears whole or not at all.

    Raises:
        ConfigError: see `check_pheval_folder` and `check_pheval_names`; diseases and genes in one table; an individual
            that is not of `cohort`.
    """
    root = Path(folder)
    check_pheval_folder(root)
    check_pheval_names(cohort)
    rows = _by_individual(table, cohort)
    targets = {target for target in table["target"].unique().to_pylist() if target is not None}
    are_genes = {target not in set(ontology.diseases()) for target in targets} if targets else {False}
    if len(are_genes) > 1:
        raise ConfigError("PhEval's results are of diseases or of genes, not of both together")
    kind, schema, columns = (
        ("gene", GENE_SCHEMA, _genes(ontology)) if True in are_genes else ("disease", DISEASE_SCHEMA, _disease)
    )
    final = root / f"pheval_{kind}_results"
    with _folder_made_whole(final) as temporary:
        for individual in cohort:
            own = individual.disease if kind == "disease" else (individual.gene,) if individual.gene else ()
            content = _content(rows[individual.id], own, columns)
            to = temporary / _file_name(individual.id, kind)
            pq.write_table(pa.Table.from_pylist(content, schema=schema), to, compression="zstd")
    return final


def _file_name(individual: str, kind: str) -> str:
    return f"{quote(individual, safe=' ')}-{kind}_result.parquet"


def _disease(name: str) -> dict[str, str]:
    return {"disease_identifier": name, "mondo_identifier": name}


def _genes(ontology: Ontology) -> _Columns:
    numbers = dict(zip(ontology.genes(), ontology.gene_table.ncbi_id.tolist(), strict=True))

    def columns(symbol: str) -> dict[str, str]:
        number = numbers.get(symbol, -1)
        return {"gene_symbol": symbol, "gene_identifier": f"NCBIGene:{number}" if number >= 0 else ""}

    return columns


def _by_individual(table: pa.Table, cohort: Cohort) -> dict[str, list[dict[str, Any]]]:
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in cohort.ids}
    for row in table.select(["id", "target", "score", "rank"]).to_pylist():
        if row["id"] not in rows:
            raise ConfigError(f"the table ranks for {row['id']!r}, who is not in this cohort; give the one it is of")
        if row["target"] is not None:
            rows[row["id"]].append(row)
    return rows


def _content(rows: Sequence[Mapping[str, Any]], own: Sequence[str], columns: _Columns) -> list[dict[str, Any]]:
    out = []
    above = 0
    for place, row in enumerate(rows):
        if place == 0 or row["rank"] != rows[place - 1]["rank"]:
            above = place
        # the mean rank of e equal scores behind a better ones is a + (e + 1) / 2, their largest a + e
        rank = round(2 * row["rank"] - above - 1)
        out.append(
            {"rank": rank, "score": row["score"], **columns(row["target"]), "true_positive": row["target"] in own}
        )
    ranked = {row["target"] for row in rows}
    missed = [name for name in dict.fromkeys(own) if name not in ranked]
    return out + [{"rank": 0, "score": 0.0, **columns(name), "true_positive": True} for name in missed]


@contextmanager
def _folder_made_whole(final: Path) -> Iterator[Path]:
    temporary = final.with_name(f"{TEMPORARY_PREFIX}{secrets.token_hex(4)}-{final.name}")
    is_new = not final.parent.exists()
    final.parent.mkdir(exist_ok=True)
    try:
        temporary.mkdir()
        yield temporary
        temporary.replace(final)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        if is_new and not final.exists():
            final.parent.rmdir()
