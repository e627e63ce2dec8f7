"""What keeping a model of every gene costs a screen: seconds, bytes, and the AUC that an export loses.

Usage: python benchmarks/saved_models.py COHORT [--permutations 1000] [--rounds 2] [--out FILE.md]

The same screen with and without models, in turn in one process; the tables must be the same. Seconds are processor
seconds of one thread: permutations, which the models do not touch, can be few. A second screen is of simulated genes.
"""

from __future__ import annotations

import argparse
import datetime
import platform
import tempfile
import time
from importlib import metadata
from pathlib import Path

import numpy as np

import phenojax as pj
from phenojax.models import ModelSet, export_models, read_models, write_models
from phenojax.ontology import Ontology

SIMULATED = {"n_genes": 250, "n_null_genes": 250, "min_size": 4, "max_size": 40, "papers": 6}
SIMULATED_SETTINGS = {"min_cases": 4, "min_controls": 16}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cohort")
    parser.add_argument("--permutations", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    ontology = pj.load_ontology()
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("phenojax", "jax", "numpy", "safetensors"))
    lines = [
        f"{datetime.date.today()}, {cpu()}, Python {platform.python_version()}, {versions}, HPO {ontology.version}; "
        f"one thread, {arguments.permutations} permutations, medians of {arguments.rounds} rounds in turn",
        "",
        "| screen | models | processor seconds without | with | added | a model | folder | of it individuals "
        "| write | read |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    simulated = pj.simulate(ontology, pj.SimulationConfig(**SIMULATED), seed=1)
    notes = []
    for name, cohort, settings in (
        ("simulated, 500 genes of 20 to 200 individuals", simulated, SIMULATED_SETTINGS),
        (f"{Path(arguments.cohort).name}", pj.read_cohort(arguments.cohort), {}),
    ):
        shared = settings | {"permutations": arguments.permutations, "threads": 1}
        row, models = measure(name, cohort, ontology, shared, arguments.rounds)
        lines.append(row)
        notes += ["", f"## Without individuals: {name}", "", *exported(models, ontology)]
    text = "\n".join([*lines, *notes])
    print(text)
    if arguments.out:
        arguments.out.write_text(f"# Models that a screen keeps\n\n{text}\n")


def measure(
    name: str, cohort: pj.Cohort, ontology: Ontology, settings: dict[str, object], rounds: int
) -> tuple[str, ModelSet]:
    """A row of the table, and the models."""
    pj.screen(cohort, ontology=ontology, **{**settings, "permutations": 1})  # compiles
    seconds: dict[bool, list[float]] = {False: [], True: []}
    results = {}
    for _ in range(rounds):
        for kept in (False, True):
            begin = time.process_time()
            results[kept] = pj.screen(cohort, ontology=ontology, save_models=kept, **settings)
            seconds[kept].append(time.process_time() - begin)
    if not results[True].table.equals(results[False].table):
        raise SystemExit("the tables differ with models and without")
    models = results[True].models
    assert models is not None
    without, kept = (float(np.median(seconds[key])) for key in (False, True))
    with tempfile.TemporaryDirectory() as folder:
        begin = time.process_time()
        place = write_models(models, Path(folder, "models"))
        written = time.process_time() - begin
        begin = time.process_time()
        read_models(place)
        read = time.process_time() - begin
        size = sum(path.stat().st_size for path in place.rglob("*") if path.is_file())
        personal = (place / "individuals.safetensors").stat().st_size
    n = len(models.models)
    row = (
        f"| {name} | {n} | {without:.1f} | {kept:.1f} | {kept - without:.1f} | {1e3 * (kept - without) / n:.0f} ms "
        f"| {size / 1e6:.1f} MB | {personal / 1e6:.1f} MB | {written:.2f} s | {read:.2f} s |"
    )
    return row, models


def exported(models: ModelSet, ontology: Ontology) -> list[str]:
    """What an export costs, over all models and over those that were tested with their groups."""
    with tempfile.TemporaryDirectory() as folder:
        begin = time.process_time()
        found = export_models(models, Path(folder, "out"), ontology=ontology)
        seconds = time.process_time() - begin
        size = sum(path.stat().st_size for path in Path(folder, "out").rglob("*") if path.is_file())
    costs = [(model.facts, model.export_cost) for model in found.models.values() if model.export_cost is not None]
    lines = [f"{len(found.models)} models, {size / 1e6:.1f} MB, {seconds:.1f} processor seconds. {found.notes[0]}.", ""]
    lines += ["| genes | models | AUC whole | exported | mean loss | 5 % lose more than |", "|---|---|---|---|---|---|"]
    for name, kept in (
        ("all", costs),
        ("status ok", [c for c in costs if c[0].status == "ok"]),
        ("status ok, 10 cases or more", [c for c in costs if c[0].status == "ok" and c[0].n_cases >= 10]),
    ):
        if kept:
            whole, after = np.array([(cost.auc_whole, cost.auc_export) for _, cost in kept]).T
            loss = whole - after
            lines.append(
                f"| {name} | {len(kept)} | {whole.mean():.4f} | {after.mean():.4f} | {loss.mean():.4f} "
                f"| {np.quantile(loss, 0.95):.4f} |"
            )
    return lines


def cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{len(names)} x {names[0]}" if names else platform.processor()


if __name__ == "__main__":
    main()
