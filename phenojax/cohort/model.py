"""What a cohort is: individuals with HPO terms, a gene, and what else is known of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from phenojax.errors import CohortError


class Sex(StrEnum):
    """The sex recorded for an individual."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Individual:
    """One person, as a file describes them.

    Attributes:
        id: unique inside a cohort.
        gene: the symbol (or locus) that the individual is a carrier for; None when not known.
        observed: term ids that were seen, as written in the file (an ontology resolves them later).
        excluded: term ids that were looked for and not found.
        sex: as recorded.
        age: in years at the examination; None when not known.
        group: what may confound (publication, site or family); None when not known.
        photo: path of the photograph, resolved against the cohort file's folder.
        disease: disease ids, such as ``OMIM:619228``.
        label: free label for ``compare`` (PhenoScore's ``y_label``).
    """

    id: str
    gene: str | None = None
    observed: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    sex: Sex = Sex.UNKNOWN
    age: float | None = None
    group: str | None = None
    photo: str | None = None
    disease: tuple[str, ...] = ()
    label: str | None = None


@dataclass(frozen=True)
class Cohort:
    """Individuals in the order of their file; ids are unique.

    Attributes:
        individuals: in file order.
        source: where the cohort came from, for messages and reports.
        columns: further string columns by name (``variant_class``, ``site`` ...), one value or None per individual,
            usable as ``by=`` or ``group=``.
    """

    individuals: tuple[Individual, ...]
    source: str = "cohort"
    columns: dict[str, tuple[str | None, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        seen: dict[str, int] = {}
        for row, individual in enumerate(self.individuals):
            first = seen.setdefault(individual.id, row)
            if first != row:
                raise CohortError(
                    f"{self.source}: id {individual.id!r} stands at individual {first + 1} and again at {row + 1}; "
                    "ids must be unique"
                )
        for name, values in self.columns.items():
            if len(values) != len(self.individuals):
                raise CohortError(
                    f"{self.source}: column {name!r} has {len(values)} values for {len(self.individuals)} individuals"
                )

    def __len__(self) -> int:
        return len(self.individuals)

    def __iter__(self) -> Iterator[Individual]:
        return iter(self.individuals)

    @property
    def ids(self) -> tuple[str, ...]:
        """Every individual's id, in order."""
        return tuple(individual.id for individual in self.individuals)

    def values(self, column: str) -> tuple[str | None, ...]:
        """One value per individual: a field of `Individual` that holds one string, or one of `columns`.

        Of ``disease`` all ids, with ``;`` between them.

        Raises:
            CohortError: there is no such column; the message lists those there are.
        """
        if column == "sex":
            return tuple(None if i.sex is Sex.UNKNOWN else i.sex.value for i in self.individuals)
        if column in ("id", "gene", "group", "photo", "label"):
            return tuple(getattr(individual, column) for individual in self.individuals)
        if column in self.columns:
            return self.columns[column]
        if column == "disease":
            return tuple(";".join(individual.disease) or None for individual in self.individuals)
        known = ["id", "gene", "sex", "group", "label", "disease", *self.columns]
        raise CohortError(f"{self.source}: no column {column!r}; there are {', '.join(known)}")

    def subset(self, rows: list[int]) -> Cohort:
        """The individuals at `rows`, in that order, with their columns."""
        return Cohort(
            tuple(self.individuals[r] for r in rows),
            self.source,
            {name: tuple(values[r] for r in rows) for name, values in self.columns.items()},
        )
