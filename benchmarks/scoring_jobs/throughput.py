"""10,000 individuals by 500 models from the command line: time, memory, and the numbers checked one by one."""

from __future__ import annotations

import math
import resource
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from phenojax import Cohort, write_cohort
from phenojax.cohort.encode import encode
from phenojax.models import GeneModel, ModelSet, write_models
from phenojax.ontology import Ontology

N_INDIVIDUALS, N_MODELS, N_CHECKED = 10_000, 500, 2_000
BARS = {"seconds": 30.0, "megabytes": 3000.0}


def enlarged(models: ModelSet) -> ModelSet:
    """As many models as are wanted: those there are, over and over under other names."""
    known = [model for (_, modality), model in models.models.items() if modality == "hpo"]
    made = {}
    for k in range(N_MODELS):
        model = known[k % len(known)]
        name = f"{model.gene}_{k // len(known)}"
        made[name, "hpo"] = replace(model, gene=name)
    return replace(models, models=made)


def many(cohort: Cohort) -> Cohort:
    rows = np.random.default_rng(0).integers(len(cohort), size=N_INDIVIDUALS)
    return Cohort(tuple(replace(cohort.individuals[r], id=f"N{i}") for i, r in enumerate(rows.tolist())))


def throughput_lines(models: ModelSet, cohort: Cohort, ontology: Ontology, folder: Path, runs: int) -> list[str]:
    large, new = enlarged(models), many(cohort)
    write_models(large, folder / "models")
    write_cohort(new, folder / "new.jsonl.gz")
    command = [sys.executable, "-m", "phenojax.cli", "score", str(folder / "models"), str(folder / "new.jsonl.gz"),
               "--out", str(folder / "scores.parquet"), "--max-q", "1", "--quiet"]  # fmt: skip
    seconds, before = [], processor_seconds()
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        seconds.append(time.perf_counter() - start)
    busy = (processor_seconds() - before) / runs
    megabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    worst, each = check(large, new, ontology, folder / "scores.parquet")
    told = f"{np.median(seconds):.1f} s ({min(seconds):.1f} to {max(seconds):.1f})"
    return [
        "| what | bar | reached |",
        "|---|---|---|",
        f"| `phenojax score`, {N_INDIVIDUALS:,} individuals x {N_MODELS} genes, {N_INDIVIDUALS * N_MODELS:,} rows to "
        f"parquet, start-up and reading included, median of {runs} | <= {BARS['seconds']:.0f} s | {told} |",
        f"| of which processor time, mean of {runs} | | {busy:.1f} s |",
        f"| peak memory | <= {BARS['megabytes']:.0f} MB | {megabytes:.0f} MB |",
        f"| one score and probability after the other, in Python with sets | | {each * 1e6:.0f} us each, so "
        f"{each * N_INDIVIDUALS * N_MODELS / np.median(seconds):.0f} times as long |",
        f"| largest difference between the two, {N_CHECKED:,} rows | 1e-5 | {worst:.1e} |",
    ]


def processor_seconds() -> float:
    """Of all subprocesses that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def check(models: ModelSet, cohort: Cohort, ontology: Ontology, path: Path) -> tuple[float, float]:
    """Largest difference from the plain formula, and seconds a row that this takes."""
    table = pq.read_table(path)
    observed = encode(cohort, ontology).observed
    parents = [ontology.indices(ontology.parents(t)).tolist() for t in ontology.term_ids]
    place = {id_: row for row, id_ in enumerate(cohort.ids)}
    chosen = np.random.default_rng(1).integers(table.num_rows, size=N_CHECKED)
    rows = table.take(chosen).to_pylist()
    values = {model.gene: dict(zip(p.term_idx.tolist(), p.term_values.tolist(), strict=True))
              for model in models.models.values() for p in model.patterns.values()}  # fmt: skip
    weights, worst, start = models.weights.tolist(), 0.0, time.perf_counter()
    for row in rows:
        terms = observed.row(place[row["id"]]).tolist()
        if not terms:
            assert row["reason"] == "nothing_to_look_at"
            continue
        model = models.models[row["gene"], "hpo"]
        expected = plain(model, values[row["gene"]], weights, parents, terms)
        found = row["score"], row["probability"]
        worst = max(worst, *(abs(a - b) for a, b in zip(expected, found, strict=True) if b is not None))
    assert worst < 1e-5, worst
    return worst, (time.perf_counter() - start) / len(rows)


def plain(
    model: GeneModel, values: dict[int, float], weights: list[float], parents: list[list[int]], terms: list[int]
) -> tuple[float, float]:
    above, waiting = set(terms), list(terms)
    while waiting:
        for parent in parents[waiting.pop()]:
            if parent not in above:
                above.add(parent)
                waiting.append(parent)
    part = sum(values.get(t, 0.0) for t in above) / math.sqrt(sum(weights[t] for t in above))
    score = model.patterns["hpo"].intercept + part
    return score, 1.0 / (1.0 + math.exp(-(model.slope * score + model.offset)))
