"""A second, plain reader of OBO text, and a writer of the same facts as OBO and as obographs JSON."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

ALTERNATE = "http://www.geneontology.org/formats/oboInOwl#hasAlternativeId"
CONSIDER = "http://www.geneontology.org/formats/oboInOwl#consider"
REPLACED_BY = "http://purl.obolibrary.org/obo/IAO_0100001"


@dataclass
class Term:
    id: str
    name: str = ""
    synonyms: list[str] = field(default_factory=list)
    is_a: list[str] = field(default_factory=list)
    alt_id: list[str] = field(default_factory=list)
    replaced_by: list[str] = field(default_factory=list)
    consider: list[str] = field(default_factory=list)
    is_obsolete: bool = False


def parse_obo(text: str) -> tuple[str, list[Term]]:
    """The data-version and the [Term] stanzas of well-formed OBO text."""
    head, *stanzas = re.split(r"^\[", text, flags=re.MULTILINE)
    version = re.search(r"^data-version: (.*)$", head, re.MULTILINE)
    terms = []
    for stanza in stanzas:
        if not stanza.startswith("Term]\n"):
            continue
        tags = [line.split(": ", 1) for line in stanza.splitlines()[1:] if ": " in line]
        term = Term(next(value for tag, value in tags if tag == "id"))
        for tag, value in tags:
            if tag == "name":
                term.name = _plain(value)
            elif tag == "synonym":
                term.synonyms.append(_plain(re.match(r'"((?:[^"\\]|\\.)*)"', value)[1]))
            elif tag in ("is_a", "alt_id", "replaced_by", "consider"):
                getattr(term, tag).append(value.split()[0])
            elif tag == "is_obsolete":
                term.is_obsolete = value == "true"
        terms.append(term)
    return (version[1] if version else ""), terms


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def write_obo(terms: list[Term], version: str = "hp/releases/2024-01-01") -> str:
    lines = ["format-version: 1.2", f"data-version: {version}", ""]
    for term in terms:
        lines += ["[Term]", f"id: {term.id}", "name: " + term.name.replace("\\", "\\\\")]
        lines += [
            'synonym: "' + text.replace("\\", "\\\\").replace('"', '\\"') + '" EXACT []' for text in term.synonyms
        ]
        lines += [f"is_a: {parent}" for parent in term.is_a]
        lines += [f"alt_id: {other}" for other in term.alt_id]
        lines += ["is_obsolete: true"] * term.is_obsolete
        lines += [f"replaced_by: {other}" for other in term.replaced_by]
        lines += [f"consider: {other}" for other in term.consider]
        lines.append("")
    return "\n".join(lines) + "\n"


def write_obographs(terms: list[Term], version: str = "hp/releases/2024-01-01") -> str:
    """As ROBOT writes it: ids are IRIs, edges stand apart, alternate ids leave a deprecated node without a label."""
    nodes = []
    stanzas = {term.id for term in terms}
    for term in terms:
        values = [{"pred": ALTERNATE, "val": other} for other in term.alt_id]
        values += [{"pred": REPLACED_BY, "val": iri(other)} for other in term.replaced_by]
        values += [{"pred": CONSIDER, "val": other} for other in term.consider]
        synonyms = [{"pred": "hasExactSynonym", "val": text, "xrefs": []} for text in term.synonyms]
        meta = {"definition": {"val": "left out", "xrefs": []}, "synonyms": synonyms, "basicPropertyValues": values}
        if term.is_obsolete:
            meta["deprecated"] = True
        nodes.append({"id": iri(term.id), "lbl": term.name, "type": "CLASS", "meta": meta})
        nodes += [_merged(other, term.id) for other in term.alt_id if other not in stanzas]
    nodes.append({"id": "http://purl.obolibrary.org/obo/hp#part_of", "lbl": "part of", "type": "PROPERTY"})
    edges = [{"sub": iri(term.id), "pred": "is_a", "obj": iri(parent)} for term in terms for parent in term.is_a]
    graph = {
        "id": "http://purl.obolibrary.org/obo/hp.json",
        "meta": {"version": f"http://purl.obolibrary.org/obo/{version}/hp.json", "basicPropertyValues": []},
        "nodes": nodes,
        "edges": edges,
        "logicalDefinitionAxioms": [{"definedClassId": iri("HP:0000001"), "genusIds": [], "restrictions": [None]}],
    }
    return json.dumps({"graphs": [graph]}, indent=1)


def _merged(old: str, new: str) -> dict[str, object]:
    values = [
        {"pred": "http://purl.obolibrary.org/obo/IAO_0000231", "val": "http://purl.obolibrary.org/obo/IAO_0000227"},
        {"pred": REPLACED_BY, "val": iri(new)},
    ]
    return {"id": iri(old), "type": "CLASS", "meta": {"basicPropertyValues": values, "deprecated": True}}


def iri(term_id: str) -> str:
    return "http://purl.obolibrary.org/obo/" + term_id.replace(":", "_")
