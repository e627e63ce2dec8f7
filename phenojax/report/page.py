"""The page: a view of the result filled into the template, with style, script and the plotting library inside it."""

from __future__ import annotations

import base64
import gzip
import os
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

import jinja2
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from phenojax._files import written_whole
from phenojax.explain.face.face_map import FaceMap
from phenojax.report import numbers
from phenojax.report.drawings import AXES
from phenojax.report.genes import ALPHA, GeneRow, gene_rows
from phenojax.report.likeness import Likeness, heatmap_figure
from phenojax.report.overview import mark_words, overview_figures
from phenojax.report.run_facts import cohort_name, issues, left_out, run_facts
from phenojax.report.sections import gene_sections
from phenojax.report.sources import sources
from phenojax.screen.results import ScreenResult, Status

LISTED = 50


def render(result: ScreenResult, *, face_maps: Mapping[str, FaceMap] | None = None) -> str:
    """Draw the report of a screen.

    Args:
        result: from `phenojax.screen.screen`, or `ScreenResult.read`.
        face_maps: by gene, from `phenojax.explain.face.storage.read_face_maps`.

    Returns:
        One HTML document that needs no other file and asks for none: its content security policy forbids every request.
    """
    rows = gene_rows(result, face_maps or ())
    assets = files("phenojax.report") / "assets"
    likeness = Likeness(result.gene_similarity)
    heatmap = heatmap_figure(likeness, [row.values["gene"] for row in rows])
    figures = overview_figures(rows) | ({} if heatmap is None else {"heatmap": heatmap})
    if heatmap is not None:
        anchors = {row.values["gene"]: row.anchor for row in reversed(rows) if row.has_section}
        heatmap["data"][0]["anchors"] = [anchors.get(gene, "") for gene in heatmap["data"][0]["genes"]]
    return _template().render(
        run=result.run,
        cohort_name=cohort_name(result.run),
        rows=rows,
        sections=gene_sections(result, rows, likeness, face_maps or {}),
        tiles=_tiles(rows),
        verdict=_verdict(rows),
        figures=figures,
        marks=mark_words(rows),
        heatmap=heatmap,
        undrawn=0 if heatmap is None else len(likeness.genes) - len(heatmap["data"][0]["genes"]),
        min_cases=(result.run.get("config") or {}).get("min_cases"),
        axes=AXES,
        faces=bool(face_maps),
        several_modalities=len({row.values["modality"] for row in rows}) > 1,
        issues=issues(result.run.get("validation"), LISTED),
        left_out=left_out(result.run),
        shown_at_most=LISTED,
        facts=run_facts(result.run),
        sources=sources(result, {face_map.method for face_map in (face_maps or {}).values()}),
        alpha=ALPHA,
        style=Markup((assets / "style.css").read_text("utf-8")),
        script=Markup("\n".join((assets / name).read_text("utf-8") for name in ("page.js", "plots.js"))),
        plotly=_plotly_script() if figures else Markup(""),
    )


def write_report(
    result: ScreenResult, path: str | os.PathLike[str], *, face_maps: Mapping[str, FaceMap] | None = None
) -> Path:
    """Write the page (see `render`) to `path`, which appears whole or not at all."""
    page = render(result, face_maps=face_maps)
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
    """Give the library, most of what the page weighs, compressed; its script unpacks it."""
    packed = gzip.compress(get_plotlyjs().encode("utf-8"), compresslevel=9, mtime=0)
    return Markup(base64.b64encode(packed).decode("ascii"))


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
