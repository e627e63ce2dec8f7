"""A cohort of warped photographs: genes with facial features, publications with a camera, and the truth beside them."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from phenojax._files import TEMPORARY_PREFIX
from phenojax.cohort import Cohort, Individual, write_cohort
from phenojax.errors import CohortError, ConfigError
from phenojax.face.simulation.bases import BasePhotograph
from phenojax.face.simulation.config import FaceSimulationConfig
from phenojax.face.simulation.features import FEATURES, FacialFeature
from phenojax.face.simulation.nuisance import Nuisance, as_jpeg, draw_camera, draw_photograph
from phenojax.face.simulation.render import render

COHORT_NAME = "cohort.jsonl"
TRUTH_NAME = "truth.parquet"
PHOTOGRAPHS = "photographs"


def simulate_faces(
    bases: Sequence[BasePhotograph],
    out: str | os.PathLike[str],
    config: FaceSimulationConfig | None = None,
    seed: int = 0,
) -> Cohort:
    """Warp real photographs into a cohort whose facial features are known, and write it.

    Each gene has a few facial features. Each of its carriers is a base photograph, drawn without regard to the gene,
    into which they are warped; then light, framing, skin, noise and compression are changed, partly alike within one
    publication. These are warps of a few photographs: a method that fails on them fails, one that succeeds on them has
    proven nothing about patients.

    Args:
        bases: the photographs to warp, see `find_bases`.
        out: a folder that does not exist, or is empty. It gets ``cohort.jsonl``, ``photographs/*.jpg`` and
            ``truth.parquet``: per individual ``id base features severity`` and the face's frame in the photograph
            (``origin``, ``axes``; `warped_region` takes it).
        config: sizes and realism; all defaults when None.
        seed: the same bases, config and seed give the same files.

    Returns:
        The cohort, as `phenojax.read_cohort` reads it back: genes ``FACE1`` ... and ``NULL1`` ..., groups
        ``CAMERA:1`` ... (publications), HPO terms, photographs, and the columns ``base`` and ``simulated``.

    Raises:
        ConfigError: no base photograph, or a negative seed.
        CohortError: `out` holds something already.
    """
    config = config or FaceSimulationConfig()
    if not bases:
        raise ConfigError("at least one base photograph is needed")
    if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
        raise ConfigError(f"seed must be a whole number of at least 0, not {seed!r}")
    with _whole_folder(Path(out)) as folder:
        (folder / PHOTOGRAPHS).mkdir()
        individuals: list[Individual] = []
        truth: list[dict[str, Any]] = []
        for number, plan in enumerate(_plan(len(bases), config, seed), 1):
            name = f"FACE{number:05d}"
            base = bases[plan.base]
            rng = np.random.default_rng((seed, 1, number))
            taken = render(base.pixels, base.frame, plan.features, plan.severity, plan.nuisance, rng, config.side)
            photograph = folder / PHOTOGRAPHS / f"{name}.jpg"
            photograph.write_bytes(as_jpeg(taken.pixels, plan.nuisance.quality))
            individuals.append(Individual(name, plan.gene, plan.terms, group=plan.paper, photo=str(photograph)))
            truth.append(
                {
                    "id": name,
                    "base": base.name,
                    "features": [feature.term_id for feature in plan.features],
                    "severity": plan.severity,
                    "origin": taken.frame.origin.tolist(),
                    "axes": taken.frame.axes.ravel().tolist(),
                }
            )
        columns = {"base": tuple(row["base"] for row in truth), "simulated": ("true",) * len(truth)}
        write_cohort(Cohort(tuple(individuals), columns=columns), folder / COHORT_NAME)
        pq.write_table(pa.Table.from_pylist(truth), folder / TRUTH_NAME)
    final = (replace(one, photo=str(Path(out) / PHOTOGRAPHS / f"{one.id}.jpg")) for one in individuals)
    return Cohort(tuple(final), f"simulated faces (seed {seed})", columns)


class _Plan(NamedTuple):
    """One individual before the photograph is taken."""

    gene: str
    paper: str
    base: int
    features: tuple[FacialFeature, ...]
    severity: float
    terms: tuple[str, ...]
    nuisance: Nuisance


def _plan(n_bases: int, config: FaceSimulationConfig, seed: int) -> Iterator[_Plan]:
    """Everything that is drawn but the noise of the pictures, individual by individual."""
    rng = np.random.default_rng((seed, 0))
    paper_number = 0
    genes = [f"FACE{number + 1}" for number in range(config.n_genes)]
    genes += [f"NULL{number + 1}" for number in range(config.n_null_genes)]
    for gene in genes:
        features = _features(rng, config.features_per_gene) if gene.startswith("FACE") else ()
        n_papers = min(config.papers, config.gene_size)
        cameras = [draw_camera(rng, config.nuisance) for _ in range(n_papers)]
        for member in range(config.gene_size):
            at = member % n_papers
            terms = tuple(
                feature.term_id
                for feature in FEATURES
                if rng.random() < (config.term_recall if feature in features else config.term_noise)
            )
            yield _Plan(
                gene,
                f"CAMERA:{paper_number + at + 1}",
                int(rng.integers(n_bases)),
                features,
                float(config.severity * rng.uniform(0.5, 1.5)) if features else 0.0,
                terms,
                draw_photograph(rng, cameras[at], config.nuisance),
            )
        paper_number += n_papers


def _features(rng: np.random.Generator, count: int) -> tuple[FacialFeature, ...]:
    """Draw features that do not undo each other: no two that move the same spot."""
    chosen: list[FacialFeature] = []
    for at in rng.permutation(len(FEATURES)).tolist():
        spots = {deformation.centre for feature in chosen for deformation in feature.deformations}
        if len(chosen) < count and not spots & {deformation.centre for deformation in FEATURES[at].deformations}:
            chosen.append(FEATURES[at])
    return tuple(chosen)


@contextmanager
def _whole_folder(out: Path) -> Iterator[Path]:
    """Give a temporary folder beside `out` that takes its name when the block ends well, and else is removed."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise CohortError(f"{out}: is there already and not empty; name a new folder")
    if not out.parent.is_dir():
        raise CohortError(f"{out}: the folder {out.parent} does not exist; make it first")
    temporary = out.with_name(f"{TEMPORARY_PREFIX}{secrets.token_hex(4)}-{out.name}")
    temporary.mkdir()
    try:
        yield temporary
        if out.exists():
            out.rmdir()
        temporary.rename(out)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
