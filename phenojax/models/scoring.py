"""`score`: what the models of a screen say of new individuals."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from phenojax.cohort import Cohort
from phenojax.errors import CohortError, ConfigError
from phenojax.face.of_cohort import Embeddings, faces_of
from phenojax.models.abstain import NONE, NOTES, REASONS, reason_of_model, reason_of_status
from phenojax.models.compatibility import check_encoder, to_release
from phenojax.models.interval import FEWEST_PARTS
from phenojax.models.model_set import ModelSet
from phenojax.models.new_individuals import NewIndividuals, resolve_individuals
from phenojax.models.open_models import Models, open_models
from phenojax.models.score_block import Block, Stacked, Target, score_block, stack
from phenojax.models.score_config import ScoreConfig
from phenojax.models.score_terms import explain_scores
from phenojax.ontology import Ontology, load_ontology

_NAME = pa.dictionary(pa.int32(), pa.string())
SCORES_SCHEMA = pa.schema(
    [
        ("id", _NAME),
        ("gene", _NAME),
        ("modality", _NAME),
        ("probability", pa.float64()),
        ("probability_low", pa.float64()),
        ("probability_high", pa.float64()),
        ("score", pa.float64()),
        ("hpo_score", pa.float64()),
        ("face_score", pa.float64()),
        ("percentile_cases", pa.float64()),
        ("percentile_controls", pa.float64()),
        ("abstained", pa.bool_()),
        ("reason", _NAME),
        ("note", _NAME),
    ]
)
NOTICE = "Research use only; it does not diagnose."
NO_IDS = (
    "these models hold no individuals, so that nobody can tell whether one of those scored, or of the same "
    "publication, is among those they were fitted on"
)
COARSE_PERCENTILES = (
    f"an export tells percentiles only between the means of the first and last part of its training scores, and where "
    f"there are {FEWEST_PARTS} parts or more"
)
# Individuals go through all models so many at a time.
ROWS_AT_ONCE = 512

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Scores:
    """What the models say.

    Attributes:
        table: a row for each individual, gene and modality, `SCORES_SCHEMA`.
        explanations: a row for each term that carries a score of `table`, `TERMS_SCHEMA`; None unless asked for.
        run: ontology release, when and how the models were made, settings, notes; plain JSON values.
    """

    table: pa.Table
    explanations: pa.Table | None
    run: Mapping[str, Any]


def score(
    models: Models,
    cohort: Cohort,
    embeddings: Embeddings | None = None,
    *,
    genes: Iterable[str] | None = None,
    ontology: Ontology | None = None,
    explain: bool = False,
    on_unknown: str = "warn",
    allow_other_ontology: bool = False,
    allow_other_encoder: bool = False,
    threads: int | None = None,
    progress: Progress | None = None,
    **settings: Any,
) -> Scores:
    """Score new individuals, such as carriers of variants of uncertain significance, by the models of a screen.

    The probability is that of a case **where cases and controls are equally frequent**, by phenotype alone: it knows
    nothing of the variant, nor of how rare the syndrome is. It is research software and does not diagnose.

    Args:
        models: a `ModelSet`, a `ScreenResult` that holds one, or the path of a folder of either.
        cohort: from `read_cohort`; the genes of its individuals are not looked at.
        embeddings: of their faces, as for `screen`, made by the encoder of the models.
        genes: these only; otherwise all that have a model. One that was in the screen but has no model gets rows that
            say why.
        ontology: from `load_ontology`; the bundled release when not given. It has to be that of the models.
        explain: also which terms carry each score that is given.
        on_unknown: ``warn`` or ``error`` for term ids that the release does not know.
        allow_other_ontology: carry the models over to another release by term id; a note says what is lost.
        allow_other_encoder: embeddings of another encoder are not refused.
        threads: None for all processors. The numbers do not depend on it.
        progress: called as ``progress(done, total, what)`` in the calling thread.
        **settings: fields of `ScoreConfig`: ``max_q=0.05``, ``min_cases=5``, ``level=0.95``, ``top=None``,
            ``training_scores=False``.

    Returns:
        Individuals in their order, each with a row for every model in the order of the results (or, with ``top``,
        by descending probability). Where a model abstains, `reason` is one of `Reason` and there is no probability.

        - ``probability``, ``probability_low``, ``probability_high``: calibrated on the scores that the training
          individuals have without their own group; the interval holds the uncertainty of that calibration and of the
          score (see `probability_interval`).
        - ``score``: on the scale of the screen's predictions. ``hpo_score`` and ``face_score`` are the parts of terms
          and face, 0 for who is in them like the average individual of the sample.
        - ``percentile_cases``, ``percentile_controls``: from 0 to 100; where the score stands among the training
          individuals' scores without their own group. By an export, see `percentiles`, None for many.
        - ``note``: what else a reader of the row should know, such as that its publication is one of those learnt from.

    Raises:
        CohortError: no individual, or none with a term or a face; or a malformed id.
        ConfigError: a gene that was not in the screen, a setting out of range, embeddings that are not the cohort's or
            not of the models' encoder, another ontology release.
        ResultError: no models, or a folder of them that is damaged or incomplete.

    Memory: about 80 bytes a row, and 12 bytes for each term and column (a model, or a jackknife row of one).
    """
    config = _config(settings)
    workers = _workers(threads)
    if len(cohort) == 0:
        raise CohortError(f"{cohort.source}: there is no individual to score")
    wanted = _genes(genes)
    held, statuses = open_models(models, wanted)
    release = ontology if ontology is not None else load_ontology()
    held = to_release(held, release, allow=allow_other_ontology)
    faces = None if embeddings is None else faces_of(cohort, embeddings)
    if faces is not None and held.encoder is None:
        raise ConfigError("embeddings: the models were made without faces; leave the embeddings out")
    if faces is not None:
        held = check_encoder(held, faces.about, allow=allow_other_encoder)
    targets = _targets(held, statuses, wanted, config)
    individuals = resolve_individuals(held, cohort, faces, release, on_unknown)
    stacked = stack(held, targets, np.unique(individuals.kinds).tolist())
    blocks = _blocks(stacked, individuals, config, workers, progress)
    table = pa.Table.from_batches(_batches(blocks, targets, individuals, config.top), schema=SCORES_SCHEMA)
    explanations = explain_scores(table, held, individuals, release, workers) if explain else None
    return Scores(table, explanations, _describe(held, config, individuals))


def _config(settings: dict[str, Any]) -> ScoreConfig:
    known = [f.name for f in fields(ScoreConfig)]
    for name in settings:
        if name not in known:
            raise ConfigError(f"no setting {name!r}; there are {', '.join(known)}")
    return ScoreConfig(**settings)


def _genes(genes: Iterable[str] | None) -> list[str] | None:
    if isinstance(genes, str):
        raise ConfigError(f"genes must be a list of genes, not the text {genes!r}")
    return None if genes is None else list(dict.fromkeys(genes))


def _workers(threads: int | None) -> int:
    if threads is not None and (not isinstance(threads, int) or isinstance(threads, bool) or threads < 1):
        raise ConfigError(f"threads must be a positive whole number or None, not {threads!r}")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return threads or cores


def _targets(
    models: ModelSet, statuses: Mapping[tuple[str, str], str], genes: Sequence[str] | None, config: ScoreConfig
) -> list[Target]:
    """Every model; or those of some genes, with a column that says why for those without."""
    known = [
        Target(gene, modality, model, reason_of_model(model, config.min_cases, config.max_q))
        for (gene, modality), model in models.models.items()
    ]
    if genes is None:
        return known
    without = {
        key: Target(*key, None, reason_of_status(status))
        for key, status in statuses.items()
        if key not in models.models
    }
    everything = [*known, *without.values()]
    for gene in genes:
        if not any(target.gene == gene for target in everything):
            models.of(gene)  # names those there are
    return [target for gene in genes for target in everything if target.gene == gene]


def _blocks(
    stacked: Stacked, individuals: NewIndividuals, config: ScoreConfig, workers: int, progress: Progress | None
) -> Iterator[tuple[NDArray[np.int64], Block]]:
    """Blocks in the order of the individuals, whoever computes them."""
    n = len(individuals.ids)
    parts = [np.arange(start, min(start + ROWS_AT_ONCE, n)) for start in range(0, n, ROWS_AT_ONCE)]
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="phenojax-score") as pool:
        found = pool.map(lambda rows: score_block(stacked, individuals, rows, config), parts)
        for rows, block in zip(parts, found, strict=True):
            if progress is not None:
                progress(int(rows[-1]) + 1, n, "scoring")
            yield rows, block


def _batches(
    blocks: Iterable[tuple[NDArray[np.int64], Block]],
    targets: Sequence[Target],
    individuals: NewIndividuals,
    top: int | None,
) -> Iterator[pa.RecordBatch]:
    """Rows of the table; `top` of each individual, the largest probability first and who abstains last."""
    ids = pa.array(individuals.ids, pa.string())
    genes, of_gene = _coded([target.gene for target in targets])
    modalities, of_modality = _coded([target.modality for target in targets])
    reasons, notes = pa.array(REASONS, pa.string()), pa.array(NOTES, pa.string())
    for rows, whole in blocks:
        columns = np.broadcast_to(np.arange(len(targets)), whole.reason.shape)
        block = whole
        if top is not None:
            columns = np.argsort(-np.nan_to_num(whole.probability, nan=-1.0), axis=1, kind="stable")[:, :top]
            block = Block._make(np.take_along_axis(values, columns, axis=1) for values in whole)
        flat = columns.ravel()
        yield pa.record_batch(
            [
                _names(np.repeat(rows, columns.shape[1]), ids),
                _names(of_gene[flat], genes),
                _names(of_modality[flat], modalities),
                *(pa.array(values.ravel(), mask=np.isnan(values.ravel())) for values in block[:8]),
                pa.array(block.reason.ravel() != NONE),
                _names(block.reason.ravel(), reasons),
                _names(block.note.ravel(), notes),
            ],
            schema=SCORES_SCHEMA,
        )


def _coded(names: Sequence[str]) -> tuple[pa.Array, NDArray[np.int64]]:
    different = {name: code for code, name in enumerate(dict.fromkeys(names))}
    return pa.array(list(different), pa.string()), np.array([different[name] for name in names], dtype=np.int64)


def _names(codes: NDArray[np.integer], names: pa.Array) -> pa.DictionaryArray:
    indices = pa.array(codes.astype(np.int32), mask=codes == NONE)
    return pa.DictionaryArray.from_arrays(indices, names)


def _describe(models: ModelSet, config: ScoreConfig, individuals: NewIndividuals) -> dict[str, Any]:
    notes = list(models.notes)
    if models.individuals is None:
        notes += [NO_IDS, COARSE_PERCENTILES]
    n = len(individuals.ids)
    if n_known := int((individuals.learnt_from >= 0).sum()):
        notes.append(f"{n_known} of {n} individuals are among those that models were fitted on, by id, terms and face")
    if n_namesakes := int((individuals.namesake >= 0).sum()):
        notes.append(
            f"{n_namesakes} of {n} individuals have the id of one that models were fitted on, but other terms or "
            "another face, and are scored as new; if they are the same persons, their scores say so and nothing else"
        )
    return {
        "ontology": models.ontology_version,
        "models": dict(models.created),
        "n_individuals": len(individuals.ids),
        "max_q": config.max_q,
        "min_cases": config.min_cases,
        "level": config.level,
        "prior": "cases and controls equally frequent",
        "notes": notes,
        "notice": NOTICE,
    }
