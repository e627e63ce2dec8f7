"""Detectors and alignment."""

from __future__ import annotations

from functools import partial

import dlib
import jax.numpy as jnp
import numpy as np
from faces_jobs.faces import detected, detector
from faces_jobs.report import Row, Section
from faces_jobs.timing import Context, differ, milliseconds, race

from phenojax.face.alignment.align import align
from phenojax.face.alignment.templates import template_names
from phenojax.face.weights.catalogue import BUNDLED
from phenojax.face.weights.locate import locate

MMOD_PART, MTCNN_MILLISECONDS = 1 / 3, 30.0


def mmod(context: Context) -> Section:
    """dlib's detector against dlib, on the same 512 x 512 pixels."""
    section = Section("dlib's detector, 512 x 512, faces from 80 pixels on", "time of phenojax / this")
    (path,) = locate(BUNDLED["dlib-mmod"], "the benchmark")
    peer, ours = dlib.cnn_face_detection_model_v1(str(path)), detector("dlib-mmod")
    picture = context.pictures.astronaut
    canvases, sizes = jnp.asarray(picture[None]), jnp.full((1, 2), 512, jnp.int32)
    found, theirs = ours(canvases, sizes), peer(picture, 0)
    n_faces = int(np.asarray(found.valid).sum())
    if n_faces != len(theirs):
        raise SystemExit(f"mmod: {n_faces} faces, dlib finds {len(theirs)}")
    boxes = [[face.rect.left(), face.rect.top(), face.rect.right(), face.rect.bottom()] for face in theirs]
    section.notes.append(differ("boxes", found.boxes[0, :n_faces], boxes, 0))
    section.notes.append(differ("scores", found.scores[0, :n_faces], [face.confidence for face in theirs], 1e-4))
    times = race({"phenojax": lambda: ours(canvases, sizes), "dlib": lambda: peer(picture, 0)}, context.rounds)
    ratio = times["phenojax"] / times["dlib"]
    section.rows.append(Row("the astronaut", "phenojax, five points included", milliseconds(times["phenojax"])))
    section.rows.append(Row("the astronaut", "dlib, boxes alone", milliseconds(times["dlib"]), ratio))
    section.at_most("at most a third of dlib's time", ratio, MMOD_PART)
    return section


def mtcnn(context: Context) -> Section:
    """A batch of pictures of one face each, 20 pixels and more."""
    section = Section("MTCNN, 512 x 512, faces from 20 pixels on")
    ours, pictures = detector("mtcnn"), context.pictures.all
    counts = []
    sides = {}
    for number, picture in enumerate(pictures):
        inputs = jnp.asarray(picture[None]), jnp.full((1, 2), 512, jnp.int32)
        counts.append(int(np.asarray(ours(*inputs).valid).sum()))
        sides[str(number)] = partial(ours, *inputs)
    if min(counts) < 1:
        raise SystemExit("MTCNN finds no face in a picture of the benchmark")
    times = list(race(sides, context.rounds).values())
    mean = float(np.mean(times))
    what = f"mean of {len(times)} pictures ({min(times):.3g} to {max(times):.3g})"
    section.rows.append(Row(what, "phenojax", milliseconds(mean)))
    section.at_most("at most 30 ms an image", mean, MTCNN_MILLISECONDS)
    section.notes.append(f"{context.pictures.described}; {sum(counts)} faces found. Agreement: tests/face/detectors")
    return section


def alignment(context: Context) -> Section:
    """Chips of the faces that dlib's detector found."""
    section = Section("Alignment of one face on a canvas of 512 x 512")
    canvases, sizes = jnp.asarray(context.pictures.all), jnp.asarray(context.pictures.sizes)
    points, scheme = detected(context.pictures).landmarks[:, 0], detector("dlib-mmod").scheme
    sides = {name: partial(align, name, scheme, canvases, sizes, points) for name in template_names()}
    for name, time in race(sides, context.rounds).items():
        section.rows.append(Row(f"template {name}", "phenojax", milliseconds(time / len(canvases))))
    section.notes.append(f"{context.pictures.described}. No bar. Agreement with dlib: tests/face/alignment")
    return section
