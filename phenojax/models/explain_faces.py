"""Which part of the face each gene's model goes by: the maps of a gene's cases, and their mean on an average face."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from phenojax._extras import require
from phenojax.cohort import Cohort, read_cohort
from phenojax.errors import ConfigError, ResultError
from phenojax.explain.face.face_map import METHODS, FaceMap, IndividualMap, mean_map
from phenojax.explain.face.storage import file_sha256
from phenojax.models.face_explanations import FaceExplanations, Unexplained
from phenojax.models.face_heads import FaceHeads, face_heads
from phenojax.models.face_photographs import Photographed, PhotographSettings, encoder_of, photographed
from phenojax.models.gene_model import FACE, GeneModel
from phenojax.models.layout import INDEX
from phenojax.models.model_set import ModelSet
from phenojax.models.reading import models_folder, read_models

if TYPE_CHECKING:
    from phenojax.explain.face.head import FaceScorer

Progress = Callable[[int, int, str], None]

SIGNIFICANT = 0.05
NOT_SIGNIFICANT = "the face model of this gene is not significant (q above 0.05): what its map shows may be chance"


def explain_faces(
    models: ModelSet | str | os.PathLike[str],
    cohort: Cohort | str | os.PathLike[str],
    *,
    genes: Iterable[str] | None = None,
    ids: Iterable[str] = (),
    method: str = METHODS[0],
    photographs: PhotographSettings | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> FaceExplanations:
    """Draw which part of the face the model of each gene goes by, from the photographs that it was fitted on.

    The map of a gene is the mean over its cases, each explained by the model fitted without that case and its group. It
    lies on the average of these faces. At least 5 cases must have one; fewer would show somebody. What a map shows is
    what the encoder and the model look at, not what a disease does to a face. Research use only; does not diagnose.

    Args:
        models: of a screen with ``embeddings``, with individuals, or the folder of its result.
        cohort: that was screened, with photographs, or its file.
        genes: whose face models are explained; None for all that are significant (q at most 0.05).
        ids: individuals whose own map is wanted too, for `genes`, or for their own gene. Who is none of a model's
            training individuals is explained by the whole model.
        method: ``occlusion``; ``integrated-gradients``, twice as quick and pixel by pixel, but drawn to wherever a face
            has contrast; or ``lime``, 20,000 passes through the encoder a face.
        photographs: how they became embeddings; must be as they were embedded. Those whose embedding comes out
            differently are left out.
        seed: of LIME.
        progress: called with how many of how many steps are done, and a label.

    Returns:
        Maps, and why others have none.

    Raises:
        ConfigError: no such method, gene or individual; no gene is significant; most photographs give another
            embedding than they had; another encoder.
        CohortError: the cohort cannot be read, or has no photographs.
        ResultError: no models, or models that hold no individuals.
        MissingExtraError: the extra ``faces`` is not installed.
        WeightsError: the encoder's files are not there, or not those of its card.
    """
    if method not in METHODS:
        raise ConfigError(f"method must be one of {', '.join(METHODS)}; not {method!r}")
    require("faces", "explain_faces")
    settings = photographs or PhotographSettings()
    digest = None
    if not isinstance(models, ModelSet):
        digest = file_sha256(models_folder(models) / INDEX)
        models = read_models(models)
    if not isinstance(cohort, Cohort):
        cohort = read_cohort(cohort)
    run = _Run(models, cohort, method, settings, seed, progress)
    return run(None if genes is None else tuple(dict.fromkeys(genes)), tuple(dict.fromkeys(ids)), digest)


class _Run:
    """One call of `explain_faces`, its arguments checked as they are needed."""

    def __init__(
        self,
        models: ModelSet,
        cohort: Cohort,
        method: str,
        settings: PhotographSettings,
        seed: int,
        progress: Progress | None,
    ) -> None:
        if models.individuals is None:
            raise ResultError("these models hold no individuals, so nobody can be left out of them; use the screen's")
        self._models, self._cohort, self._method = models, cohort, method
        self._settings, self._seed = settings, seed
        self._tell: Progress = progress or _silent
        self._training_ids = models.individuals.ids
        self._unexplained: list[Unexplained] = []

    def __call__(self, genes: tuple[str, ...] | None, ids: tuple[str, ...], digest: str | None) -> FaceExplanations:
        wanted = self._genes(genes, needed=not ids)
        row_of = {id_: row for row, id_ in enumerate(self._cohort.ids)}
        if strangers := [id_ for id_ in ids if id_ not in row_of]:
            raise ConfigError(f"no individual {strangers[0]!r} in {self._cohort.source}")
        heads = {gene: face_heads(self._models, gene) for gene in wanted}
        singles = self._singles(ids, wanted, genes is not None, row_of)
        heads |= {gene: face_heads(self._models, gene) for _, gene in singles if gene not in heads}
        cases = {gene: self._cases(gene, heads[gene], row_of) for gene in wanted}
        needed = {row_of[id_] for members in cases.values() for id_, _ in members} | {row_of[id_] for id_ in ids}
        if not any(self._cohort.individuals[row].photo for row in needed):
            raise ConfigError(
                f"{self._cohort.source}: none of the individuals to be explained has a photograph; give the cohort "
                "that was embedded and screened, with its column photo"
            )
        encoder = encoder_of(self._models, self._settings)
        seen = photographed(
            self._models,
            self._cohort.subset(sorted(needed)),
            encoder,
            self._settings,
            lambda done, total: self._tell(done, total, "photographs"),
        )
        explain = self._explainer(encoder)
        total = sum(len(members) for members in cases.values()) + len(singles)
        maps, found, done = [], [], 0
        for gene in wanted:
            mine = []
            for id_, head in cases[gene]:
                mine.append(self._one(explain, seen, heads[gene], gene, id_, head))
                done += 1
                self._tell(done, total, f"faces of {gene}")
            maps.append(self._mean(gene, [one for one in mine if one is not None], seen))
        for id_, gene in singles:
            own = self._training_row(heads[gene], id_)
            found.append(self._one(explain, seen, heads[gene], gene, id_, own))
            done += 1
            self._tell(done, total, id_)
        return FaceExplanations(
            tuple(one for one in maps if one is not None),
            tuple(replace(one, face=seen.chips[one.id]) for one in found if one is not None),
            tuple(dict.fromkeys(self._unexplained)),
            self._about(digest),
        )

    def _genes(self, genes: tuple[str, ...] | None, needed: bool) -> tuple[str, ...]:
        """The genes to explain, at least one if it is needed; each has a face model."""
        there = {gene: model for (gene, modality), model in self._models.models.items() if modality == FACE}
        if not there:
            raise ConfigError(
                "no model looks at faces alone; run the screen with --embeddings and --modality auto or face"
            )
        if genes is None:
            found = tuple(gene for gene, model in there.items() if _is_significant(model))
            if needed and not found:
                raise ConfigError(
                    f"none of {len(there)} face models is significant (q at most {SIGNIFICANT}); name a gene to have "
                    "its map all the same: --gene"
                )
            return found
        if absent := [gene for gene in genes if gene not in there]:
            raise ConfigError(
                f"no face model of {absent[0]!r}; there are {len(there)}: {', '.join(list(there)[:5])}"
                f"{' ...' if len(there) > 5 else ''}"
            )
        return genes

    def _cases(self, gene: str, heads: FaceHeads, row_of: dict[str, int]) -> list[tuple[str, int]]:
        """Ids of a gene's cases in the cohort, and their rows among its training individuals."""
        found = []
        for place in np.flatnonzero(heads.is_case).tolist():
            id_ = self._training_ids[heads.rows[place]]
            if id_ in row_of:
                found.append((id_, place))
            else:
                self._miss(
                    gene, id_, "not_in_cohort", "the model was fitted on somebody whom this cohort does not know"
                )
        return found

    def _singles(
        self, ids: tuple[str, ...], wanted: tuple[str, ...], named: bool, row_of: dict[str, int]
    ) -> list[tuple[str, str]]:
        """Whose own map is wanted for which gene."""
        if named:
            return [(id_, gene) for id_ in ids for gene in wanted]
        pairs = []
        for id_ in ids:
            gene = self._cohort.individuals[row_of[id_]].gene
            if gene is not None and (gene, FACE) in self._models.models:
                pairs.append((id_, gene))
            else:
                self._miss(gene, id_, "no_model", "there is no face model of the gene of this individual; name a gene")
        return pairs

    def _training_row(self, heads: FaceHeads, id_: str) -> int | None:
        mine = [place for place, row in enumerate(heads.rows.tolist()) if self._training_ids[row] == id_]
        return mine[0] if mine else None

    def _one(
        self,
        explain: Callable[[NDArray[np.floating], float, NDArray[np.uint8]], IndividualMap],
        seen: Photographed,
        heads: FaceHeads,
        gene: str,
        id_: str,
        place: int | None,
    ) -> IndividualMap | None:
        """One individual's map, or a row that says why there is none."""
        if id_ not in seen.chips:
            self._miss(gene, id_, *seen.failures[id_])
            return None
        if place is None:
            pattern = self._models.models[gene, FACE].patterns[FACE]
            assert pattern.face is not None
            direction, intercept = pattern.face.astype(np.float64), pattern.intercept
        else:
            direction, intercept = heads.directions[place], float(heads.intercepts[place])
        if not np.isfinite(intercept):
            self._miss(
                gene, id_, "nothing_left", "without this individual's group the model has only cases or controls"
            )
            return None
        return replace(explain(direction, intercept, seen.chips[id_]), id=id_, gene=gene, held_out=place is not None)

    def _mean(self, gene: str, mine: Sequence[IndividualMap], seen: Photographed) -> FaceMap | None:
        model = self._models.models[gene, FACE]
        notes: tuple[str, ...] = () if _is_significant(model) else (NOT_SIGNIFICANT,)
        if model.facts.status == "single_group":
            notes += ("all cases come from one group: the map may show its camera and nothing else",)
        try:
            chips = np.stack([seen.chips[one.id] for one in mine]) if mine else np.zeros((0, 1, 1, 3), np.uint8)
            return mean_map(gene, FACE, self._method, mine, chips, notes)
        except ConfigError as error:
            self._miss(gene, None, "too_few_faces", str(error))
            return None

    def _explainer(self, encoder: Any) -> Callable[[NDArray[np.floating], float, NDArray[np.uint8]], IndividualMap]:
        """The method as a function of direction, intercept and aligned face."""
        from phenojax.explain.face.head import face_scorer

        scorer = face_scorer(encoder, np.zeros(self._width()), flip=self._settings.flip)
        return partial(_explained, scorer, self._method, self._seed)

    def _width(self) -> int:
        assert self._models.encoder is not None
        return int(self._models.encoder["width"])

    def _miss(self, gene: str | None, id_: str | None, reason: str, sentence: str) -> None:
        self._unexplained.append(Unexplained(gene, id_, reason, sentence))

    def _about(self, digest: str | None) -> dict[str, Any]:
        from importlib.metadata import version

        return {
            "models_sha256": digest,
            "method": self._method,
            "seed": self._seed,
            "encoder": self._models.encoder,
            "versions": {name: version(name) for name in ("phenojax", "jax")},
        }


def _silent(done: int, total: int, label: str) -> None:
    del done, total, label


def _explained(
    scorer: FaceScorer,
    method: str,
    seed: int,
    direction: NDArray[np.floating],
    intercept: float,
    chip: NDArray[np.uint8],
) -> IndividualMap:
    from phenojax.explain.face.integrated_gradients import integrated_gradients
    from phenojax.explain.face.lime import lime
    from phenojax.explain.face.occlusion import occlusion

    scorer = scorer.with_head(direction, intercept)
    if method == "integrated-gradients":
        found = integrated_gradients(scorer, chip)
        return IndividualMap("", "", found.values, found.score, False, found.baseline, found.gap)
    other = occlusion(scorer, chip) if method == "occlusion" else lime(scorer, chip, seed=seed)
    return IndividualMap("", "", other.values, other.score, False)


def _is_significant(model: GeneModel) -> bool:
    return model.facts.q_value is not None and model.facts.q_value <= SIGNIFICANT
