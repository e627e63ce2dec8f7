"""`screen` and `compare`: from a cohort to a result."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from phenojax.cohort import Cohort
from phenojax.errors import CohortError, ConfigError
from phenojax.face.of_cohort import Embeddings, Faces, faces_of
from phenojax.ontology import Ontology, load_ontology
from phenojax.screen.config import ScreenConfig
from phenojax.screen.describe import describe_run
from phenojax.screen.gene import Found, compare_sets, screen_gene
from phenojax.screen.gene_similarity import gene_similarity
from phenojax.screen.labels import Values, two_sets
from phenojax.screen.model import model_set
from phenojax.screen.prepare import Prepared, prepare
from phenojax.screen.results import ScreenResult
from phenojax.screen.tables import make_tables
from phenojax.screen.ungrouped import beside_ungrouped

logger = logging.getLogger("phenojax")

Progress = Callable[[int, int, str], None]


def screen(
    cohort: Cohort,
    embeddings: Embeddings | None = None,
    *,
    ontology: Ontology | None = None,
    genes: Iterable[str] | None = None,
    progress: Progress | None = None,
    **settings: Any,
) -> ScreenResult:
    """Test, for every gene of a cohort, whether its carriers share a recognisable phenotype.

    Each gene's carriers are compared with controls from the other genes, matched on number of terms, sex and age (or
    on other ``covariates``).
    Scores are out of fold, groups (publications, sites, families) are kept whole, and the p-value comes from
    relabelling whole groups. It is research software and does not diagnose.

    Args:
        cohort: from `read_cohort` or `simulate`.
        embeddings: of the individuals' faces: a `FaceEmbeddings` or the path of its file, matched by id; or floats
            ``(n, d)`` in the order of the cohort, NaN in the rows of those without a face.
        ontology: from `load_ontology`; the bundled release when not given.
        genes: test these only; all of the cohort when not given.
        progress: called as ``progress(done, total, gene)`` in the calling thread.
        **settings: fields of `ScreenConfig`: ``min_cases=5``, ``group="group"``, ``permutations=1000``, ``seed=0`` ...

    Returns:
        A row for every gene and modality (`hpo`, `face`, `both`); those that could not be tested say why.

    Raises:
        CohortError: the cohort has no individual, or lacks the group column or a gene that was asked for.
        MissingExtraError: ``classifier="phenoscore"`` without scikit-learn.
        ConfigError: a setting is unknown or out of range, the embeddings are not the cohort's or hold what is no
            number, or there are none for a modality that needs them.
        ResultError: a path of embeddings that leads to none.
    """
    config = _config(settings)
    start = time.perf_counter()
    cohort, faces = _in_order_of_ids(cohort, embeddings)
    carriers = _carriers(cohort, genes)
    prepared = prepare(cohort, ontology if ontology is not None else load_ontology(), config, faces)
    ready = time.perf_counter()
    # a gene is one thread's work: a matrix library that starts threads of its own for it has them wait for each other
    with threadpool_limits(1, "blas"):
        found = _run_all(prepared, carriers, progress)
    tested = time.perf_counter()
    _warn_of_confounders(found)
    similarity = gene_similarity(prepared)
    timings = {"prepare": ready - start, "test": tested - ready, "total": time.perf_counter() - start}
    return replace(_result(prepared, found, "screen", timings), gene_similarity=similarity)


def compare(
    cohort: Cohort,
    by: str = "label",
    *,
    embeddings: Embeddings | None = None,
    positive: Values = None,
    negative: Values = None,
    gene: str | None = None,
    ontology: Ontology | None = None,
    **settings: Any,
) -> ScreenResult:
    """Test whether two labelled sets of individuals differ in phenotype, as `screen` tests a gene.

    Where groups are known the AUC is also computed as if they were not: the note and ``run["ungrouped"]`` have it
    beside the grouped one, and a warning says so where it is much higher and the grouped one not below .5.

    Args:
        cohort: from `read_cohort`.
        by: column that tells the two sets apart, such as ``variant_effect``, ``variant_class``, ``disease`` or
            ``protein_position``; individuals without a value are left out.
        embeddings: of the individuals' faces, as for `screen`.
        positive: the value that marks cases, or a list of values, or of a column of numbers a range such as
            ``"400..620"``. Without it the column must hold two values, and cases are those of "1", "case", "true",
            "yes" or "patient" where there is one, else of the value that sorts first.
        negative: the same of controls; individuals of values that neither names are left out. Without it every value
            but those of `positive` is a control's.
        gene: only carriers of this gene.
        ontology: from `load_ontology`; the bundled release when not given.
        **settings: fields of `ScreenConfig`; those that choose controls play no part: nobody is matched.

    Returns:
        A row for each modality; its ``gene`` reads like ``"label: 1 vs 0"``.

    Raises:
        CohortError: no such column or gene, or an empty cohort.
        ConfigError: the column does not hold exactly two values and none is named, `positive` or `negative` names one
            that is not there or both name one, a setting is bad, or the embeddings are, as for `screen`.
        ResultError: a path of embeddings that leads to none.
    """
    config = _config(settings)
    start = time.perf_counter()
    cohort, faces = _in_order_of_ids(cohort, embeddings)
    if gene is not None:
        kept = _carriers(cohort, [gene])[gene].tolist()
        cohort, faces = cohort.subset(kept), None if faces is None else faces.take(kept)
    sets = two_sets(by, cohort.values(by), positive, negative)
    if by in config.stratify:
        raise ConfigError(f"stratify names {by!r}, which is compared: inside its strata no label can be swapped")
    prepared = prepare(cohort, ontology if ontology is not None else load_ontology(), config, faces)
    prepared = replace(prepared, checked=tuple(c for c in prepared.checked if c.name != by))
    ready = time.perf_counter()
    name = sets.name if gene is None else f"{gene}, {sets.name}"
    found = [compare_sets(prepared, name, sets.cases, sets.controls, modality) for modality in prepared.modalities]
    found = [replace(one, note="; ".join(filter(None, (one.note, sets.note)))) for one in found]
    found, ungrouped = beside_ungrouped(prepared, found)
    _warn_of_confounders(found)
    timings = {"prepare": ready - start, "test": time.perf_counter() - ready, "total": time.perf_counter() - start}
    return _result(prepared, found, "compare", timings, ungrouped=ungrouped)


def _result(prepared: Prepared, found: list[Found], kind: str, timings: dict[str, float], **more: Any) -> ScreenResult:
    tables, run = make_tables(prepared, found), describe_run(prepared, found, kind, timings) | more
    models = model_set(prepared, found, tables[0]["q_value"].to_pylist(), run)
    return ScreenResult(*tables, run, models)


def _config(settings: dict[str, Any]) -> ScreenConfig:
    known = [f.name for f in fields(ScreenConfig)]
    for name in settings:
        if name not in known:
            raise ConfigError(f"no setting {name!r}; there are {', '.join(known)}")
    return ScreenConfig(**settings)


def _in_order_of_ids(cohort: Cohort, embeddings: Embeddings | None) -> tuple[Cohort, Faces | None]:
    """The same individuals by id: random draws go by position, and the order of a file's rows is to change nothing."""
    if len(cohort) == 0:
        raise CohortError(f"{cohort.source}: there is no individual to test")
    faces = None if embeddings is None else faces_of(cohort, embeddings)
    order = sorted(range(len(cohort)), key=cohort.ids.__getitem__)
    return cohort.subset(order), None if faces is None else faces.take(order)


def _warn_of_confounders(found: list[Found]) -> None:
    """One warning for a whole run; the rows' notes say the rest."""
    named = [f"{f.gene} by {f.confounders[0]}" for f in found if f.confounders]
    if named:
        logger.warning(
            "in %d of %d tests something other than the phenotype predicts the label, so that the result may show that "
            "and nothing else: %s%s; see the notes",
            len(named),
            sum(f.test is not None for f in found),
            ", ".join(named[:3]),
            " ..." if len(named) > 3 else "",
        )


def _carriers(cohort: Cohort, genes: Iterable[str] | None) -> dict[str, NDArray[np.int64]]:
    """Cohort rows of each gene, genes in alphabetical order."""
    rows: dict[str, list[int]] = {}
    for row, individual in enumerate(cohort):
        if individual.gene is not None:
            rows.setdefault(individual.gene, []).append(row)
    wanted = sorted(rows) if genes is None else sorted(set(genes))
    missing = [gene for gene in wanted if gene not in rows]
    if missing:
        raise CohortError(f"{cohort.source}: no individual carries {', '.join(missing)}")
    if not wanted:
        raise CohortError(f"{cohort.source}: no individual has a gene; `compare` tests two labelled sets")
    return {gene: np.array(rows[gene], dtype=np.int64) for gene in wanted}


def _run_all(prepared: Prepared, carriers: dict[str, NDArray[np.int64]], progress: Progress | None) -> list[Found]:
    """Every gene by every modality, in the order of ``carriers``, whatever the order in which they end.

    Threads, since numpy, the core and XLA all release the GIL; a gene's numbers depend on its name and the seed only.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    workers = prepared.config.threads or cores
    found: dict[str, list[Found]] = {}

    def one_gene(gene: str, rows: NDArray[np.int64]) -> list[Found]:
        return [screen_gene(prepared, gene, rows, modality) for modality in prepared.modalities]

    pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="phenojax-screen")
    try:
        # the largest first, so that at the end no thread waits for another's long one
        futures: dict[Future[list[Found]], str] = {
            pool.submit(one_gene, gene, carriers[gene]): gene
            for gene in sorted(carriers, key=lambda name: -len(carriers[name]))
        }
        waiting = set(futures)
        while waiting:
            done, waiting = wait(waiting, timeout=0.2, return_when=FIRST_COMPLETED)
            for future in done:
                found[futures[future]] = future.result()
                if progress is not None:
                    progress(len(found), len(carriers), futures[future])
    except KeyboardInterrupt:
        prepared.stop.set()
        logger.warning("interrupted; stopping when the genes in work come to an end, nothing is written")
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return [row for gene in carriers for row in found[gene]]
