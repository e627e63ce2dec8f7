"""The page: a view of the result filled into the template, with style, script and the plotting library inside it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from phenojax._files import written_whole
from phenojax.cohort.validation import MEANINGS
from phenojax.report import numbers
from phenojax.report.drawings import AXES
from phenojax.report.genes import ALPHA, GeneRow, gene_rows, gene_sections
from phenojax.report.overview import overview_figures
from phenojax.screen.results import ScreenResult, Status

LISTED = 50


def render(result: ScreenResult) -> str:
    """Draw the report of a screen.

    Args:
        result: from `phenojax.screen.screen`, or `ScreenResult.read`.

    Returns:
        One HTML document that needs no other file and asks for none: its content security policy forbids every request.
    """
    rows = gene_rows(result)
    assets = files("phenojax.report") / "assets"
    figures = overview_figures(rows)
    return _template().render(
        run=result.run,
        cohort_name=_cohort_name(result.run),
        rows=rows,
        sections=gene_sections(result, rows),
        tiles=_tiles(rows),
        verdict=_verdict(rows),
        figures=figures,
        axes=AXES,
        several_modalities=len({row.values["modality"] for row in rows}) > 1,
        issues=_issues(result.run.get("validation")),
        left_out=_left_out(result.run),
        shown_at_most=LISTED,
        facts=_facts(result.run),
        alpha=ALPHA,
        style=Markup((assets / "style.css").read_text("utf-8")),
        script=Markup((assets / "page.js").read_text("utf-8")),
        plotly=_plotly_script() if figures else Markup(""),
    )


def write_report(result: ScreenResult, path: str | os.PathLike[str]) -> Path:
    """Write the page to `path`, which appears whole or not at all."""
    page = render(result)
    with written_whole(path) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return Path(path)


def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_unindented),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in ("fixed", "probability", "percent", "ratio", "count", "seconds", "sortable", "width"):
        environment.filters[name] = getattr(numbers, name)
    return environment.get_template("page.html.j2")


def _unindented(name: str) -> str:
    """Read a template without the indentation of its lines, which a large page would carry thousands of times."""
    text = (files("phenojax.report") / "assets" / name).read_text("utf-8")
    return "\n".join(line.lstrip() for line in text.splitlines())


def _plotly_script() -> Markup:
    # The library is trusted, but an end tag inside one of its strings would end the script element early.
    return Markup(get_plotlyjs().replace("</script", "<\\/script"))


def _tiles(rows: list[GeneRow]) -> list[tuple[str, int, str]]:
    """Label, number, and a class, of each figure at the head of the page."""
    by_status = {status: sum(row.values["status"] == status for row in rows) for status in Status}
    return [
        ("tests made", sum(row.tested for row in rows), ""),
        (f"significant (q ≤ {ALPHA})", sum(row.significant for row in rows), "good"),
        ("tested in a single group, no q", by_status[Status.SINGLE_GROUP], ""),
        (f"of these, p ≤ {ALPHA}", sum(row.caution for row in rows), "warn"),
        ("too few cases", by_status[Status.TOO_FEW_CASES], ""),
        ("failed", by_status[Status.FAILED], "bad" if by_status[Status.FAILED] else ""),
    ]


def _verdict(rows: list[GeneRow]) -> str:
    if not any(row.tested for row in rows):
        return "No gene could be tested. The table below says why, gene by gene."
    corrected = sum(row.corrected for row in rows)
    significant = sum(row.significant for row in rows)
    text = f"Of {corrected} tests, {significant} found carriers who share a recognisable phenotype (q ≤ {ALPHA})."
    alone = sum(row.single_group for row in rows)
    if alone:
        caution = sum(row.caution for row in rows)
        text += (
            f" Tests in a single group: {alone}, {caution} of them with p ≤ {ALPHA}; they have no q and are to be read "
            "with the caution explained below."
        )
    return text


def _issues(validation: Any) -> list[tuple[str, int, list[str]]]:
    """Name, number and the first `LISTED` entries of each kind of thing that the cohort's validation found."""
    findings = validation.get("findings") if isinstance(validation, Mapping) else None
    if not isinstance(findings, Mapping):
        return []
    meanings: dict[str, str] = {issue.value: meaning for issue, meaning in MEANINGS.items()}
    return [
        (
            meanings.get(name, str(name)),
            len(found),
            [", ".join(str(part) for part in f if part) for f in found[:LISTED]],
        )
        for name, found in findings.items()
        if found
    ]


def _cohort_name(run: Mapping[str, Any]) -> str:
    """Name the cohort's file; a page is passed on, and nobody needs to know where its maker keeps the file."""
    source = (run.get("cohort") or {}).get("source") or "cohort"
    return str(source).replace("\\", "/").rsplit("/", 1)[-1]


def _left_out(run: Mapping[str, Any]) -> list[str]:
    """What was left out, a sentence each; the run lists sentences, or genes with the reason."""
    several = len(run.get("modalities") or ()) > 1

    def sentence(item: Mapping[str, Any]) -> str:
        by = f" ({item.get('modality')})" if several else ""
        return f"{item.get('gene')}{by}: {item.get('why') or item.get('status')}"

    return [sentence(item) if isinstance(item, Mapping) else str(item) for item in run.get("left_out") or []]


def _entry(finding: Any) -> str:
    return ", ".join(str(part) for part in finding if part)


def _facts(run: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
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
