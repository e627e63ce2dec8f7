"""What the description of a run holds, in words: findings, what was left out, settings, versions, models."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from phenojax.cohort.validation import MEANINGS
from phenojax.report import numbers


class IssueLine(NamedTuple):
    """One kind of thing that the cohort's validation found; whose it is stands in run.json, the page names nobody.

    Attributes:
        meaning: what it is, in words.
        number: how often it was found.
        terms: the commonest term ids, with what each was read as and how often it was found.
        more: how many further term ids there are.
    """

    meaning: str
    number: int
    terms: list[str]
    more: int


def issues(validation: Any, listed: int) -> list[IssueLine]:
    """Count the findings of the cohort's validation, at most `listed` term ids of each kind."""
    findings = validation.get("findings") if isinstance(validation, Mapping) else None
    if not isinstance(findings, Mapping):
        return []
    meanings: dict[str, str] = {issue.value: meaning for issue, meaning in MEANINGS.items()}
    lines = []
    for name, found in findings.items():
        if found:
            # a finding is the individual's id, the term as written ("" for none), and what it was read as
            times = Counter(", ".join(str(part) for part in finding[1:] if part) for finding in found)
            del times[""]
            terms = [f"{term} ({number})" for term, number in times.most_common(listed)]
            lines.append(IssueLine(meanings.get(name, str(name)), len(found), terms, len(times) - len(terms)))
    return lines


def cohort_name(run: Mapping[str, Any]) -> str:
    """Name the cohort's file; a page is passed on, and nobody needs to know where its maker keeps the file."""
    source = (run.get("cohort") or {}).get("source") or "cohort"
    return str(source).replace("\\", "/").rsplit("/", 1)[-1]


def left_out(run: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """List what was not tested by reason, the commonest first; the run lists sentences, or genes with the reason."""
    several = len(run.get("modalities") or ()) > 1
    by_reason: dict[str, list[str]] = {}
    for item in run.get("left_out") or []:
        if isinstance(item, Mapping):
            by = f" ({item.get('modality')})" if several else ""
            reason = str(item.get("why") or item.get("status")).split("; ")[0]
            by_reason.setdefault(reason, []).append(f"{item.get('gene')}{by}")
        else:
            by_reason.setdefault(str(item), []).append(str(item))
    return sorted(by_reason.items(), key=lambda reason: -len(reason[1]))


def run_facts(run: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """List the run's small dictionaries as titled lists of name and value."""
    titles = {"config": "Settings", "classifier": "Classifier", "versions": "Versions", "platform": "Platform"}
    facts = []
    for key, title in titles.items():
        values = run.get(key)
        if isinstance(values, Mapping) and values:
            facts.append((title, [(str(name), _words(value)) for name, value in values.items()]))
    seed = run.get("seed")
    if facts and seed is not None and "seed" not in (run.get("config") or {}):
        facts[0][1].append(("seed", str(seed)))
    if facts and run.get("information_content") is not None and run.get("config"):
        facts[0][1].append(("information content", str(run["information_content"])))
    faces = run.get("faces")
    if isinstance(faces, Mapping):
        facts.append(("Faces", _face_facts(faces)))
    timings = run.get("timings")
    if isinstance(timings, Mapping) and timings:
        facts.append(("Time taken", [(str(k), _duration(v)) for k, v in timings.items()]))
    return facts


def _face_facts(faces: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Say how many have a face, and by which models under which licences."""
    facts = [("individuals with a face", numbers.count(faces.get("n_individuals"))), ("width", _words(faces["width"]))]
    models = faces.get("models")
    if isinstance(models, str):
        return [*facts, ("embeddings", models)]
    for model in models or []:
        hashes = ", ".join(f"{name} {digest[:12]}…" for name, digest in model["sha256"].items())
        facts.append((model["role"], f"{model['name']}; licence of the weights: {model['licence_weights']}; {hashes}"))
    return facts


def _duration(value: Any) -> str:
    return numbers.seconds(value) if isinstance(value, (int, float)) else str(value)


def _words(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(_words(item) for item in value) or "none"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_words(item)}" for name, item in value.items()) or "none"
    return str(value)
