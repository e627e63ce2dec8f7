"""The code in README.md, in the tutorial and in the how-to runs as it stands there."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import REPOSITORY

import phenojax


def blocks(page: str) -> str:
    """The Python of one page, every line where it stands on the page, so that an error names the page's own line."""
    lines, inside = [], False
    for line in (REPOSITORY / page).read_text(encoding="utf-8").splitlines():
        if line.startswith("```"):
            inside = line == "```python"
            lines.append("")
        else:
            lines.append(line if inside else "")
    return "\n".join(lines)


@pytest.mark.parametrize("page", ["README.md", "docs/tutorial.md"])
def test_the_python_of_a_page_runs(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = blocks(page)
    assert "import phenojax as pj" in code
    monkeypatch.chdir(tmp_path)
    exec(compile(code, page, "exec"), {"__name__": "page"})
    assert (tmp_path / "results" / "run.json").is_file()


def test_the_python_of_the_how_to_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The files that its reader is taken to have.
    onto = phenojax.load_ontology()
    drawn = phenojax.simulate(onto, phenojax.SimulationConfig(n_genes=3, min_size=8, max_size=12), seed=3)
    gene = drawn.individuals[0].gene
    cohort = phenojax.Cohort(tuple(replace(i, gene="SATB1") if i.gene == gene else i for i in drawn))
    phenojax.write_cohort(cohort, tmp_path / "cohort.tsv")
    phenojax.write_cohort(phenojax.simulate(onto, phenojax.SimulationConfig(), seed=4), tmp_path / "everyone.jsonl")
    new = phenojax.Cohort(tuple(replace(i, id=f"new {i.id}") for i in drawn.individuals[:4]))
    phenojax.write_cohort(new, tmp_path / "new.tsv")
    phenojax.screen(cohort, ontology=onto, permutations=9).write(tmp_path / "results")
    monkeypatch.chdir(tmp_path)
    page = "docs/how-to.md"
    names: dict[str, Any] = {"__name__": "page"}
    exec(compile(blocks(page), page, "exec"), names)
    assert names["matrix"].shape == (2, 2)
    assert names["groups"].tolist() == [1, 1, 1, 2, 2, 2]
    assert names["table"]["gene"].tolist()
    assert names["curve"].area > 0
    assert names["curve"].p_value <= 0.05
    assert (tmp_path / "deletion.pdf").is_file()


def anchors(page: Path) -> set[str]:
    """What its headings are called in links: lower case, hyphens for spaces, no punctuation."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", ["README.md", *sorted(f"docs/{p.name}" for p in (REPOSITORY / "docs").glob("*.md"))])
def test_every_link_between_pages_leads_somewhere(page: str) -> None:
    path = REPOSITORY / page
    links = re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", path.read_text(encoding="utf-8"))
    targets = [(path.parent / name if name else path, anchor) for name, anchor in links]
    assert [str(target) for target, _ in targets if not target.exists()] == []
    assert [anchor for target, anchor in targets if anchor and anchor not in anchors(target)] == []


def test_readme_says_what_it_must() -> None:
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert text.index("make demo") < text.index("make test") < text.index("## ")
    assert "Research use only. It does not diagnose." in text


def test_the_reference_names_every_public_function_and_every_column_of_the_results() -> None:
    text = (REPOSITORY / "docs" / "reference.md").read_text(encoding="utf-8")
    functions = [n for n in phenojax.__all__ if callable(getattr(phenojax, n)) and n[0].islower()]
    assert [name for name in functions if f"pj.{name}(" not in text] == []
    from phenojax.models.score_terms import TERMS_SCHEMA
    from phenojax.models.scoring import SCORES_SCHEMA
    from phenojax.screen import results

    schemas = [value for name, value in vars(results).items() if name.endswith("_SCHEMA")]
    assert len(schemas) == 4
    columns = {column for schema in (*schemas, SCORES_SCHEMA, TERMS_SCHEMA) for column in schema.names}
    assert [name for name in sorted(columns) if not re.search(rf"\b{name}\b", text)] == []
