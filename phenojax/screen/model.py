"""The models of a screen: each from the sample that the gene was tested on, with the classifier that tested it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from phenojax.fusion import Classifier
from phenojax.models import GeneModel, Individuals, ModelFacts, ModelSet, TrainingSample, fit_gene_model
from phenojax.screen.config import Modality
from phenojax.screen.prepare import Prepared, information_source
from phenojax.screen.sample import Sample, SampleTest
from phenojax.screen.scorers import CONFIG

if TYPE_CHECKING:
    from phenojax.screen.gene import Found

NO_MODELS_NOTE = "no models are saved: PhenoScore's classifier is not linear in the similarities of a new individual"


def fit_model(
    prepared: Prepared, rows: NDArray[np.int64], sample: Sample, test: SampleTest, name: str, modality: Modality
) -> GeneModel | None:
    """Fit the sample of one gene; None where no models are wanted, or the classifier has none.

    What the screen found stands in the results; of its facts those of the whole run are filled in by `model_set`.

    Args:
        prepared: the cohort.
        rows: int64 ``(n,)``; cohort rows of the sample.
        sample: as tested.
        test: what the test found.
        name: of the gene.
        modality: not `auto`.
    """
    classifier = prepared.config.classifier
    if not prepared.config.save_models or classifier is Classifier.PHENOSCORE:
        return None
    design, faces = sample.design, prepared.faces
    training = TrainingSample(
        kernels=sample.kernels,
        present=sample.present,
        groups=design.groups,
        labels=design.labels,
        closures=None if modality is Modality.FACE else prepared.closures.take(rows),
        faces=None if modality is Modality.HPO or faces is None else faces.unit[rows],
    )
    n_cases = int(design.labels.sum())
    facts = ModelFacts(
        status="",
        note="",
        n_cases=n_cases,
        n_controls=len(rows) - n_cases,
        n_groups=None,
        n_groups_used=design.n_groups,
        auc=test.auc,
        p_value=test.p_value,
        q_value=None,
        closure_weight_low=None,
        closure_weight_high=None,
    )
    return fit_gene_model(
        training,
        prepared.weights,
        facts,
        gene=name,
        modality=modality.value,
        classifier=classifier,
        config=CONFIG,
        rows=rows,
    )


def model_set(
    prepared: Prepared, found: Sequence[Found], q_values: Sequence[float | None], run: Mapping[str, Any]
) -> ModelSet | None:
    """All models of a run, with the individuals they were fitted on and no others; None where there are none.

    Args:
        prepared: the cohort.
        found: of each test.
        q_values: of each test; None where it has none.
        run: of `describe_run`.
    """
    if not prepared.config.save_models or prepared.config.classifier is Classifier.PHENOSCORE:
        return None
    fitted = [(f, f.model, q) for f, q in zip(found, q_values, strict=True) if f.model is not None]
    used = np.unique(np.concatenate([np.zeros(0, np.int64), *(m.rows for _, m, _ in fitted if m.rows is not None)]))
    models = {}
    for f, model, q in fitted:
        facts = replace(model.facts, status=f.status.value, note=f.note, n_groups=f.n_groups, q_value=q)
        rows = None if model.rows is None else np.searchsorted(used, model.rows)
        models[f.gene, f.modality.value] = replace(model, facts=facts, rows=rows)
    ontology, faces, column = prepared.ontology, prepared.faces, prepared.config.group
    groups: tuple[str | None, ...] = ()
    if prepared.groups is not None and column is not None:
        values = prepared.cohort.values(column)
        groups = tuple(values[row] for row in used.tolist())
    return ModelSet(
        models=models,
        term_numbers=np.array([int(term[3:]) for term in ontology.term_ids], np.int32),
        weights=prepared.weights,
        ontology_version=ontology.version,
        annotation_version=ontology.annotation_version,
        encoder=None if faces is None else faces.about,
        config=prepared.config.to_dict() | {"information_content": information_source(ontology, prepared.config)},
        created={"versions": run["versions"], "seed": run["seed"], "kind": run["kind"]},
        individuals=Individuals(
            ids=tuple(prepared.cohort.ids[row] for row in used.tolist()),
            terms=prepared.observed.take(used),
            faces=None if faces is None else faces.unit[used],
            groups=groups,
        ),
    )
