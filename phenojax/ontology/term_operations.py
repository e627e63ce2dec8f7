"""What can be done with a list of terms: the methods of `Ontology` that clean, close and connect them.

A list is an iterable of term ids; alternate and replaced ids count as the current term. A whole batch of lists may be
given as a `Csr` of term_idx where a method says so, and comes back as one. Answers are ascending and hold a term once.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from phenojax._csr import Csr
from phenojax._validate import as_csr, as_float64
from phenojax.errors import ConfigError, OntologyError

if TYPE_CHECKING:
    from phenojax.ontology.ontology import Ontology


class CommonAncestor(NamedTuple):
    """The answer of `Ontology.most_informative_common_ancestor`.

    Attributes:
        term_id: the ancestor.
        ic: its information content, in nats.
    """

    term_id: str
    ic: float


def replace_obsolete(ontology: Ontology, term_ids: Iterable[str], *, without_replacement: str = "error") -> list[str]:
    """Give for each id, in order, that of the current term: alternate and replaced ids are mapped, current ones kept.

    Terms that two ids lead to stay as often as they are given.

    Args:
        ontology: the release.
        term_ids: any well-formed ids.
        without_replacement: an id that the release does not know, or that is obsolete without a replacement, is an
            error (``"error"``) or left out (``"drop"``).

    Raises:
        OntologyError: a malformed id; under ``"error"`` one that leads nowhere, with what the release suggests.
        ConfigError: `without_replacement` is neither.

    Example:
        >>> import phenojax as pj
        >>> pj.load_ontology().replace_obsolete(["HP:0001250", "HP:0001251"])
        ['HP:0001250', 'HP:0001251']
    """
    if without_replacement not in ("error", "drop"):
        raise ConfigError(f"without_replacement must be 'error' or 'drop', not {without_replacement!r}")
    ids = _listed(term_ids)
    if without_replacement == "drop":
        ids = [term for term in ids if ontology.lookup(term).term_idx >= 0]
    return [ontology.term_ids[ontology._term(term)] for term in ids]


@overload
def without_modifiers(ontology: Ontology, terms: Csr) -> Csr: ...
@overload
def without_modifiers(ontology: Ontology, terms: Iterable[str]) -> tuple[str, ...]: ...
def without_modifiers(ontology: Ontology, terms: Csr | Iterable[str]) -> Csr | tuple[str, ...]:
    """Keep the terms at or under HP:0000118 (Phenotypic abnormality).

    Onset, inheritance, severity, frequency and all else that says how, not what, is left out.

    Args:
        ontology: the release.
        terms: term ids, or a `Csr` of term_idx.

    Raises:
        OntologyError: an id that leads to no current term.
        ConfigError: a malformed Csr.
    """
    rows = _as_rows(ontology, terms)
    return _answer(ontology, terms, _kept(rows, ontology.phenotype_mask[rows.indices]))


@overload
def most_specific(ontology: Ontology, terms: Csr) -> Csr: ...
@overload
def most_specific(ontology: Ontology, terms: Iterable[str]) -> tuple[str, ...]: ...
def most_specific(ontology: Ontology, terms: Csr | Iterable[str]) -> Csr | tuple[str, ...]:
    """Leave out every term that is an ancestor of another one of the list: it says nothing more.

    Args:
        ontology: the release.
        terms: term ids, or a `Csr` of term_idx.

    Raises:
        OntologyError: an id that leads to no current term.
        ConfigError: a malformed Csr.

    Example:
        >>> import phenojax as pj
        >>> pj.load_ontology().most_specific(["HP:0001250", "HP:0007359"])  # Seizure, Focal-onset seizure
        ('HP:0007359',)
    """
    rows = _as_rows(ontology, terms)
    above = Csr(*ontology.graph.closures(*_parents_of_rows(ontology, rows)))
    wanted, implied = _keys(rows, ontology.n_terms), _keys(above, ontology.n_terms)
    # Both are ascending, and a search in order stays in the cache.
    place = np.minimum(np.searchsorted(implied, wanted), max(len(implied) - 1, 0))
    redundant = implied[place] == wanted if len(implied) else np.zeros(len(wanted), dtype=np.bool_)
    return _answer(ontology, terms, _kept(rows, ~redundant))


@overload
def closure(ontology: Ontology, terms: Csr) -> Csr: ...
@overload
def closure(ontology: Ontology, terms: Iterable[str]) -> tuple[str, ...]: ...
def closure(ontology: Ontology, terms: Csr | Iterable[str]) -> Csr | tuple[str, ...]:
    """Add all ancestors: everything that is true of who has these terms.

    Args:
        ontology: the release.
        terms: term ids, or a `Csr` of term_idx.

    Raises:
        OntologyError: an id that leads to no current term.
        ConfigError: a malformed Csr.
    """
    return _answer(ontology, terms, Csr(*ontology.graph.closures(*_as_rows(ontology, terms))))


def common_ancestors(ontology: Ontology, term_ids: Iterable[str]) -> tuple[str, ...]:
    """List the terms at or above every one of these; a term is an ancestor of itself here.

    Args:
        ontology: the release.
        term_ids: one term id or more.

    Raises:
        OntologyError: an id that leads to no current term; no id at all.
    """
    return ontology._ids(_common(ontology, term_ids))


def most_informative_common_ancestor(ontology: Ontology, term_ids: Iterable[str], ic: ArrayLike) -> CommonAncestor:
    """Find the common ancestor with the largest information content, the MICA.

    Between equal values the one with the most ancestors, then the lowest id.

    Args:
        ontology: the release.
        term_ids: one term id or more; a term is an ancestor of itself.
        ic: nats, ``(n_terms,)`` by term_idx, as `phenojax.similarity.information_content` gives it.

    Raises:
        OntologyError: an id that leads to no current term; no id at all; nothing is common.
        ConfigError: `ic` has another shape, or a value that is negative or not finite.

    Example:
        >>> import phenojax as pj
        >>> from phenojax.similarity import information_content
        >>> onto = pj.load_ontology()
        >>> found = onto.most_informative_common_ancestor(["HP:0007359", "HP:0002197"], information_content(onto))
        >>> onto.label(found.term_id)
        'Seizure'
    """
    values = as_float64("ic", ic, (ontology.n_terms,), minimum=0.0)
    ids = _listed(term_ids)
    common = _common(ontology, ids)
    if not len(common):
        raise OntologyError(f"{', '.join(ids)} have no common ancestor in release {ontology.version}")
    best = common[values[common] == values[common].max()]
    depth = np.diff(ontology.graph.closures(np.arange(len(best) + 1, dtype=np.int64), best)[0])
    mica = int(best[np.argmax(depth)])
    return CommonAncestor(ontology.term_ids[mica], float(values[mica]))


def path(ontology: Ontology, start: str, end: str) -> tuple[str, ...]:
    """Walk the shortest way from one term up to a common ancestor and down to the other.

    Of several shortest ways, the one with the lowest id of the common ancestor, and then of the terms on the way there.

    Args:
        ontology: the release.
        start: a term id.
        end: a term id.

    Returns:
        Term ids from `start` to `end`, both included; one id where they are the same term.

    Raises:
        OntologyError: an id that leads to no current term; nothing is common.

    Example:
        >>> import phenojax as pj
        >>> onto = pj.load_ontology()
        >>> [onto.label(term) for term in onto.path("HP:0002197", "HP:0007359")]
        ['Generalized-onset seizure', 'Seizure', 'Focal-onset seizure']
    """
    up, down = _ways_up(ontology, ontology._term(start)), _ways_up(ontology, ontology._term(end))
    common = up.keys() & down.keys()
    if not common:
        raise OntologyError(f"{start} and {end} have no common ancestor in release {ontology.version}")
    top = min(common, key=lambda term: (len(up[term]) + len(down[term]), term))
    return tuple(ontology.term_ids[term] for term in (*up[top], *down[top][-2::-1]))


def distance(ontology: Ontology, start: str, end: str) -> int:
    """Count the is_a edges of `path`: 0 for a term and itself.

    Args:
        ontology: the release.
        start: a term id.
        end: a term id.

    Raises:
        OntologyError: an id that leads to no current term; nothing is common.
    """
    return len(path(ontology, start, end)) - 1


def _listed(term_ids: Iterable[str]) -> list[str]:
    if isinstance(term_ids, str):
        raise OntologyError(f"a list of term ids is wanted, not the string {term_ids!r}; put it in a list")
    return list(term_ids)


def _as_rows(ontology: Ontology, terms: Csr | Iterable[str]) -> Csr:
    """Rows of term_idx, ascending and each term once; a list is one row."""
    if isinstance(terms, Csr):
        rows = as_csr("terms", terms, ontology.n_terms)
        owner, found = np.divmod(np.unique(_keys(rows, ontology.n_terms)), ontology.n_terms)
        offsets = np.searchsorted(owner, np.arange(rows.n_rows + 1)).astype(np.int64)
        return Csr(offsets, found.astype(np.int32))
    found = np.unique(np.array([ontology._term(term) for term in _listed(terms)], dtype=np.int32))
    return Csr(np.array([0, len(found)], dtype=np.int64), found)


def _answer(ontology: Ontology, asked: Csr | Iterable[str], rows: Csr) -> Csr | tuple[str, ...]:
    return rows if isinstance(asked, Csr) else ontology._ids(rows.indices)


def _keys(rows: Csr, n_terms: int) -> NDArray[np.int64]:
    """One number for a row and a term of it, ascending where the rows are."""
    return np.repeat(np.arange(rows.n_rows), rows.lengths) * n_terms + rows.indices


def _kept(rows: Csr, keep: NDArray[np.bool_]) -> Csr:
    before = np.concatenate(([0], np.cumsum(keep, dtype=np.int64)))
    return Csr(before[rows.offsets], rows.indices[keep])


def _parents_of_rows(ontology: Ontology, rows: Csr) -> Csr:
    """The parents of all terms of a row, with repeats."""
    offsets, parents = ontology._parents
    lengths = np.diff(offsets)[rows.indices]
    before = np.concatenate(([0], np.cumsum(lengths, dtype=np.int64)))
    within = np.arange(before[-1]) - np.repeat(before[:-1], lengths)
    return Csr(before[rows.offsets], parents[np.repeat(offsets[rows.indices], lengths) + within])


def _common(ontology: Ontology, term_ids: Iterable[str]) -> NDArray[np.int32]:
    terms = np.unique(np.array([ontology._term(term) for term in _listed(term_ids)], dtype=np.int32))
    if not len(terms):
        raise OntologyError("common ancestors are those of one term or more, and none is given")
    _, ancestors = ontology.graph.closures(np.arange(len(terms) + 1, dtype=np.int64), terms)
    found, times = np.unique(ancestors, return_counts=True)
    shared: NDArray[np.int32] = found[times == len(terms)]
    return shared


def _ways_up(ontology: Ontology, start: int) -> dict[int, tuple[int, ...]]:
    """The shortest way from a term to each of its ancestors, the ends included."""
    ways: dict[int, tuple[int, ...]] = {start: (start,)}
    level = [start]
    while level:
        above: list[int] = []
        for term in level:
            for parent in sorted(ontology._row(ontology._parents, term).tolist()):
                if parent not in ways:
                    ways[parent] = (*ways[term], parent)
                    above.append(parent)
        level = above
    return ways
