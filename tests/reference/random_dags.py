"""Random ontologies: a graph of plain sets, and the release it is read from."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import strategies as st
from reference.obo import Term, write_obo

from phenojax.ontology import Ontology, load_ontology


@st.composite
def dags(draw: st.DrawFn) -> dict[str, set[str]]:
    """Parents of each term; the order of ids says nothing of the order of the graph."""
    n = draw(st.integers(1, 25))
    ids = [f"HP:{number:07}" for number in draw(st.permutations(range(100, 100 + n)))]
    return {
        term: set(draw(st.lists(st.sampled_from(ids[:i]), max_size=4))) if i else set() for i, term in enumerate(ids)
    }


def load(parents: dict[str, set[str]]) -> Ontology:
    terms = [Term(term, name=term, is_a=sorted(above)) for term, above in parents.items()]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.obo"
        path.write_text(write_obo(terms))
        return load_ontology(path)
