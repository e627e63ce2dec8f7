"""One release of the Human Phenotype Ontology, frozen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from phenojax import _core
from phenojax.errors import OntologyError
from phenojax.ontology import term_operations
from phenojax.ontology._rows import AnnotationRows
from phenojax.ontology.annotations import Annotation, AnnotationTable, GeneTable, ReadCounts
from phenojax.ontology.lookup import Lookup, LookupStatus
from phenojax.ontology.references import reference_names, warn_of_uncited
from phenojax.ontology.search import SearchHit, near, spelled, text_score

PHENOTYPIC_ABNORMALITY = "HP:0000118"
_TERM_ID = re.compile(r"HP:[0-9]{7}")
_LOOKS_LIKE_ID = re.compile(r"(?i)hp[:_]?\s*[0-9]")


@dataclass(frozen=True, eq=False, repr=False)
class Ontology:
    """Terms, their graph, and what the release says of diseases and genes. Made by `load_ontology`.

    Nothing in it changes once it is made, so that any number of threads may use one. It can be pickled.
    ``term_idx`` is the position of a term in `term_ids`. Methods that take a term id also take an alternate or replaced
    one and answer for the current term; only `index` and `indices` want current ids.

    Attributes:
        source: where it was read from, as given; ``bundled`` for the release inside the package.
        left_out_references: publications whose annotations were left out.
    """

    _release: _core.Release
    source: str
    left_out_references: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Ontology {self.version}: {self.n_terms} terms, {len(self.diseases())} diseases, from {self.source}>"

    def __reduce__(self) -> tuple[type[Ontology], tuple[_core.Release, str, tuple[str, ...]]]:
        return Ontology, (self._release, self.source, self.left_out_references)

    # What it is

    @property
    def version(self) -> str:
        """Date of the ontology release, such as ``2025-01-16``; ``unknown`` when the file does not say."""
        return self._release.version

    @property
    def annotation_version(self) -> str:
        """Date of phenotype.hpoa; empty without annotations."""
        return self._release.annotation_version

    @property
    def licence(self) -> str:
        """What the licence of the HPO asks of its users."""
        return self._release.licence

    @property
    def citation(self) -> str:
        """What to cite."""
        return self._release.citation

    @cached_property
    def counts(self) -> ReadCounts:
        """How many annotation rows were read, remapped and left out."""
        return ReadCounts(**self._release.counts)

    @cached_property
    def unknown_ids(self) -> tuple[str, ...]:
        """Ids of annotation rows that were left out, because the release has no current term for them."""
        return tuple(self._release.unknown_ids())

    # Terms

    @cached_property
    def term_ids(self) -> tuple[str, ...]:
        """Every term that is not obsolete, ascending by id."""
        return tuple(self._release.term_ids())

    @property
    def n_terms(self) -> int:
        """How many terms there are."""
        return len(self.term_ids)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The label of each term, by term_idx."""
        return tuple(self._release.labels())

    @cached_property
    def graph(self) -> _core.OntologyGraph:
        """The is_a edges over term_idx."""
        return self._release.graph()

    @cached_property
    def phenotype_mask(self) -> NDArray[np.bool_]:
        """Bool ``(n_terms,)``: the term is at or under HP:0000118 (Phenotypic abnormality)."""
        mask = np.zeros(self.n_terms, dtype=np.bool_)
        root = self._index_of.get(PHENOTYPIC_ABNORMALITY)
        if root is not None:
            mask[self.graph.descendants(np.array([root], dtype=np.int32))] = True
        mask.flags.writeable = False
        return mask

    @cached_property
    def _index_of(self) -> dict[str, int]:
        return {term: i for i, term in enumerate(self.term_ids)}

    @cached_property
    def _others(self) -> dict[str, tuple[Lookup, int]]:
        """Alternate and obsolete ids: what they are, and their row in the release's table."""
        release = self._release
        found = zip(release.other_ids(), release.other_targets.tolist(), release.other_status.tolist(), strict=True)
        return {term: (Lookup(target, LookupStatus(status)), i) for i, (term, target, status) in enumerate(found)}

    def lookup(self, term_id: str) -> Lookup:
        """Say what an id is in this release, and the term it leads to.

        Raises:
            OntologyError: `term_id` is not ``HP:`` and seven digits.

        Example:
            >>> import phenojax as pj
            >>> pj.load_ontology().lookup("HP:0008665").status.name
            'CURRENT'
        """
        index = self._index_of.get(term_id)
        if index is not None:
            return Lookup(index, LookupStatus.CURRENT)
        other = self._others.get(term_id)
        if other is not None:
            return other[0]
        if not isinstance(term_id, str) or not _TERM_ID.fullmatch(term_id):
            raise OntologyError(f"malformed term id {term_id!r}; expected HP: and seven digits, such as HP:0001250")
        return Lookup(-1, LookupStatus.UNKNOWN)

    def index(self, term_id: str) -> int:
        """Give the term_idx of a current id; `lookup` also takes others.

        Raises:
            OntologyError: it is not the id of a current term.
        """
        index = self._index_of.get(term_id)
        if index is None:
            raise self._not_current(term_id)
        return index

    def indices(self, term_ids: Iterable[str]) -> NDArray[np.int32]:
        """Give, as int32, the term_idx of each of these current ids, in their order.

        Raises:
            OntologyError: one of them is not the id of a current term.
        """
        if isinstance(term_ids, str):
            raise OntologyError(f"indices takes a list of term ids, found the string {term_ids!r}; put it in a list")
        return np.array([self.index(term) for term in term_ids], dtype=np.int32)

    def resolve(self, id_or_name: str) -> str:
        """Find the current term id for an id (current, alternate or replaced), a label or a synonym, in any case.

        Raises:
            OntologyError: nothing fits, or several terms do; the message names the release and near matches.

        Example:
            >>> import phenojax as pj
            >>> pj.load_ontology().resolve("seizure")
            'HP:0001250'
        """
        if not isinstance(id_or_name, str):
            raise OntologyError(f"a term is named by a string, such as 'HP:0001250', not by {id_or_name!r}")
        text = id_or_name.strip()
        if _TERM_ID.fullmatch(text):
            return self.term_ids[self._term(text)]
        if _LOOKS_LIKE_ID.match(text):
            raise OntologyError(f"malformed term id {id_or_name!r}; expected HP: and seven digits, such as HP:0001250")
        named = self._named.get(text.casefold(), ())
        if len(named) == 1:
            return self.term_ids[named[0]]
        if named:
            raise OntologyError(f"{id_or_name!r} names several terms: {spelled(map(self._shown, named))}; give the id")
        matches = [self._shown(self._named[name][0]) for name in near(text.casefold(), list(self._named), 3)]
        raise OntologyError(
            f"no term of release {self.version} is called {id_or_name!r}"
            + (f"; did you mean {spelled(dict.fromkeys(matches))}?" if matches else "")
        )

    def search(self, text: str, limit: int = 10) -> tuple[SearchHit, ...]:
        """Find terms whose label or a synonym holds every word of `text` (a word may be cut short), the best first.

        Where nothing does, the terms whose names are most like it. A term is listed once, with its best match.
        """
        query = " ".join(text.casefold().split())
        if not query or limit < 1:
            return ()
        best: dict[int, SearchHit] = {}
        if _TERM_ID.fullmatch(text.strip()):
            found = self.lookup(text.strip()).term_idx
            scored: Iterable[tuple[str, float]] = [(self.labels[found].casefold(), 1.0)] if found >= 0 else []
        else:
            scored = [(name, text_score(query, name)) for name in self._named]
            if not any(score > 0 for _, score in scored):
                scored = [(name, 0.4) for name in near(query, list(self._named), limit)]
        for name, score in scored:
            if score > 0:
                for term in self._named[name]:
                    # between equal matches a label comes before a synonym
                    own = score if self.labels[term].casefold() == name else score * 0.99
                    if term not in best or own > best[term].score:
                        best[term] = SearchHit(self.term_ids[term], self.labels[term], self._spelling(term, name), own)
        ranked = sorted(best.values(), key=lambda hit: (-hit.score, hit.term_id))
        return tuple(ranked[:limit])

    @cached_property
    def _named(self) -> dict[str, tuple[int, ...]]:
        """Casefolded names: the term with that label, or else every term with that synonym."""
        labels: dict[str, list[int]] = {}
        for term, label in enumerate(self.labels):
            labels.setdefault(label.casefold(), []).append(term)
        synonyms: dict[str, list[int]] = {}
        for term, names in enumerate(self._synonyms):
            for name in dict.fromkeys(text.casefold() for text in names):
                if name not in labels:
                    synonyms.setdefault(name, []).append(term)
        return {name: tuple(terms) for name, terms in (labels | synonyms).items()}

    def _spelling(self, term: int, name: str) -> str:
        return next(text for text in (self.labels[term], *self._synonyms[term]) if text.casefold() == name)

    @cached_property
    def _synonyms(self) -> tuple[tuple[str, ...], ...]:
        texts = self._release.synonyms()
        bounds = self._release.synonym_offsets.tolist()
        return tuple(tuple(texts[a:b]) for a, b in pairwise(bounds))

    def label(self, term_id: str) -> str:
        """Give the label of a term."""
        return self.labels[self._term(term_id)]

    def synonyms(self, term_id: str) -> tuple[str, ...]:
        """List the other names of a term, in the order of the file."""
        return self._synonyms[self._term(term_id)]

    def parents(self, term_id: str) -> tuple[str, ...]:
        """List the terms one is_a edge up, ascending."""
        return self._ids(self._row(self._parents, self._term(term_id)))

    def children(self, term_id: str) -> tuple[str, ...]:
        """List the terms one is_a edge down, ascending."""
        return self._ids(self._row(self._children, self._term(term_id)))

    def ancestors(self, term_id: str) -> tuple[str, ...]:
        """List every term above, without the term itself, ascending."""
        index = self._term(term_id)
        found = self.graph.ancestors(np.array([index], dtype=np.int32))
        return self._ids(found[found != index])

    def descendants(self, term_id: str) -> tuple[str, ...]:
        """List every term below, without the term itself, ascending."""
        index = self._term(term_id)
        found = self.graph.descendants(np.array([index], dtype=np.int32))
        return self._ids(found[found != index])

    replace_obsolete = term_operations.replace_obsolete
    without_modifiers = term_operations.without_modifiers
    most_specific = term_operations.most_specific
    closure = term_operations.closure
    common_ancestors = term_operations.common_ancestors
    most_informative_common_ancestor = term_operations.most_informative_common_ancestor
    path = term_operations.path
    distance = term_operations.distance

    @cached_property
    def _parents(self) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        return self.graph.parents

    @cached_property
    def _children(self) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        return self.graph.children

    @staticmethod
    def _row(csr: tuple[NDArray[np.int64], NDArray[np.int32]], row: int) -> NDArray[np.int32]:
        offsets, indices = csr
        return indices[offsets[row] : offsets[row + 1]]

    def _ids(self, terms: NDArray[np.int32]) -> tuple[str, ...]:
        return tuple(self.term_ids[term] for term in terms.tolist())

    def _shown(self, term: int) -> str:
        return f"{self.term_ids[term]} ({self.labels[term]})"

    def _term(self, term_id: str) -> int:
        """Find the term_idx that an id leads to; the error says what the id is when it leads nowhere."""
        found = self.lookup(term_id)
        if found.term_idx < 0:
            raise self._not_current(term_id)
        return found.term_idx

    def _not_current(self, term_id: str) -> OntologyError:
        found = self.lookup(term_id)
        if found.status is LookupStatus.UNKNOWN:
            ids = near(term_id, self.term_ids, 3)
            matches = spelled(self._shown(self._index_of[near_id]) for near_id in ids)
            hint = f"; near it are {matches}" if matches else ""
            return OntologyError(f"{term_id} is not a term of release {self.version}{hint}")
        if found.status is LookupStatus.OBSOLETE:
            suggestions = self._ids(self._row(self._release.other_consider, self._others[term_id][1]))
            hint = (
                f"; consider {spelled(self._shown(self._index_of[term]) for term in suggestions)}"
                if suggestions
                else ""
            )
            return OntologyError(f"{term_id} is obsolete in release {self.version} without a replacement{hint}")
        return OntologyError(
            f"{term_id} is not a current term of release {self.version}; use {self._shown(found.term_idx)}"
        )

    # Diseases and genes

    def diseases(self) -> tuple[str, ...]:
        """List every disease id of the annotation files, ascending; a ``disease_idx`` is a position in it."""
        return self._rows.disease_ids

    def genes(self) -> tuple[str, ...]:
        """List every gene symbol of the gene file, ascending, as written; a ``gene_idx`` is a position in it.

        The release itself writes ``-`` for the few genes to which NCBI gives no symbol.
        """
        return self._rows.gene_symbols

    def disease_name(self, disease_id: str) -> str:
        """Give the name of a disease; empty when only the gene file mentions it.

        Raises:
            OntologyError: the release does not know the disease.
        """
        return self._rows.disease_names[self._rows.disease(disease_id)]

    def annotations(self, disease_or_gene: str) -> tuple[Annotation, ...]:
        """List what the release says of a disease id or a gene symbol.

        For a gene: the (not negated) annotations of its diseases with the terms that the gene file gives it.

        Raises:
            OntologyError: the release knows neither a disease nor a gene of this name.
        """
        return self._rows.annotations(disease_or_gene)

    @property
    def references(self) -> tuple[str, ...]:
        """Everything that annotation rows cite, ascending."""
        return self._rows.references

    @property
    def evidence_codes(self) -> tuple[str, ...]:
        """The evidence codes of annotation rows."""
        return self._rows.evidence_codes

    @property
    def annotation_table(self) -> AnnotationTable:
        """The rows of phenotype.hpoa as arrays."""
        return self._rows.annotation_table

    @property
    def gene_table(self) -> GeneTable:
        """The rows of genes_to_phenotype.txt as arrays."""
        return self._rows.gene_table

    @cached_property
    def _rows(self) -> AnnotationRows:
        return AnnotationRows(self._release, self.term_ids, self.version)

    # Made from it

    def without_references(self, references: Sequence[str]) -> Ontology:
        """Leave out what is known from these publications alone; see `load_ontology`."""
        names = reference_names(references)
        warn_of_uncited(names, self.references, self.version)
        left_out = tuple(sorted({*self.left_out_references, *names}))
        return Ontology(self._release.without_references(names), self.source, left_out)

    def pack(self) -> bytes:
        """Write the release pack (docs/release-pack.md) that `load_ontology` reads."""
        return self._release.pack()
