"""Jobs (a), (b) and the measures: sets against sets on one core, beside the peers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from similarity_jobs.context import Context, agreement, median, processor_seconds
from similarity_jobs.peer import Peer
from similarity_jobs.report import Bar, Row, Section

import phenojax as pj
from phenojax._csr import Csr

# hpo3 calls them so; phenojax's own name, and the bar over resnik.
MEASURES = {"lin": "lin", "jc": "jiang_conrath", "rel": "relevance", "ic": "information_coefficient"}
SLOW_PAIRS = 200
PHENOPY_AGREEMENT = 0.01  # as phenopy's own published matrices are met: its parents and its smoothing differ in detail


def individuals(context: Context) -> Section:
    """(a) All pairs of 500."""
    data, sets = context.data, context.data.individuals
    ids = data.ids(sets)
    n = sets.n_rows
    pairs = n * (n + 1) // 2
    section = Section(f"All pairs of {n} individuals of 5 to 25 random terms, Resnik, bma, omim, one core")

    def arrays() -> NDArray[np.float32]:
        return pj.similarity(sets, ontology=data.ontology, threads=1)

    found = arrays()
    with context.peer("hpo3", {"a": ids}) as peer:
        rounds = [peer.sets("a") for _ in range(context.peer_rounds)]
        difference = agreement(found[np.triu_indices(n)], peer.scores())
        section.rows.append(Row(f"{peer.version}, HPOSets to list", median(rounds), rounds[0].pairs, 1))
    theirs = median(rounds)
    ours = processor_seconds(arrays, context.own_rounds)
    limit = context.limit(section, [(n, len(sets.indices))], sets)
    section.rows.append(Row("phenojax, arrays to array", ours, pairs, theirs / ours, limit))
    lists = processor_seconds(lambda: pj.similarity(ids, ontology=data.ontology, threads=1), context.own_rounds)
    section.rows.append(Row("phenojax, lists of term ids to array", lists, pairs, theirs / lists))
    section.rows += slow_peers(context, found, ids, ids, theirs / rounds[0].pairs, section.notes)
    section.notes.append(f"Answers agree with hpo3 within {difference:.1e}")
    section.bars.append(Bar("2,500 times as fast as hpo3", f"{theirs / ours:,.0f} times", theirs / ours >= 2500))
    return section


def slow_peers(
    context: Context,
    found: NDArray[np.float32],
    a: list[list[str]],
    b: list[list[str]],
    hpo3_seconds_a_pair: float,
    notes: list[str],
) -> list[Row]:
    """pyhpo and phenopy on some pairs: all of them would take hours."""
    chosen = context.sample(len(a), len(b), SLOW_PAIRS)
    values = np.array([found[i, j] for i, j in chosen])
    expected = {"pyhpo": (values, 1e-3), "phenopy": (phenopy_values(context, a, b, chosen), PHENOPY_AGREEMENT)}
    rows = []
    for name, (ours, within) in expected.items():
        if context.python[name] is None:
            notes.append(f"{name} was not compared: --{name}-python was not given")
            continue
        with context.peer(name, {"a": a, "b": b}) as peer:
            taken = peer.sets("a", "b", chosen)
            difference = agreement(ours, peer.scores(), within)
            rows.append(
                Row(
                    f"{peer.version}, {len(chosen)} pairs drawn from these",
                    taken.processor,
                    taken.pairs,
                    hpo3_seconds_a_pair * taken.pairs / taken.processor,
                )
            )
            information = ", both by phenopy's information content" if name == "phenopy" else ""
            notes.append(f"Answers agree with {name} within {difference:.1e} on {len(chosen)} pairs{information}")
    return rows


def phenopy_values(context: Context, a: list[list[str]], b: list[list[str]], chosen: list[list[int]]) -> np.ndarray:
    found = pj.similarity(a, b, ontology=context.data.ontology, ic="phenopy", threads=1)
    return np.array([found[i, j] for i, j in chosen])


def diseases(context: Context) -> Section:
    """(b) 100 individuals against every disease."""
    data = context.data
    a = Csr(data.individuals.offsets[:101], data.individuals.indices[: data.individuals.offsets[100]])
    b = data.diseases
    pairs = a.n_rows * b.n_rows
    section = Section(f"{a.n_rows} individuals against {b.n_rows:,} diseases, Resnik, bma, omim, one core")

    def arrays() -> NDArray[np.float32]:
        return pj.similarity(a, b, ontology=data.ontology, threads=1)

    found = arrays()
    with context.peer("hpo3", {"a": data.ids(a), "b": data.ids(b)}) as peer:
        taken = peer.sets("a", "b")
        difference = agreement(found, peer.scores())
        section.rows.append(Row(f"{peer.version}, HPOSets to list", taken.processor, taken.pairs, 1))
    ours = processor_seconds(arrays, context.own_rounds)
    limit = context.limit(section, [(a.n_rows, len(b.indices)), (b.n_rows, len(a.indices))], a, b)
    section.rows.append(Row("phenojax, arrays to array", ours, pairs, taken.processor / ours, limit))
    section.notes.append(f"Answers agree with hpo3 within {difference:.1e}")
    times = taken.processor / ours
    section.bars.append(Bar("2,000 times as fast as hpo3", f"{times:,.0f} times, {ours:.3f} s", times >= 2000))
    return section


@pj.measure
def own_lin(ic_mica: float, ic_a: float, ic_b: float) -> float:
    """Lin again, as a user would write it."""
    total = ic_a + ic_b
    return 2 * ic_mica / total if total > 0 else 0.0


def measures(context: Context) -> Section:
    """Every measure that the peers know too, and one of the user's own, on (a)."""
    data, sets = context.data, context.data.individuals
    n = sets.n_rows
    pairs = n * (n + 1) // 2
    section = Section(f"Other measures of terms on the {n} individuals of (a), bma, omim, one core")

    def by(measure: object) -> Callable[[], NDArray[np.float32]]:
        return lambda: pj.similarity(sets, ontology=data.ontology, measure=measure, threads=1)  # type: ignore[arg-type]

    resnik = processor_seconds(by("resnik"), context.own_rounds)
    section.rows.append(Row("phenojax, resnik", resnik, pairs))
    with context.peer("hpo3", {"a": data.ids(sets)}) as peer:
        for theirs, ours in MEASURES.items():
            _one_measure(section, peer, theirs, ours, by(ours), resnik, context.own_rounds)
    lin = next(row.seconds for row in section.rows if row.who == "phenojax, lin")
    own = processor_seconds(by(own_lin), context.own_rounds)
    section.rows.append(Row("phenojax, lin written in Python", own, pairs))
    section.bars.append(
        Bar("A user's Lin takes at most 1.5 times the built-in one", f"{own / lin:.2f} times", own <= 1.5 * lin)
    )
    if not np.allclose(by(own_lin)(), by("lin")(), rtol=0, atol=1e-6):
        raise SystemExit("the user's Lin is not the built-in one")
    return section


def _one_measure(
    section: Section,
    peer: Peer,
    theirs: str,
    ours: str,
    work: Callable[[], NDArray[np.float32]],
    resnik: float,
    rounds: int,
) -> None:
    taken = peer.sets("a", method=theirs)
    found = work()
    difference = agreement(found[np.triu_indices(len(found))], peer.scores())
    seconds = processor_seconds(work, rounds)
    section.rows += [
        Row(f"{peer.version}, {theirs}", taken.processor, taken.pairs, 1),
        Row(f"phenojax, {ours}", seconds, taken.pairs, taken.processor / seconds),
    ]
    section.notes.append(f"{ours}: answers agree with hpo3 within {difference:.1e}")
    asked = f"{ours} takes at most 10 times as long as resnik"
    section.bars.append(Bar(asked, f"{seconds / resnik:.2f} times", seconds <= 10 * resnik))
