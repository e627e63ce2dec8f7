"""Whatever a caller calls sets of terms, as CSR over one ontology."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from phenojax._csr import Csr
from phenojax._validate import as_csr
from phenojax.cohort import Cohort
from phenojax.cohort.encode import MAX_UNKNOWN_SHARE, encode
from phenojax.errors import CohortError, ConfigError, OntologyError
from phenojax.ontology import Ontology

TermSets = Cohort | Csr | Sequence[Iterable[str]]

_log = logging.getLogger("phenojax")
# Frozen with its ontology: current, alternate and replaced ids that were seen, so that a batch is one map over a dict.
_known_ids: WeakKeyDictionary[Ontology, dict[str, int]] = WeakKeyDictionary()


class SetsWithExcluded(NamedTuple):
    """Sets of terms, and what was looked for and not found.

    Attributes:
        observed: the sets.
        excluded: of each the excluded terms; None where only sets were given.
    """

    observed: Csr
    excluded: Csr | None


def encode_with_excluded(
    name: str, sets: TermSets, ontology: Ontology, exclude_terms: Iterable[str] = ()
) -> SetsWithExcluded:
    """As `encode_sets`, with the excluded terms of a `Cohort`."""
    if isinstance(sets, Cohort):
        encoded = encode(sets, ontology, exclude_terms=exclude_terms)
        return SetsWithExcluded(encoded.observed, encoded.excluded)
    return SetsWithExcluded(encode_sets(name, sets, ontology, exclude_terms), None)


def encode_sets(name: str, sets: TermSets, ontology: Ontology, exclude_terms: Iterable[str] = ()) -> Csr:
    """Make ascending rows of term_idx without repeats.

    A `Cohort` is encoded as everywhere (`phenojax.cohort.encode`): the most specific observed terms under HP:0000118.
    Lists of term ids are taken as given after resolving alternate and replaced ids: ancestors and terms outside the
    phenotype branch stay, repeats do not. A `Csr` is taken as it is.

    Raises:
        CohortError, OntologyError: a malformed id; more than 5 % of the mentions are unknown to the release.
        ConfigError: `sets` is none of these.
    """
    if isinstance(sets, Cohort):
        return encode(sets, ontology, exclude_terms=exclude_terms).observed
    rows = as_csr(name, sets, ontology.n_terms) if isinstance(sets, Csr) else _from_lists(name, sets, ontology)
    return without_terms(rows, ontology, exclude_terms)


def _from_lists(name: str, sets: Sequence[Iterable[str]], ontology: Ontology) -> Csr:
    if isinstance(sets, str) or not isinstance(sets, Sequence):
        raise ConfigError(f"{name} must be a Cohort, a Csr or a list of lists of term ids, not {type(sets).__name__}")
    for row, terms in enumerate(sets):
        if isinstance(terms, str):
            raise ConfigError(f"{name}[{row}] must be a list of term ids, not the string {terms!r}; put it in a list")
        if not isinstance(terms, Iterable):
            raise ConfigError(f"{name}[{row}] must be a list of term ids, not {terms!r}")
    lists = [terms if isinstance(terms, Sequence) else list(terms) for terms in sets]
    flat = list(chain.from_iterable(lists))
    rows = np.repeat(np.arange(len(lists)), [len(terms) for terms in lists])
    known = _known_ids.get(ontology)
    if known is None:
        known = _known_ids[ontology] = {term: index for index, term in enumerate(ontology.term_ids)}
    try:
        terms = np.fromiter(map(known.__getitem__, flat), dtype=np.int64, count=len(flat))
    except KeyError:
        terms = np.array(_resolved(name, flat, known, ontology), dtype=np.int64)
    except TypeError:
        raise ConfigError(f"{name} must hold term ids as strings") from None
    if len(terms) and terms.min() < 0:
        rows, terms = rows[terms >= 0], terms[terms >= 0]
    keys = np.sort(rows * ontology.n_terms + terms)
    if len(keys):
        keys = keys[np.concatenate(([True], keys[1:] != keys[:-1]))]
    kept_rows, kept_terms = np.divmod(keys, ontology.n_terms)
    return Csr(_offsets(np.bincount(kept_rows, minlength=len(lists))), kept_terms.astype(np.int32))


def _resolved(name: str, flat: list[str], known: dict[str, int], ontology: Ontology) -> list[int]:
    """Look up what is no current id; -1 for what the release has no term for."""
    unknown: list[str] = []
    found: list[int] = []
    for term_id in flat:
        index = known.get(term_id)
        if index is None:
            index = ontology.lookup(term_id).term_idx
            if index >= 0:
                known[term_id] = index
            else:
                unknown.append(term_id)
        found.append(index)
    if unknown:
        ids = sorted(set(unknown))
        told = (
            f"{name}: {len(unknown)} of {len(flat)} term mentions are unknown to HPO release {ontology.version} or "
            f"obsolete without a replacement, such as {', '.join(ids[:3])}"
        )
        if len(unknown) > MAX_UNKNOWN_SHARE * len(flat):
            raise OntologyError(f"{told}: more than {MAX_UNKNOWN_SHARE:.0%}; load the release they were coded with")
        _log.warning("%s; they are left out", told)
    return found


def without_terms(sets: Csr, ontology: Ontology, exclude_terms: Iterable[str]) -> Csr:
    """Leave out these terms and all below them; `sets` itself where none are given."""
    left_out = at_or_below(ontology, exclude_terms)
    return sets if left_out is None else kept_entries(sets, ~left_out[sets.indices])


def at_or_below(ontology: Ontology, exclude_terms: Iterable[str]) -> NDArray[np.bool_] | None:
    """Bool ``(n_terms,)``: these terms and all below them; None where none are given."""
    if isinstance(exclude_terms, str):
        raise ConfigError(f"exclude_terms takes a list of term ids, not the string {exclude_terms!r}; put it in a list")
    roots = [ontology.index(ontology.resolve(term)) for term in exclude_terms]
    if not roots:
        return None
    left_out = np.zeros(ontology.n_terms, dtype=np.bool_)
    left_out[ontology.graph.descendants(np.array(roots, dtype=np.int32))] = True
    return left_out


def check_anybody(name: str, sets: Csr) -> None:
    """Refuse a search for which nobody has anything; no sets at all are none that lack terms.

    Raises:
        CohortError: there are sets, and all are empty.
    """
    if sets.n_rows and not len(sets.indices):
        raise CohortError(
            f"{name}: none of {sets.n_rows:,} individuals has a term to compare, after what is left out; give terms "
            "that were observed (in a table the column hpo)"
        )


def kept_entries(sets: Csr, kept: NDArray[np.bool_]) -> Csr:
    """Leave out the entries of ``sets.indices`` that are not kept."""
    before = np.concatenate(([0], np.cumsum(kept)))
    return Csr(before[sets.offsets].astype(np.int64), sets.indices[kept])


def _offsets(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    offsets = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets
