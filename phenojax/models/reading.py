"""Read a folder of models: every file is checked against the index before a number of it is used."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import NoneType
from typing import Any

from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load

from phenojax._csr import Csr
from phenojax.errors import ConfigError, ResultError
from phenojax.models.compatibility import check_encoder, to_release
from phenojax.models.familiarity import Familiarity
from phenojax.models.gene_model import GeneModel
from phenojax.models.layout import FORMAT, FORMAT_VERSION, INDEX, INDIVIDUALS, TERMS, from_parts, sha256_of
from phenojax.models.model_set import Individuals, ModelSet
from phenojax.ontology import Ontology

IN_A_RESULT, RUN = "models", "run.json"
# What run.json calls a result of `discover`.
SUBGROUPS = "phenojax-subgroups"
AGAIN = "run the screen again"
# What the entries of an index are; another one is damage.
KINDS: dict[str, tuple[type, ...]] = {
    "ontology": (dict,), "encoder": (dict, NoneType), "config": (dict,), "created": (dict,), "models": (list,),
    "notes": (list,), "min_individuals": (int, NoneType),
}  # fmt: skip

Arrays = Mapping[str, NDArray[Any]]


def read_models(
    folder: str | os.PathLike[str],
    *,
    genes: Iterable[str] | None = None,
    ontology: Ontology | None = None,
    encoder: Mapping[str, Any] | None = None,
    allow_other_ontology: bool = False,
    allow_other_encoder: bool = False,
) -> ModelSet:
    """Read the models that a screen, `write_models` or an export wrote.

    Args:
        folder: of models, or of a result that has them.
        genes: only these are read; all when not given.
        ontology: the release that new individuals are described with: refused where the models are of another one.
        encoder: what the new individuals' embeddings say of themselves (`Faces.about`): refused where other models made
            those of the screen.
        allow_other_ontology: carry the models over to ``ontology`` by term id instead; a note says what is lost.
        allow_other_encoder: let other embeddings be compared all the same, provided they are as wide.

    Raises:
        ResultError: no models there, a file is missing or has changed, another format version, or models of another run
            than the result's.
        ConfigError: another ontology release or encoder that was not allowed, or a gene without a model.
    """
    place, told = _read_index(folder)
    wanted = None if genes is None else list(dict.fromkeys(genes))
    files = told["files"]
    try:
        index = [m for m in told["models"] if wanted is None or m["gene"] in wanted]
        _check_genes(place, told["models"], wanted)
        tensors = {name: _read_file(place, name, files) for name in dict.fromkeys(m["file"] for m in index)}
        found: list[GeneModel] = [from_parts(m, tensors[m["file"]]) for m in index]
        terms = _read_file(place, TERMS, files)
        models = ModelSet(
            models={(model.gene, model.modality): model for model in found},
            term_numbers=terms["term_numbers"],
            weights=terms["weights"],
            ontology_version=told["ontology"]["version"],
            annotation_version=told["ontology"]["annotation_version"],
            encoder=told["encoder"],
            config=told["config"],
            created=told["created"],
            individuals=_individuals(_read_file(place, INDIVIDUALS, files)) if INDIVIDUALS in files else None,
            min_individuals=told["min_individuals"],
            familiarity=Familiarity.from_tensors(terms),
            notes=tuple(told["notes"]),
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        if isinstance(error, ResultError | ConfigError):
            raise
        raise ResultError(f"{place / INDEX}: not what phenojax wrote ({error!r}); {AGAIN}") from error
    if encoder is not None:
        models = check_encoder(models, encoder, allow=allow_other_encoder)
    return models if ontology is None else to_release(models, ontology, allow=allow_other_ontology)


def models_folder(folder: str | os.PathLike[str]) -> Path:
    """The folder of models that is meant: itself, or the one inside a result, whose run.json must name it.

    Raises:
        ResultError: there is none, or it is of another run than the result.
    """
    source = Path(folder)
    if (source / INDEX).is_file():
        place = source.resolve()
        if place.name == IN_A_RESULT and (place.parent / RUN).is_file():
            models_folder(place.parent)  # refuses models of another run than that of the result they lie in
        return source
    inside = source / IN_A_RESULT
    if not (source / RUN).is_file():
        what = "no such folder" if not source.is_dir() else f"no {INDEX} and no {RUN}, so no models"
        raise ResultError(
            f"{source}: {what}; give the folder that `phenojax screen --out` wrote, or its {inside.name}/"
        )
    digest = digest_in_run(source)
    if digest is None:
        raise ResultError(f"{source}: this result was written without models; {AGAIN}, with models")
    if not (inside / INDEX).is_file():
        raise ResultError(f"{inside / INDEX}: the file is missing from this result; {AGAIN}")
    if sha256_of(inside / INDEX) != digest:
        raise ResultError(f"{inside / INDEX}: not the models that {RUN} describes, so two runs are mixed; {AGAIN}")
    return inside


def digest_in_run(result: Path) -> str | None:
    """The SHA-256 that a result's run.json has of the index of its models; None where it has none.

    Raises:
        ResultError: run.json cannot be read, or is that of subgroups, which have no models.
    """
    run_file = result / RUN
    try:
        told = json.loads(run_file.read_text(encoding="utf-8"))
        digest, written_by = told["files"].get(f"{IN_A_RESULT}/{INDEX}"), told.get("format")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise ResultError(f"{run_file}: cannot be read, so it is not known whose models these are; {AGAIN}") from None
    if written_by == SUBGROUPS:
        raise ResultError(
            f"{result}: `phenojax discover` wrote this result, and it has no models; give the folder that "
            "`phenojax screen --out` wrote"
        )
    return None if digest is None else str(digest)


def _read_index(folder: str | os.PathLike[str]) -> tuple[Path, dict[str, Any]]:
    place = models_folder(folder)
    path = place / INDEX
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ResultError(f"{path}: not readable as JSON ({error}); {AGAIN}") from None
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise ResultError(f"{path}: not the index of phenojax models (expected format {FORMAT!r})")
    if told.get("format_version") != FORMAT_VERSION:
        raise ResultError(
            f"{path}: models of format {told.get('format_version')!r}, but this phenojax reads {FORMAT_VERSION}; "
            f"{AGAIN}, or use the phenojax that wrote them"
        )
    if not isinstance(told.get("files"), dict):
        raise ResultError(f"{path}: does not list the files of the models; {AGAIN}")
    for name, kinds in KINDS.items():
        if name in told and not isinstance(told[name], kinds):
            raise ResultError(f"{path}: {name} is {type(told[name]).__name__}, not what phenojax wrote; {AGAIN}")
    return place, told


def _check_genes(place: Path, index: list[dict[str, Any]], wanted: list[str] | None) -> None:
    known = dict.fromkeys(model["gene"] for model in index)
    missing = [gene for gene in wanted or [] if gene not in known]
    if missing:
        shown = ", ".join(list(known)[:5]) + (" ..." if len(known) > 5 else "")
        named = ", ".join(gene or "'' (an empty name)" for gene in missing)
        raise ConfigError(f"{place}: no model of {named}; there are {len(known)}: {shown}")


def _read_file(place: Path, name: str, files: Mapping[str, str]) -> Arrays:
    """The tensors of one file, once its SHA-256 is found right."""
    path = place / name
    if name not in files:
        raise ResultError(f"{place / INDEX}: says nothing of {name}; {AGAIN}")
    if ".." in Path(name).parts or Path(name).is_absolute():
        raise ResultError(f"{place / INDEX}: {name!r} lies outside the folder of the models; {AGAIN}")
    if not path.is_file():
        raise ResultError(f"{path}: the file is missing from these models; {AGAIN}")
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != files[name]:
        raise ResultError(f"{path}: has changed since the models were written, or is of another run; {AGAIN}")
    try:
        found: Arrays = load(content)
    except SafetensorError as error:
        raise ResultError(f"{path}: cannot be read as safetensors ({error}); {AGAIN}") from None
    return found


def _individuals(arrays: Arrays) -> Individuals:
    return Individuals(
        ids=tuple(json.loads(arrays["ids"].tobytes())),
        terms=Csr(arrays["term_offsets"], arrays["term_indices"]),
        faces=arrays.get("faces"),
        groups=tuple(json.loads(arrays["groups"].tobytes())),
    )
