"""Faces against their peers: dlib-bin 20.0.1, onnxruntime and PyTorch 2.13 on a CPU, answers compared.

python benchmarks/faces.py [--job NAME ...] [--quick] [--cores 1] [--rounds 9] [--out benchmarks/results/faces.md]

Needs phenojax[faces,peers] and scikit-image. Test data (generated faces) is found as in the tests; without it the
astronaut of scikit-image is the only face. On a machine with an accelerator the job `accelerator` measures it, and the
others still run on the CPU.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path


def arguments(jobs: tuple[str, ...]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--job", nargs="+", choices=jobs, default=jobs, metavar="NAME", help=", ".join(jobs))
    parser.add_argument("--quick", action="store_true", help="one round: shows that it works, measures nothing")
    parser.add_argument("--cores", type=int, default=1, help="for every side")
    parser.add_argument("--rounds", type=int, default=9, help="turns of each side")
    parser.add_argument("--out", type=Path, help="where the page is written, besides being printed")
    return parser.parse_args()


JOBS = ("dlib", "iresnet", "mmod", "mtcnn", "align", "embed", "gradient", "bf16", "compile", "accelerator")


def main() -> None:
    given = arguments(JOBS)
    if hasattr(os, "sched_setaffinity"):  # before the libraries count the cores
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-given.cores :])
    os.environ["OMP_NUM_THREADS"] = str(given.cores)

    import jax
    from faces_jobs import accelerator, detectors, encoders, pipeline
    from faces_jobs.pictures import read_pictures
    from faces_jobs.report import Section, page
    from faces_jobs.timing import Context

    functions: dict[str, Callable[[Context], Section]] = {
        "dlib": encoders.dlib_encoder,
        "iresnet": encoders.iresnets,
        "mmod": detectors.mmod,
        "mtcnn": detectors.mtcnn,
        "align": detectors.alignment,
        "embed": pipeline.embedding,
        "gradient": encoders.gradients,
        "bf16": encoders.half_precision,
        "compile": pipeline.compilations,
        "accelerator": accelerator.throughput,
    }
    context = Context(
        pictures=read_pictures(2 if given.quick else 20),
        cores=given.cores,
        rounds=1 if given.quick else given.rounds,
        quick=given.quick,
    )
    measured = {}
    with jax.default_device(jax.devices("cpu")[0]):
        for job in given.job:
            measured[job] = functions[job](context)
    text = page(measured, given.cores)
    sys.stdout.write(text)
    if given.out:
        given.out.write_text(text, encoding="utf-8")
    missed = [
        f"{job}: {bar.asked}: {bar.found}" for job, section in measured.items() for bar in section.bars if not bar.met
    ]
    if missed and not given.quick:
        raise SystemExit("\n".join(["not met:", *missed]))


if __name__ == "__main__":
    main()
