"""Rows of any format become one cohort here: column names, fields, ids, and where an error stands."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, TypeVar

from phenojax.cohort.age import FieldError, parse_age
from phenojax.cohort.model import Cohort, Individual, Sex
from phenojax.cohort.readers.fields import parse_diseases, parse_photo, parse_sex, parse_text, photo_name
from phenojax.cohort.terms import TermParser
from phenojax.cohort.variants import overruled, variant_columns
from phenojax.errors import CohortError

# The columns that are fields of an individual: the first name present is read.
FIELD_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "id": ("id",),
    "gene": ("gene",),
    "observed": ("hpo", "hpo_all"),
    "excluded": ("hpo_excluded",),
    "sex": ("sex",),
    "age": ("age",),
    "group": ("group", "pmid"),
    "photo": ("photo", "path_to_file"),
    "disease": ("disease", "disease_ids"),
    "label": ("label", "y_label"),
}
# Read as a field, and kept as a further column too, so that it can be named.
_KEPT = frozenset({"pmid"})
_INDEX_COLUMNS = frozenset({"", "unnamed: 0", "__index_level_0__"})

T = TypeVar("T")
logger = logging.getLogger("phenojax")


class _Schema(NamedTuple):
    """Where the fields stand among a row's values; -1 when the row has no such column."""

    id: int
    gene: int
    observed: int
    excluded: int
    sex: int
    age: int
    group: int
    photo: int
    disease: int
    label: int
    further: tuple[tuple[str, int], ...]


class CohortBuilder:
    """Collects individuals one at a time.

    Args:
        source: the file, for messages.
        folder: what the paths of photographs are relative to.
        word: what `where` counts: "line", "row" or "member".
    """

    def __init__(self, source: str, folder: Path, word: str) -> None:
        self._source = source
        self._folder = folder
        self._word = word
        self._individuals: list[Individual] = []
        self._columns: dict[str, list[str | None]] = {}
        self._where: dict[str, int | str] = {}
        self._unnamed = 0
        self._overruled = 0
        self._schemas: dict[tuple[str, ...], _Schema] = {}
        self._interned: dict[str, str] = {}
        self._terms = TermParser()
        self._sexes: dict[str, Sex] = {}
        self._ages: dict[str, float | None] = {}

    def error(self, where: int | str, reason: object) -> CohortError:
        """Make an error that names the file and the place."""
        return CohortError(f"{self._source}: {self._word} {where}: {reason}")

    def terms(self, where: int | str, field: str, value: object) -> tuple[str, ...]:
        """Term ids of a value, checked; an error names the place."""
        return self._parsed(where, lambda: self._terms(field, value))

    def add_row(self, where: int | str, names: tuple[str, ...], values: Sequence[object]) -> None:
        """Add the individual of one row of a table; `names` are the columns of this row, as the file writes them."""
        schema = self._schemas.get(names)
        if schema is None:
            schema = self._schemas[names] = self._schema(where, names)
        try:
            individual = self._individual(schema, values)
        except FieldError as error:
            raise self.error(where, error) from None
        further: list[tuple[str, str | None]] = []
        for name, i in schema.further:
            value = values[i]
            if name == "variants" and isinstance(value, list):
                variants = [entry for entry in value if isinstance(entry, dict)]
                of_variants = variant_columns(variants)
                self._overruled += overruled(variants)
                further.extend((column, self._text(text)) for column, text in of_variants._asdict().items())
            elif not isinstance(value, dict):
                further.append((name, self._text(value)))
        self.add(where, individual, further, named=schema.id >= 0)

    def add(
        self,
        where: int | str,
        individual: Individual,
        further: Sequence[tuple[str, str | None]] = (),
        *,
        named: bool = True,
    ) -> None:
        """Add a finished individual and its further columns; `named` is False when its file has no ids."""
        if named:
            if not individual.id:
                raise self.error(where, "the id is empty; every individual needs one")
            first = self._where.setdefault(individual.id, where)
            if first != where:
                raise self.error(
                    where, f"id {individual.id!r} stands at {self._word} {first} already; ids must be unique"
                )
        else:
            self._unnamed += 1
        n = len(self._individuals)
        for name, value in further:
            column = self._columns.get(name)
            if column is None:
                column = self._columns[name] = []
            if len(column) < n:
                column.extend([None] * (n - len(column)))
            column.append(value)
        self._individuals.append(individual)

    def build(self) -> Cohort:
        """Make the cohort of all that was added.

        Raises:
            CohortError: nobody was added, or only some have an id.
        """
        n = len(self._individuals)
        if n == 0:
            raise CohortError(f"{self._source} holds no individuals; expected at least one")
        individuals = tuple(self._individuals)
        if self._unnamed:
            if self._unnamed < n:
                raise CohortError(
                    f"{self._source}: {self._unnamed} of {n} individuals have no id; give all or none one"
                )
            individuals = _with_made_ids(individuals)
        for column in self._columns.values():
            column.extend([None] * (n - len(column)))
        if self._overruled:
            logger.warning(
                "%s: of %d variants the class is another than the protein's name tells (such as start_lost with "
                "p.(Met101Val)); the name was taken", self._source, self._overruled,
            )  # fmt: skip
        return Cohort(individuals, self._source, {name: tuple(column) for name, column in self._columns.items()})

    def _parsed(self, where: int | str, parse: Callable[[], T]) -> T:
        try:
            return parse()
        except FieldError as error:
            raise self.error(where, error) from None

    def _text(self, value: object) -> str | None:
        text = parse_text(value)
        return None if text is None else self._interned.setdefault(text, text)

    def _individual(self, at: _Schema, values: Sequence[object]) -> Individual:
        def value(i: int) -> object:
            return values[i] if i >= 0 else None

        return Individual(
            id=parse_text(value(at.id)) or "",
            gene=self._text(value(at.gene)),
            observed=self._terms("hpo", value(at.observed)),
            excluded=self._terms("hpo_excluded", value(at.excluded)),
            sex=_once(self._sexes, parse_sex, value(at.sex)),
            age=_once(self._ages, parse_age, value(at.age)),
            group=self._text(value(at.group)),
            photo=parse_photo(value(at.photo), self._folder),
            disease=parse_diseases(value(at.disease)),
            label=self._text(value(at.label)),
        )

    def _schema(self, where: int | str, names: tuple[str, ...]) -> _Schema:
        trimmed = [name.strip() for name in names]
        folded = [name.lower() for name in trimmed]
        named = [name for name in folded if name not in _INDEX_COLUMNS]
        twice = [name for name, count in Counter(named).items() if count > 1]
        if twice:
            raise self.error(where, f"column {twice[0]!r} stands there twice (case and spaces do not count)")
        fields = {
            field: next((folded.index(name) for name in aliases if name in folded), -1)
            for field, aliases in FIELD_COLUMNS.items()
        }
        if fields["observed"] < 0 and fields["photo"] < 0:  # with photographs alone, faces are looked at
            there = ", ".join(name for name in trimmed if name) or "none"
            raise self.error(
                where, f"no column 'hpo' (or 'hpo_all') with the HPO ids, and no 'photo'; the columns are: {there}"
            )
        used = set(fields.values())
        further = tuple(
            (name, i)
            for i, name in enumerate(trimmed)
            if folded[i] not in _INDEX_COLUMNS and (i not in used or folded[i] in _KEPT)
        )
        return _Schema(**fields, further=further)


def _once(parsed: dict[str, T], parse: Callable[[object], T], value: object) -> T:
    """Parse a text once, however many rows have it."""
    if not isinstance(value, str):
        return parse(value)
    if value not in parsed:
        parsed[value] = parse(value)
    return parsed[value]


def _with_made_ids(individuals: tuple[Individual, ...]) -> tuple[Individual, ...]:
    """Ids from the photographs' names where these tell everybody apart, else ``row1``, ``row2`` ..."""
    names = [photo_name(individual.photo) if individual.photo else "" for individual in individuals]
    if not all(names) or len(set(names)) < len(names):
        names = [f"row{row}" for row in range(1, len(individuals) + 1)]
    return tuple(replace(individual, id=name) for individual, name in zip(individuals, names, strict=True))
