"""Models without any individual in them, and what that costs."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np

from phenojax._csr import Csr
from phenojax.errors import ConfigError, ResultError
from phenojax.models.compatibility import is_release
from phenojax.models.familiarity import Familiarity, find_familiarity
from phenojax.models.model_set import ModelSet
from phenojax.models.reading import RUN
from phenojax.models.reduced import DROPPED, FOLDED, reduce_model
from phenojax.models.storage import check_models_folder, holds_individuals, write_models
from phenojax.ontology import Ontology, load_ontology

MIN_INDIVIDUALS = 5


def export_models(
    models: ModelSet,
    folder: str | os.PathLike[str],
    *,
    ontology: Ontology | None = None,
    min_individuals: int = MIN_INDIVIDUALS,
) -> ModelSet:
    """Write models that hold no individual: no ids, no terms, embeddings or scores of one person.

    Terms that fewer than ``min_individuals`` training individuals of a gene have are dropped, or folded into a kept
    ancestor, whichever costs less over all models; so are those that a kept ancestor has only so few carriers more
    than. What a term is worth is told to three digits; scores, the jackknife and the limits of what is familiar become
    means of so many individuals; a model with fewer cases or controls is left out. What that costs is measured on the
    model's own training individuals: each is scored by the fit without its own group, as it is and with that fit's
    terms reduced in the same way. Which terms are rare is counted over all of them, without a look at labels.
    Calibration is fitted again to the reduced scores.

    No number is of one person, but every coefficient is a sum over all of them, and the direction of a face one over
    their embeddings. There is no guarantee (it is not differential privacy): who knows all of them but one, or can
    combine many terms, may learn something of that one.

    Args:
        models: of a screen, with individuals.
        folder: a new name, an empty folder, or an earlier export; never where models with individuals are, nor inside
            a result.
        ontology: the release of the models; the bundled one when not given.
        min_individuals: at least 2.

    Returns:
        What was written; `GeneModel.export_cost` has the AUCs, and a note the means.

    Raises:
        ConfigError: ``min_individuals`` is out of range, or the ontology is another release.
        ResultError: the models hold no individuals, none is left, or the folder cannot be written or may not be.
    """
    _check_target(folder)
    exported = without_individuals(models, ontology=ontology, min_individuals=min_individuals)
    write_models(exported, Path(folder))
    return exported


def _check_target(folder: str | os.PathLike[str]) -> None:
    """Refuse a folder in which an export would destroy the models of a screen, and one that may not be written."""
    target = check_models_folder(folder)
    give = "give a new folder outside any result"
    if (target.resolve().parent / RUN).is_file():
        raise ResultError(f"{target}: lies inside the result {target.resolve().parent}; {give}")
    if holds_individuals(target):
        raise ResultError(f"{target}: holds models with individuals, which an export would replace; {give}")


def without_individuals(
    models: ModelSet, *, ontology: Ontology | None = None, min_individuals: int = MIN_INDIVIDUALS
) -> ModelSet:
    """`export_models`, but nothing is written.

    Raises:
        ConfigError: as for `export_models`.
        ResultError: the models hold no individuals, or none is left.
    """
    if not isinstance(min_individuals, int) or isinstance(min_individuals, bool) or min_individuals < 2:
        raise ConfigError(f"min_individuals must be a whole number of at least 2, not {min_individuals!r}")
    release = load_ontology() if ontology is None else ontology
    if not is_release(models, release):
        raise ConfigError(
            f"the models are of HPO release {models.ontology_version}, the ontology is {release.version}; models are "
            "exported with their own release: give it as ontology, --ontology"
        )
    usable = [m for m in models.models.values() if min(m.facts.n_cases, m.facts.n_controls) >= min_individuals]
    if not usable:
        raise ResultError(
            f"no model has {min_individuals} cases and {min_individuals} controls, so nothing can be exported; lower "
            "min_individuals"
        )
    both = [reduce_model(models, model, release, min_individuals) for model in usable]
    means = np.nanmean([reduced.aucs for reduced in both], axis=0)
    how = FOLDED if means[2] > means[1] else DROPPED
    found = [reduced.folded if how == FOLDED else reduced.dropped for reduced in both]
    found = [model for model in found if model.patterns]
    kept = {(model.gene, model.modality) for model in found}
    left_out = [f"{gene} ({modality})" for gene, modality in models.models if (gene, modality) not in kept]
    notes = [
        f"exported without individuals: terms of fewer than {min_individuals} training individuals are {how}; over "
        f"{len(both)} models the mean AUC of training individuals, each scored without its own group, is "
        f"{means[2 if how == FOLDED else 1]:.4f} instead of {means[0]:.4f} ({DROPPED} {means[1]:.4f}, {FOLDED} "
        f"{means[2]:.4f})"
    ]
    if left_out:
        notes.append(f"left out, with fewer than {min_individuals} cases or controls: {', '.join(left_out)}")
    return replace(
        models,
        models={(model.gene, model.modality): model for model in found},
        individuals=None,
        min_individuals=min_individuals,
        familiarity=_familiarity(models, release, min_individuals),
        notes=(*models.notes, *notes),
    )


def _familiarity(models: ModelSet, release: Ontology, min_individuals: int) -> Familiarity | None:
    """What at least so many individuals have shown, with limits that fit."""
    individuals = models.individuals
    if individuals is None:
        return None
    closures = Csr(*release.graph.closures(*individuals.terms))
    names = individuals.groups or (None,) * len(individuals.ids)
    alone = (f"alone {row}" for row in range(len(names)))
    groups = [name or own for name, own in zip(names, alone, strict=True)]
    codes = np.unique(groups, return_inverse=True)[1]
    return find_familiarity(closures, models.weights, codes, min_individuals=min_individuals)
