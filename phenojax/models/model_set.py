"""The models of one screen together, with all that their meaning depends on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from phenojax._csr import Csr
from phenojax.errors import ConfigError
from phenojax.models.gene_model import GeneModel


@dataclass(frozen=True, eq=False, repr=False)
class Individuals:
    """Those whom models were fitted on: personal data.

    Attributes:
        ids: of each.
        terms: their observed terms, a row of term_idx each.
        faces: float32 ``(n, d)``, of length 1, 0 where there is no face; None without faces.
        groups: the name of each one's group, None where it is not known; empty when the screen had no groups.
    """

    ids: tuple[str, ...]
    terms: Csr
    faces: NDArray[np.float32] | None
    groups: tuple[str | None, ...] = ()

    def __repr__(self) -> str:
        return f"<{len(self.ids)} individuals>"  # no log is to hold more of them


@dataclass(frozen=True, eq=False, repr=False)
class ModelSet:
    """Models by gene and modality. Made by `screen` and `compare`, or read by `read_models`.

    Attributes:
        models: by ``(gene, modality)``, in the order of the results.
        term_numbers: int32 ``(n_terms,)``; the digits of each term's id, by term_idx: HP:0001250 is 1250.
        weights: float64 ``(n_terms,)``, conditional IC: what a term weighs in a closure.
        ontology_version: the release that term_idx belongs to.
        annotation_version: the annotations that the weights come from.
        encoder: which models made the embeddings (`Faces.about` of the screen); None without faces.
        config: the settings of the screen.
        created: versions of packages, and the seed.
        individuals: None in an export.
        min_individuals: of an export: no number in it rests on fewer individuals with a term; None of what is none.
        notes: what a reader should know, such as what a mapping to another release lost; whole sentences.
    """

    models: Mapping[tuple[str, str], GeneModel]
    term_numbers: NDArray[np.int32]
    weights: NDArray[np.float64]
    ontology_version: str
    annotation_version: str
    encoder: Mapping[str, Any] | None
    config: Mapping[str, Any]
    created: Mapping[str, Any]
    individuals: Individuals | None = None
    min_individuals: int | None = None
    notes: tuple[str, ...] = field(default=())

    def __repr__(self) -> str:
        held = "no individual" if self.individuals is None else f"{len(self.individuals.ids)} individuals"
        return f"<ModelSet: {len(self.models)} models, {held}, HPO release {self.ontology_version}>"

    @property
    def holds_individuals(self) -> bool:
        """Whether terms, embeddings or scores of single individuals are in it."""
        return self.individuals is not None or any(model.holds_individuals for model in self.models.values())

    @property
    def genes(self) -> tuple[str, ...]:
        """Every gene once, in the order of the results."""
        return tuple(dict.fromkeys(gene for gene, _ in self.models))

    @property
    def term_ids(self) -> tuple[str, ...]:
        """The id of each term, by term_idx."""
        return tuple(f"HP:{number:07d}" for number in self.term_numbers.tolist())

    def of(self, gene: str) -> tuple[GeneModel, ...]:
        """The models of one gene, one for each modality.

        Raises:
            ConfigError: there is none; the message names a few genes there are.
        """
        found = tuple(model for (name, _), model in self.models.items() if name == gene)
        if not found:
            shown = ", ".join(self.genes[:5]) + (" ..." if len(self.genes) > 5 else "")
            raise ConfigError(f"no model of gene {gene!r}; there are {len(self.genes)}: {shown}")
        return found
