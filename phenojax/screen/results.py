"""What a screen found: four tables and a description of the run, as objects and as a folder."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from phenojax._files import folder_removed_in_the_end, sha256
from phenojax.errors import ResultError
from phenojax.explain.face.storage import FOLDER as FACE_MAPS
from phenojax.models import ModelSet, read_models
from phenojax.models.layout import INDEX
from phenojax.models.reading import IN_A_RESULT, RUN
from phenojax.models.storage import staged_models
from phenojax.screen.result_folder import ResultFormat, check_folder, result_written_whole


class Status(StrEnum):
    """How the test of one gene ended."""

    OK = "ok"
    TOO_FEW_CASES = "too_few_cases"
    SINGLE_GROUP = "single_group"
    FAILED = "failed"


TABLE_SCHEMA = pa.schema(
    [
        ("gene", pa.string()),
        ("modality", pa.string()),
        ("n_cases", pa.int32()),
        ("n_controls", pa.int32()),
        ("n_groups", pa.int32()),
        ("auc", pa.float64()),
        ("auc_low", pa.float64()),
        ("auc_high", pa.float64()),
        ("auc_within", pa.float64()),
        ("brier", pa.float64()),
        ("ece", pa.float64()),
        ("p_value", pa.float64()),
        ("min_p", pa.float64()),
        ("p_method", pa.string()),
        ("n_permutations", pa.int32()),
        ("p_tail", pa.float64()),
        ("p_tail_fit", pa.float64()),
        ("p_mmd", pa.float64()),
        ("q_value", pa.float64()),
        ("q_value_by", pa.float64()),
        ("power", pa.float64()),
        ("cases_needed", pa.int32()),
        ("status", pa.string()),
        ("note", pa.string()),
    ]
)

EXPLANATIONS_SCHEMA = pa.schema(
    [
        ("gene", pa.string()),
        ("term_id", pa.string()),
        ("label", pa.string()),
        ("case_count", pa.int32()),
        ("case_n", pa.int32()),
        ("control_count", pa.int32()),
        ("control_n", pa.int32()),
        ("case_prevalence", pa.float64()),
        ("control_prevalence", pa.float64()),
        ("odds_ratio", pa.float64()),
        ("odds_ratio_low", pa.float64()),
        ("odds_ratio_high", pa.float64()),
        ("p_value", pa.float64()),
        ("q_value", pa.float64()),
    ]
)

PREDICTIONS_SCHEMA = pa.schema(
    [
        ("gene", pa.string()),
        ("modality", pa.string()),
        ("id", pa.string()),
        ("is_case", pa.bool_()),
        ("group", pa.string()),
        ("fold", pa.int32()),
        ("score", pa.float64()),
        ("probability", pa.float64()),
    ]
)

GENE_SIMILARITY_SCHEMA = pa.schema([("gene", pa.string()), ("other", pa.string()), ("similarity", pa.float32())])

_PARQUET = {
    "results.parquet": ("table", TABLE_SCHEMA),
    "explanations.parquet": ("explanations", EXPLANATIONS_SCHEMA),
    "predictions.parquet": ("predictions", PREDICTIONS_SCHEMA),
    "gene_similarity.parquet": ("gene_similarity", GENE_SIMILARITY_SCHEMA),
}
# The report of the command line lies there too.
SCREEN = ResultFormat("phenojax-screen", 3, ("results.tsv", *_PARQUET, IN_A_RESULT, FACE_MAPS, "report.html"))


@dataclass(frozen=True)
class ScreenResult:
    """The answer for every gene, what carries it, and how it was reached.

    Attributes:
        table: one row per gene and modality, `TABLE_SCHEMA`; a number that was not computed is null.
        explanations: one row per gene and term (a term counts with its descendants), `EXPLANATIONS_SCHEMA`.
        predictions: one row per gene, modality and individual: the out-of-fold probability, `PREDICTIONS_SCHEMA`.
        run: versions, ontology release, seed, configuration, timings, what was left out and why; plain JSON values.
        models: one for each row that was tested; None when none were fitted.
        gene_similarity: one row per two genes, and per gene with itself: how alike the terms of their carriers are,
            `GENE_SIMILARITY_SCHEMA`; empty where no two genes were compared.

    Raises:
        ResultError: a table has not the columns and types of its schema.
    """

    table: pa.Table
    explanations: pa.Table
    predictions: pa.Table
    run: Mapping[str, Any]
    models: ModelSet | None = None
    gene_similarity: pa.Table = field(default_factory=GENE_SIMILARITY_SCHEMA.empty_table)

    def __post_init__(self) -> None:
        for name, schema in _PARQUET.values():
            _check_schema(getattr(self, name), schema, f"ScreenResult.{name}")

    def write(self, folder: str | os.PathLike[str]) -> Path:
        """Write results.tsv, the four parquet files, models/ and run.json into `folder`, making it where it is not.

        Every file is written under a temporary name first; they take their names only when all of them are complete.
        run.json comes last and holds the SHA-256 of each parquet file and of models/models.json, which holds those of
        the other files in models/, so that `read` refuses a mixture of two runs. Without models those of an earlier
        result are removed.

        Raises:
            ResultError: `folder` is a file, or holds files but no phenojax result.
        """
        with result_written_whole(folder, self.run, SCREEN) as files:
            files.enter(folder_removed_in_the_end(files.folder / FACE_MAPS))  # of the models before
            models = files.folder / IN_A_RESULT
            if self.models is None:
                files.enter(folder_removed_in_the_end(models))
            else:
                files.digests[f"{IN_A_RESULT}/{INDEX}"] = files.enter(staged_models(self.models, models)).digest
            for file_name, (name, _) in _PARQUET.items():
                files.parquet(file_name, getattr(self, name))
            files.tsv("results.tsv", self.table)
        return Path(folder)

    @classmethod
    def read(cls, folder: str | os.PathLike[str]) -> ScreenResult:
        """Read what `write` wrote.

        Raises:
            ResultError: a file is missing, damaged, of another format version, or of another run than run.json.
        """
        source = Path(folder)
        if not source.is_dir():
            raise ResultError(f"{source}: no such folder; give the folder that `phenojax screen --out` wrote")
        run = _read_run(source)
        digests = run.pop("files")
        tables: dict[str, Any] = {}
        for file_name, (name, schema) in _PARQUET.items():
            path = source / file_name
            if not path.is_file():
                raise ResultError(f"{path}: the file is missing from this result; run the screen again")
            if sha256(path) != digests.get(file_name):
                raise ResultError(
                    f"{path}: not the file that run.json describes, so two runs are mixed; run the screen again"
                )
            tables[name] = pq.read_table(path)
            _check_schema(tables[name], schema, str(path))
        del run["format"], run["format_version"]
        models = read_models(source) if f"{IN_A_RESULT}/{INDEX}" in digests else None
        return cls(run=run, models=models, **tables)


def check_result_folder(folder: str | os.PathLike[str]) -> Path:
    """`check_folder` for the result of a screen.

    Raises:
        ResultError: it is a file, or a folder with files of somebody else in it.
    """
    return check_folder(folder, SCREEN)


def _read_run(folder: Path) -> dict[str, Any]:
    path = folder / RUN
    try:
        run = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ResultError(
            f"{folder}: no run.json, so no phenojax result; give the folder that `phenojax screen --out` wrote"
        ) from None
    except ValueError as error:
        raise ResultError(f"{path}: not readable as JSON ({error}); run the screen again") from None
    if isinstance(run, dict) and run.get("format") == "phenojax-subgroups":
        raise ResultError(
            f"{folder}: the result of a `phenojax discover`, not of a screen; its tables are individuals.tsv, "
            "subgroups.tsv and terms.tsv, so open these, or give the folder of a screen"
        )
    if not isinstance(run, dict) or run.get("format") != SCREEN.name:
        raise ResultError(f"{path}: not the run.json of a phenojax screen (expected format {SCREEN.name!r})")
    if run.get("format_version") != SCREEN.version:
        raise ResultError(
            f"{path}: result format {run.get('format_version')!r}, but this phenojax reads {SCREEN.version}; "
            "run the screen again, or use the version named under phenojax_version in that file"
        )
    if not isinstance(run.get("files"), dict):
        raise ResultError(f"{path}: does not list the files of the result; run the screen again")
    return run


def _check_schema(table: pa.Table, schema: pa.Schema, where: str) -> None:
    if table.schema.equals(schema):
        return
    found, expected = [f"{f.name}:{f.type}" for f in table.schema], [f"{f.name}:{f.type}" for f in schema]
    missing = ", ".join(f for f in expected if f not in found) or "none"
    extra = ", ".join(f for f in found if f not in expected) or "none"
    raise ResultError(
        f"{where}: wrong columns (missing {missing}; not expected {extra}); expected {', '.join(expected)}"
    )
