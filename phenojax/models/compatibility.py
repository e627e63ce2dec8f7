"""Whether models may score individuals described with another ontology release, or with other embeddings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from phenojax._csr import Csr, csr_from_rows
from phenojax.errors import ConfigError
from phenojax.models.gene_model import GeneModel, Pattern
from phenojax.models.model_set import Individuals, ModelSet
from phenojax.ontology import Ontology

# What tells one model of a face pipeline from another; the rest of its card may change its wording.
IDENTITY = ("name", "role", "sha256")


def check_encoder(models: ModelSet, encoder: Mapping[str, Any], *, allow: bool = False) -> ModelSet:
    """The models, when these embeddings may be compared with those of their training; a note says what is unsure.

    Args:
        models: of a screen.
        encoder: what the new embeddings say of themselves (`Faces.about`).
        allow: let another encoder pass, provided its vectors are as long.

    Raises:
        ConfigError: the models know no faces, or the embeddings are of another length, or of another encoder.
    """
    if models.encoder is None:
        return models
    mine, theirs = models.encoder, encoder
    if mine["width"] != theirs["width"]:
        raise ConfigError(
            f"embeddings have {theirs['width']} numbers a face, those of the models {mine['width']}; embed the "
            "photographs with the models that the screen used"
        )
    names = [_names(about["models"]) for about in (mine, theirs)]
    unknown = [name is None for name in names]
    if all(unknown):
        note = "of embeddings given as arrays nobody can say whether one encoder made them all"
    elif names[0] == names[1]:
        return models
    elif not allow:
        shown = ["an array of the caller's" if n is None else ", ".join(str(part[0]) for part in n) for n in names]
        raise ConfigError(
            f"embeddings were made by {shown[1]}, those of the models by {shown[0]} (name or SHA-256 differ); embed "
            "the photographs with the same models, or allow another encoder: --allow-other-encoder"
        )
    else:
        note = "the embeddings were made by another encoder than those of the models; what a face adds may mean nothing"
    return replace(models, notes=(*models.notes, note))


def _names(models: Any) -> list[tuple[Any, ...]] | None:
    """What identifies each; None of an array of the caller's."""
    if isinstance(models, str):
        return None
    return [tuple(model.get(key) for key in IDENTITY) for model in models]


def is_same_encoder(models: ModelSet, encoder: Mapping[str, Any]) -> bool:
    """Whether the models' embeddings and these are, as far as anybody can say, of one encoder."""
    names = [None if about is None else _names(about["models"]) for about in (models.encoder, encoder)]
    return names[0] == names[1] or None in names


def is_release(models: ModelSet, ontology: Ontology) -> bool:
    """Whether the models' terms are those of this release."""
    return models.ontology_version == ontology.version and models.term_ids == ontology.term_ids


def to_release(models: ModelSet, ontology: Ontology, *, allow: bool = False) -> ModelSet:
    """The models over the terms of a release: as they are where it is their own; else, if allowed, carried over.

    A term goes where its id leads in the new release (itself, or what replaces it, unless a current term is already
    there); one that leads nowhere is lost, with its weight. Terms that the models do not know weigh nothing. A note
    says how much that is.

    Args:
        models: of a screen.
        ontology: the release of the new individuals.
        allow: carry over, where it is another release.

    Raises:
        ConfigError: it is another release, and that was not allowed.
    """
    if is_release(models, ontology):
        return models
    if not allow:
        raise ConfigError(
            f"the models are of HPO release {models.ontology_version} ({len(models.term_numbers):,} terms), the "
            f"ontology is {ontology.version} ({ontology.n_terms:,} terms); load that release, run the screen again "
            "with this one, or allow another ontology: --allow-other-ontology"
        )
    target = _targets(models, ontology)
    kept = target >= 0
    weights = np.zeros(ontology.n_terms)
    weights[target[kept]] = models.weights[kept]
    lost = {key: _lost(model, kept) for key, model in models.models.items()}
    moved = {key: _moved(model, target) for key, model in models.models.items()}
    shares = list(lost.values()) or [0.0]
    note = (
        f"carried over from HPO release {models.ontology_version} to {ontology.version}: {int((~kept).sum()):,} of "
        f"{len(kept):,} terms are lost, and {ontology.n_terms - int(kept.sum()):,} are unknown to the models and weigh "
        f"nothing; of what terms are worth, a model loses {100 * float(np.mean(shares)):.2g} % on average, "
        f"{100 * max(shares):.2g} % at most"
    )
    individuals, familiarity = models.individuals, models.familiarity
    if familiarity is not None:
        known = target[familiarity.terms]
        familiarity = familiarity._replace(terms=np.sort(known[known >= 0]).astype(np.int32))
    if individuals is not None:
        individuals = Individuals(
            individuals.ids, _moved_sets(individuals.terms, target), individuals.faces, individuals.groups
        )
    return replace(
        models,
        models=moved,
        term_numbers=np.array([int(term[3:]) for term in ontology.term_ids], np.int32),
        weights=weights,
        ontology_version=ontology.version,
        individuals=individuals,
        familiarity=familiarity,
        notes=(*models.notes, note),
    )


def _targets(models: ModelSet, ontology: Ontology) -> NDArray[np.int64]:
    """Where each term goes, int64 ``(n_terms,)``; -1 for one that is lost."""
    current = {term: index for index, term in enumerate(ontology.term_ids)}
    found = np.array([current.get(term, -1) for term in models.term_ids], np.int64)
    taken = set(found.tolist())
    for place in np.flatnonzero(found < 0).tolist():
        leads_to = ontology.lookup(models.term_ids[place]).term_idx
        if leads_to >= 0 and leads_to not in taken:
            found[place] = leads_to
            taken.add(leads_to)
    return found


def _lost(model: GeneModel, kept: NDArray[np.bool_]) -> float:
    """The share of the absolute values of its terms that a model loses."""
    values = [np.abs(pattern.term_values) for pattern in model.patterns.values()]
    total = sum(float(value.sum()) for value in values)
    there = sum(float(v[kept[p.term_idx]].sum()) for v, p in zip(values, model.patterns.values(), strict=True))
    return 1.0 - there / total if total > 0 else 0.0


def _moved(model: GeneModel, target: NDArray[np.int64]) -> GeneModel:
    return replace(model, patterns={name: _moved_pattern(pattern, target) for name, pattern in model.patterns.items()})


def _moved_pattern(pattern: Pattern, target: NDArray[np.int64]) -> Pattern:
    places = target[pattern.term_idx]
    order = np.argsort(places, kind="stable")
    order = order[places[order] >= 0]
    jackknife = pattern.jackknife
    if jackknife is not None:
        jackknife = jackknife._replace(terms=np.ascontiguousarray(jackknife.terms[:, order]))
    return replace(
        pattern,
        term_idx=places[order].astype(np.int32),
        term_values=pattern.term_values[order],
        jackknife=jackknife,
    )


def _moved_sets(sets: Csr, target: NDArray[np.int64]) -> Csr:
    rows = (target[sets.row(r)] for r in range(sets.n_rows))
    return csr_from_rows(np.unique(row[row >= 0]).astype(np.int32) for row in rows)
