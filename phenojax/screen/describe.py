"""What run.json says: with what, on what, with which settings, how long, and what was left out."""

from __future__ import annotations

import os
import platform
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib import metadata
from typing import Any

import jax

from phenojax.fusion import Classifier
from phenojax.screen.gene import Found
from phenojax.screen.model import NO_MODELS_NOTE
from phenojax.screen.prepare import Prepared, information_source
from phenojax.screen.scorers import CONFIG

VERSIONS_OF = ("phenojax", "jax", "jaxlib", "numpy", "scipy", "pyarrow")
DISCLAIMER = "Research use only. It does not diagnose."


def describe_run(
    prepared: Prepared,
    found: Sequence[Found],
    kind: str,
    timings: Mapping[str, float],
) -> dict[str, Any]:
    """Plain JSON values for `ScreenResult.run`; seconds in ``timings``."""
    ontology, cohort, config = prepared.ontology, prepared.cohort, prepared.config
    genes = {individual.gene for individual in cohort} - {None}
    notes = [DISCLAIMER]
    if config.group is not None and prepared.groups is None:
        notes.append(f"column {config.group!r} is empty: every gene was tested without groups")
    if prepared.faces is not None:
        notes += prepared.faces.notes
    if config.save_models and config.classifier is Classifier.PHENOSCORE:
        notes.append(NO_MODELS_NOTE)
    return {
        "kind": kind,
        "phenojax_version": metadata.version("phenojax"),
        "versions": {"python": platform.python_version(), **{name: metadata.version(name) for name in VERSIONS_OF}},
        "platform": {
            "system": platform.platform(),
            "machine": platform.machine(),
            "cpus": os.cpu_count(),
            "devices": [str(device) for device in jax.devices()],
        },
        "ontology": {
            "version": ontology.version,
            "annotation_version": ontology.annotation_version,
            "without_references": list(ontology.left_out_references),
            "source": ontology.source,
            "licence": ontology.licence,
            "citation": ontology.citation,
        },
        "cohort": {"source": cohort.source, "n_individuals": len(cohort), "n_genes": len(genes)},
        "modalities": [modality.value for modality in prepared.modalities],
        "faces": None if prepared.faces is None else prepared.faces.about,
        "information_content": information_source(ontology, config),
        "classifier": _classifier(config.classifier),
        "config": config.to_dict(),
        "seed": config.seed,
        "timings": {name: round(seconds, 3) for name, seconds in timings.items()},
        "statuses": dict(Counter(f.status.value for f in found)),
        "validation": prepared.validation.to_dict(),
        "left_out": [
            {"gene": f.gene, "modality": f.modality.value, "status": f.status.value, "why": f.note}
            for f in found
            if f.test is None
        ],
        "notes": notes,
    }


def _classifier(classifier: Classifier) -> dict[str, Any]:
    """Its name, and what of the settings inside it is used."""
    if classifier is Classifier.PHENOSCORE:
        return {"name": classifier.value}
    settings = asdict(CONFIG)
    settings["ridge"]["penalties"] = [round(penalty, 6) for penalty in CONFIG.ridge.penalties.tolist()]
    of_kernel, of_prototype = ("ridge", "mixes"), ("prototype", "prototype_mix")
    unused = {Classifier.KERNEL: of_prototype, Classifier.PROTOTYPE: ("prototype", *of_kernel)}.get(classifier, ())
    return {"name": classifier.value} | {name: value for name, value in settings.items() if name not in unused}
