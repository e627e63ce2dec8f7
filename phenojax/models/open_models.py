"""Whatever a caller has of models: the set itself, a screen's result, or the folder of either."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from phenojax.errors import ResultError
from phenojax.models.layout import sha256_of
from phenojax.models.model_set import ModelSet
from phenojax.models.reading import AGAIN, RUN, models_folder, read_models

RESULTS = "results.parquet"
# Rows of these statuses were tested, so that they have a model.
TESTED = ("ok", "single_group")


class HoldsModels(Protocol):
    """A `ScreenResult`, as far as it matters here."""

    @property
    def table(self) -> pa.Table:
        """One row per gene and modality."""

    @property
    def models(self) -> ModelSet | None:
        """Of the genes that were tested."""


Models = ModelSet | HoldsModels | str | os.PathLike[str]


class Opened(NamedTuple):
    """Models, and the status of every gene and modality of the screen; empty where that is not known."""

    models: ModelSet
    statuses: Mapping[tuple[str, str], str]


def open_models(models: Models, genes: Sequence[str] | None = None) -> Opened:
    """Read a folder, or take what is given.

    Args:
        models: a `ModelSet`, a `ScreenResult`, or the path of a folder that ``phenojax screen`` or ``phenojax models
            export`` wrote.
        genes: those that matter; all when not given. Of a folder only these are read.

    Raises:
        ResultError: there are no models, the folder is damaged or incomplete, or two runs are mixed in it.
        ConfigError: a gene that was not in the screen.
    """
    if isinstance(models, ModelSet):
        return Opened(models, {})
    if not isinstance(models, str | os.PathLike):
        if models.models is None:
            raise ResultError(f"the result holds no models; {AGAIN}, with models")
        return Opened(models.models, _statuses(models.table))
    folder = Path(models)
    statuses = {} if models_folder(folder) == folder else _statuses(_results(folder))
    untested = {gene for gene, _ in statuses} - {gene for (gene, _), status in statuses.items() if status in TESTED}
    wanted = None if genes is None else [gene for gene in genes if gene not in untested]
    return Opened(read_models(folder, genes=wanted), statuses)


def _results(folder: Path) -> pa.Table:
    """The results beside the models, which run.json must name."""
    path = folder / RESULTS
    if not path.is_file():
        raise ResultError(f"{path}: the file is missing from this result; {AGAIN}")
    told = json.loads((folder / RUN).read_text(encoding="utf-8"))["files"].get(RESULTS)
    if told != sha256_of(path):
        raise ResultError(f"{path}: not the file that {RUN} describes, so two runs are mixed; {AGAIN}")
    return pq.read_table(path)


def _statuses(table: pa.Table) -> dict[tuple[str, str], str]:
    columns = (table[name].to_pylist() for name in ("gene", "modality", "status"))
    return {(gene, modality): status for gene, modality, status in zip(*columns, strict=True)}
