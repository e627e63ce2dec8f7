"""Maps of faces: how long one takes, whether it lies where the face was warped, whether the score rests on it.

python benchmarks/face_explanations.py [--job NAME ...] [--quick] [--out benchmarks/results/face_explanations.md]

Needs phenojax[faces] and the test data (generated faces). One core. Truth is known because the faces are warped here:
one photograph of a face for each of 13 facial features and four without, each under its own light, framing and noise.
A model is fitted on 10 of the 20 people and explained on the others.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

JOBS = ("speed", "region", "deletion")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--job", nargs="+", choices=JOBS, default=JOBS, metavar="NAME", help=", ".join(JOBS))
    parser.add_argument("--quick", action="store_true", help="little of everything: shows that it works")
    parser.add_argument("--pictures", type=Path, help="a folder where maps are drawn, to look at them")
    parser.add_argument("--out", type=Path, help="where the page is written, besides being printed")
    return parser.parse_args()


def main() -> None:
    given = arguments()
    if hasattr(os, "sched_setaffinity"):  # before XLA counts the cores
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-1:])
    import jax
    from face_explanation_jobs import deletion, region, speed
    from face_explanation_jobs.report import page
    from face_explanation_jobs.warped import warped_faces

    functions: dict[str, Callable[..., list[str]]] = {
        "speed": speed.speed,
        "region": region.region,
        "deletion": deletion.deletion,
    }
    with jax.default_device(jax.devices("cpu")[0]):
        faces = warped_faces(given.quick)
        sections = [functions[job](faces, given.quick, given.pictures) for job in given.job]
    text = page(sections)
    sys.stdout.write(text)
    if given.out:
        given.out.write_text(text, encoding="utf-8")
    missed = [line for section in sections for line in section if "**not met**" in line]
    if missed and not given.quick:
        raise SystemExit("\n".join(["not met:", *missed]))


if __name__ == "__main__":
    main()
