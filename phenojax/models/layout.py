"""The folder of a model set: which files, what they are called, and how a model is told in JSON and in tensors.

==========================  ===========================================================================================
``models.json``             format and its version, what the folder holds in words, the index, the SHA-256 of each file
``terms.safetensors``       ``term_numbers`` int32, ``weights`` float64, both ``(n_terms,)``
``genes/NAME.safetensors``  the arrays of one gene: ``MODALITY/PATTERN/...`` and, but in an export, ``MODALITY/...``
``individuals.safetensors``  ids, terms, faces and groups of those whom the models were fitted on; none in an export
==========================  ===========================================================================================
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from phenojax.models.gene_model import ExportCost, GeneModel, Jackknife, ModelFacts, Pattern

FORMAT = "phenojax-models"
FORMAT_VERSION = 1
INDEX, TERMS, INDIVIDUALS, GENES = "models.json", "terms.safetensors", "individuals.safetensors", "genes"
LONGEST_NAME = 120

Tensors = dict[str, NDArray[Any]]
# Arrays of a model, by attribute; those an export lacks or alone has are simply absent.
OF_MODEL = ("training_scores", "is_case", "groups", "rows", "case_quantiles", "control_quantiles")


def file_names(genes: Iterable[str]) -> dict[str, str]:
    """A file for each gene, told apart even where case does not count; any character may stand in a name."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for gene in genes:
        name = quote(gene, safe=" ,()+=@", errors="surrogatepass").replace(".", "%2E")
        if len(name) > LONGEST_NAME or not name or name.lower() in taken:
            digest = hashlib.sha256(gene.encode("utf-8", "surrogatepass")).hexdigest()[:16]
            name = f"{name[:LONGEST_NAME]}~{digest}"
        taken.add(name.lower())
        names[gene] = f"{GENES}/{name}.safetensors"
    return names


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def to_tensors(model: GeneModel) -> Tensors:
    """The arrays of one model, by ``MODALITY/...``."""
    found: Tensors = {}
    for name in OF_MODEL:
        if (value := getattr(model, name)) is not None:
            found[f"{model.modality}/{name}"] = value
    for key, pattern in model.patterns.items():
        for name, value in _arrays(pattern).items():
            if value is not None:
                found[f"{model.modality}/{key}/{name}"] = value
    return {name: np.ascontiguousarray(value) for name, value in found.items()}


def _arrays(pattern: Pattern) -> dict[str, NDArray[Any] | None]:
    rows = pattern.jackknife
    return {
        "term_idx": pattern.term_idx,
        "term_values": pattern.term_values,
        "face": pattern.face,
        "jackknife_intercepts": None if rows is None else rows.intercepts,
        "jackknife_terms": None if rows is None else rows.terms,
        "jackknife_faces": None if rows is None else rows.faces,
    }


def to_json(model: GeneModel, file: str) -> dict[str, Any]:
    """All of one model that is no array, and the file that holds these."""
    return {
        "gene": model.gene,
        "modality": model.modality,
        "file": file,
        "slope": model.slope,
        "offset": model.offset,
        "covariance": model.covariance.tolist(),
        "patterns": {
            key: {name: getattr(pattern, name) for name in ("intercept", "hpo_base", "face_base")}
            for key, pattern in model.patterns.items()
        },
        "facts": {name: _or_none(value) for name, value in asdict(model.facts).items()},
        "export_cost": None if model.export_cost is None else asdict(model.export_cost),
    }


def from_parts(told: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]) -> GeneModel:
    """The model that `to_json` and `to_tensors` took apart.

    Raises:
        KeyError: a value or an array is missing.
        TypeError: a value is of another kind.
        ValueError: the same.
    """
    modality = told["modality"]
    facts = {name: math.nan if told["facts"][name] is None else told["facts"][name] for name in ("auc", "p_value")}
    cost = told["export_cost"]
    return GeneModel(
        gene=told["gene"],
        modality=modality,
        patterns={
            key: _pattern(numbers, {n.rpartition("/")[2]: t for n, t in tensors.items() if _is_of(n, modality, key)})
            for key, numbers in told["patterns"].items()
        },
        slope=float(told["slope"]),
        offset=float(told["offset"]),
        covariance=np.array(told["covariance"], dtype=np.float64).reshape(2, 2),
        facts=ModelFacts(**(told["facts"] | facts)),
        export_cost=None if cost is None else ExportCost(**cost),
        **{name: tensors.get(f"{modality}/{name}") for name in OF_MODEL},
    )


def _is_of(name: str, modality: str, pattern: str) -> bool:
    return name.rpartition("/")[0] == f"{modality}/{pattern}"


def _pattern(numbers: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Pattern:
    jackknife = None
    if "jackknife_intercepts" in arrays:
        rows = arrays["jackknife_intercepts"], arrays["jackknife_terms"], arrays.get("jackknife_faces")
        jackknife = Jackknife(*rows)
    return Pattern(
        intercept=float(numbers["intercept"]),
        term_idx=arrays["term_idx"],
        term_values=arrays["term_values"],
        face=arrays.get("face"),
        hpo_base=float(numbers["hpo_base"]),
        face_base=float(numbers["face_base"]),
        jackknife=jackknife,
    )


def _or_none(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
