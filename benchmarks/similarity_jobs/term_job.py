"""Job (c): every phenotype term against every other."""

from __future__ import annotations

import random
import statistics
import time

import numpy as np
from similarity_jobs.context import Context, agreement
from similarity_jobs.report import Bar, Row, Section

import phenojax as pj
from phenojax._csr import csr_from_rows
from phenojax.similarity import information_content

SAMPLE = 100_000


def all_terms(context: Context) -> Section:
    """(c) The whole matrix, and a sample of it beside hpo3."""
    ontology = context.data.ontology
    terms = np.flatnonzero(ontology.phenotype_mask)
    n = len(terms)
    section = Section(f"All {n:,} x {n:,} pairs of terms, Resnik, omim, one core")
    seconds, walls = [], []
    for _ in range(4):
        wall, processor = time.perf_counter(), time.process_time()
        found = pj.term_similarity(ontology=ontology, threads=1)
        seconds.append(time.process_time() - processor)
        walls.append(time.perf_counter() - wall)
        assert found.shape == (n, n)
        picked = _picked(context, terms)
        values = found[picked[:, 0], picked[:, 1]]
        del found
    names = np.array(ontology.term_ids)[terms]
    pairs = [[str(names[i]), str(names[j])] for i, j in picked]
    with context.peer("hpo3", {}) as peer:
        taken = peer.terms(pairs)
        difference = agreement(values, peer.scores())
        theirs = taken.processor / taken.pairs
        section.rows.append(
            Row(f"{peer.version}, {len(pairs):,} pairs drawn from these", taken.processor, taken.pairs, 1)
        )
    ours = statistics.median(seconds[1:])
    limit = context.limit(section, [(n, n)], csr_from_rows([terms.astype(np.int32)]))
    section.rows.append(Row("phenojax, the whole matrix", ours, n * n, theirs * n * n / ours, limit))
    wall = statistics.median(walls[1:])
    section.notes.append(f"Answers agree with hpo3 within {difference:.1e}, on pairs of terms that OMIM annotates")
    section.notes.append(f"The output is {4 * n * n / 2**30:.2f} GiB; {wall:.2f} s by the clock on the wall")
    section.bars.append(Bar("At most 1 s", f"{ours:.2f} s", ours <= 1))
    return section


def _picked(context: Context, terms: np.ndarray) -> np.ndarray:
    """Pairs of positions, of terms that hpo3 gives an information content."""
    ic = information_content(context.data.ontology)[terms]
    annotated = np.flatnonzero(ic < information_content(context.data.ontology).max()).tolist()
    rng = random.Random(context.seed)
    return np.array([[rng.choice(annotated), rng.choice(annotated)] for _ in range(SAMPLE)])
