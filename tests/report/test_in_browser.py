"""The page in a real browser: it opens from disk, asks for nothing, and does what its buttons say."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from report.browser import launched, opened
from report.make_result import HOSTILE, make_face_map, make_result

from phenojax.report import write_report
from phenojax.screen.results import ScreenResult

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PLOTS = ("volcano", "qq", "size", "heatmap")
N_GENES = 60


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as made:
        yield made


@pytest.fixture(scope="module")
def result() -> ScreenResult:
    return make_result(N_GENES)


@pytest.fixture(scope="module")
def report(result: ScreenResult, tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(0)
    maps = {gene: make_face_map(rng) for gene in ("GENE002", HOSTILE)}
    return write_report(result, tmp_path_factory.mktemp("page") / "a report #1.html", face_maps=maps)


def drawn(page: Page) -> Page:
    page.wait_for_selector("html[data-plots=drawn]")
    for name in PLOTS:
        page.wait_for_selector(f"#{name} .main-svg", state="attached")
    return page


def genes(page: Page) -> list[str]:
    names: list[str] = page.locator("#gene-table tbody tr:not([hidden]) th").all_inner_texts()
    return names


def wait_until_open(page: Page, address: str) -> None:
    """A link leads to its section after the browser has seen where it points."""
    page.wait_for_selector(f"{address}[open]", state="attached")


def column(page: Page, number: int) -> list[float | None]:
    cells = page.locator(f"#gene-table tbody tr:not([hidden]) > :nth-child({number})")
    values: list[str] = cells.evaluate_all("cells => cells.map(cell => cell.dataset.sort)")
    return [float(value) if value else None for value in values]


def test_it_opens_from_disk_with_all_of_its_plots(browser: Browser, report: Path, result: ScreenResult) -> None:
    with opened(browser, report) as (page, _):
        drawn(page)
        assert page.title().startswith("phenojax report")
        assert page.locator("#no-plots").is_hidden()
        assert len(genes(page)) == result.table.num_rows
        tested = result.table.num_rows - result.table["auc"].null_count
        assert page.locator("#volcano .points path.point").count() == tested
        assert page.locator("#heatmap .hm image").count() == 1
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280
        assert page.evaluate("window.alerted === undefined && document.querySelectorAll('main img').length === 0")


def test_the_buttons_of_the_table_sort_and_say_so(browser: Browser, report: Path) -> None:
    with opened(browser, report) as (page, _):
        by = {name: number for number, name in enumerate(page.locator("#gene-table thead th").all_inner_texts(), 1)}
        cases = next(number for name, number in by.items() if name.startswith("Cases"))
        head = page.locator(f"#gene-table thead th:nth-child({cases})")
        for direction in ("descending", "ascending"):
            head.get_by_role("button").click()
            assert head.get_attribute("aria-sort") == direction
            assert page.locator("#sorted").inner_text() == f"Sorted by Cases, {direction}"
            known = [value for value in column(page, cases) if value is not None]
            assert known == sorted(known, reverse=direction == "descending")
        page.get_by_role("button", name="q", exact=True).click()
        assert head.get_attribute("aria-sort") is None
        q_values = column(page, next(number for name, number in by.items() if name.strip().startswith("q")))
        known = [value for value in q_values if value is not None]
        assert known == sorted(known)
        assert q_values[len(known) :] == [None] * (len(q_values) - len(known)), "what was not computed comes last"
        page.get_by_role("button", name="Gene", exact=True).click()
        assert genes(page)[1:3] == ["GENE001", "GENE002"]


def test_searching_and_filtering_leave_the_rows_that_match(
    browser: Browser, report: Path, result: ScreenResult
) -> None:
    with opened(browser, report) as (page, _):
        page.get_by_label("Search").fill("gene01")
        assert set(genes(page)) == {f"GENE01{k}" for k in range(10)}
        assert page.locator("#shown").inner_text() == f"10 of {N_GENES} rows"
        page.get_by_label("Search").fill("no such gene")
        assert genes(page) == []
        assert page.locator("#none-shown").is_visible()
        page.get_by_label("Search").fill("")
        for status in ("single_group", "too_few_cases", "failed"):
            page.get_by_label("Show").select_option(status)
            assert len(genes(page)) == result.table["status"].to_pylist().count(status)


def test_a_section_is_opened_by_keyboard_alone_and_focus_is_seen(browser: Browser, report: Path) -> None:
    with opened(browser, report) as (page, _):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        assert page.locator(".skip").bounding_box()["x"] >= 0  # type: ignore[index]
        page.keyboard.press("Enter")
        link = page.locator("#gene-table tbody th a").first
        address = link.get_attribute("href") or ""
        assert page.locator(address).get_attribute("open") is None
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.closest('#gene-table tbody a') !== null"):
                break
        assert page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)") >= 2
        page.keyboard.press("Enter")
        wait_until_open(page, address)
        assert page.evaluate("address => document.activeElement.parentElement.matches(address)", address)
        page.keyboard.press("Enter")  # on the summary, which closes it again
        page.wait_for_selector(f"{address}:not([open])")


def test_a_link_to_a_section_opens_it_and_a_neighbour_leads_on(browser: Browser, report: Path) -> None:
    with opened(browser, report) as (page, _):
        near = page.locator("details.gene:has(.near a)").first
        page.goto(f"{report.as_uri()}#{near.get_attribute('id')}")
        wait_until_open(page, f"#{near.get_attribute('id')}")
        link = near.locator(".near a").first
        address = link.get_attribute("href") or ""
        assert page.locator(address).locator("h3").text_content() == link.text_content()
        link.click()
        wait_until_open(page, address)
        page.get_by_role("button", name="Open all").click()
        assert page.locator("details.gene:not([open])").count() == 0
        assert 2 * page.locator("svg.face").count() == page.locator("svg.face image").count() > 0
        assert page.locator("svg.face").first.get_attribute("aria-label")


def test_the_heatmap_says_which_genes_and_leads_to_their_section(
    browser: Browser, report: Path, result: ScreenResult
) -> None:
    values = {(r["gene"], r["other"]): r["similarity"] for r in result.gene_similarity.to_pylist()}
    with opened(browser, report) as (page, _):
        drawn(page)
        got: dict[str, Any] = page.evaluate(
            "(() => { const { z, text } = document.getElementById('heatmap').data[0]; return { z, text }; })()"
        )
        assert len(got["z"]) == len({gene for gene, _ in values})
        for row, column_ in ((0, 1), (3, 9), (5, 5)):
            words = got["text"][row][column_]
            one, other = (name.split("</b>")[0] for name in words.split("<b>")[1:])
            if "&lt;" in words:
                continue
            value = values.get((one, other), values.get((other, one)))
            shown = got["z"][row][column_]
            assert (shown is None) == (value is None)
            assert shown is None or shown == pytest.approx(value, abs=0.003)
        box = page.locator("#heatmap .nsewdrag").first.bounding_box()
        page.locator("#heatmap").scroll_into_view_if_needed()
        before = page.evaluate("document.getElementById('heatmap').layout.xaxis.ticktext.length")
        page.evaluate(
            "Plotly.relayout('heatmap', {'xaxis.range': [-0.5, 5.5], 'yaxis.range': [5.5, -0.5]}).then(() => true)"
        )
        page.wait_for_function("() => document.getElementById('heatmap').layout.xaxis.ticktext.length === 6")
        assert before > 6
        assert box is not None


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_plots_take_the_colours_of_the_theme(browser: Browser, report: Path, scheme: Any) -> None:
    with opened(browser, report, color_scheme=scheme) as (page, _):
        drawn(page)
        paint = page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--significant').trim()")
        assert paint == {"light": "#0072b2", "dark": "#56b4e9"}[scheme]
        of_marks = page.evaluate(
            "document.getElementById('volcano').data.find(t => t.meta.role === 'significant').marker.color"
        )
        assert of_marks == paint
        page.emulate_media(color_scheme="dark" if scheme == "light" else "light")
        page.wait_for_function(
            """old => document.getElementById('volcano').data
                   .find(trace => trace.meta.role === 'significant').marker.color !== old""",
            arg=paint,
        )


def test_no_text_is_too_faint_to_read(browser: Browser, report: Path) -> None:
    with opened(browser, report) as (page, _):
        for scheme, media in itertools.product(("light", "dark"), ("screen", "print")):
            page.emulate_media(color_scheme=scheme, media=media)  # type: ignore[arg-type]
            for text, ground in itertools.product(("ink", "dim", "accent", "bad"), ("page", "panel", "soft")):
                assert contrast(page, text, ground) >= 4.5, (scheme, media, text, ground)
            for text in ("significant", "caution", "raises", "lowers"):
                assert contrast(page, text, "panel") >= 4.5, (scheme, media, text)
            assert contrast(page, "warn-ink", "warn-bg") >= 4.5, (scheme, media)
            for mark in ("quiet", "focus", "case"):  # of graphics less is asked
                assert contrast(page, mark, "panel") >= 3, (scheme, media, mark)


def contrast(page: Page, text: str, ground: str) -> float:
    """Of two of the page's colours. Source: W3C, Web Content Accessibility Guidelines 2.2, contrast ratio."""
    lights = []
    for name in (text, ground):
        value = page.evaluate(f"getComputedStyle(document.documentElement).getPropertyValue('--{name}').trim()")
        digits = value[1:] if len(value) == 7 else "".join(2 * digit for digit in value[1:])
        shares = np.array([int(digits[k : k + 2], 16) / 255 for k in (0, 2, 4)])
        linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
        lights.append(float(linear @ (0.2126, 0.7152, 0.0722)))
    return (max(lights) + 0.05) / (min(lights) + 0.05)


def test_on_paper_stand_the_whole_table_the_open_sections_and_what_was_left_out(
    browser: Browser, report: Path, tmp_path: Path
) -> None:
    with opened(browser, report) as (page, _):
        drawn(page)
        page.locator("details.gene").first.evaluate("section => { section.open = true; }")
        page.emulate_media(media="print")
        page.wait_for_function("() => document.querySelectorAll('details.issue:not([open])').length === 0")
        assert page.locator("nav").is_hidden()
        table = page.locator(".scroll")
        assert table.evaluate("box => box.scrollHeight <= box.clientHeight + 1")
        assert page.locator("details.gene[open]").count() == 1
        paper = page.pdf(format="A4")
        assert paper.startswith(b"%PDF-")
        assert len(paper) > 20_000
        page.emulate_media(media="screen")
        page.wait_for_function("() => document.querySelectorAll('details.issue:not([open])').length > 0")


def test_on_a_telephone_nothing_but_the_tables_scrolls_sideways(browser: Browser, report: Path) -> None:
    with opened(browser, report, viewport={"width": 360, "height": 740}) as (page, _):
        drawn(page)
        page.get_by_role("button", name="Open all").click()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_without_javascript_everything_but_the_plots_is_there(browser: Browser, report: Path) -> None:
    with opened(browser, report, java_script_enabled=False) as (page, _):
        assert page.locator("#gene-table tbody tr").count() == N_GENES
        assert page.locator("#no-plots").is_visible()
        assert page.locator("details.gene").count() > 10


def test_motion_is_for_those_who_want_it(browser: Browser, report: Path) -> None:
    for wish, behaviour in (("reduce", "auto"), ("no-preference", "smooth")):
        with opened(browser, report, reduced_motion=wish) as (page, _):
            assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == behaviour


def test_landmarks_names_and_headings_lead_a_screen_reader(browser: Browser, report: Path) -> None:
    with opened(browser, report) as (page, _):
        drawn(page)
        for role in ("banner", "navigation", "main", "contentinfo", "search"):
            assert page.get_by_role(role).count() == 1, role  # type: ignore[arg-type]
        assert page.get_by_role("heading", level=1).count() == 1
        for name in PLOTS:
            assert page.locator(f"#{name}[role=img]").get_attribute("aria-label")
        unnamed = page.evaluate(
            """[...document.querySelectorAll('a, button, input, select, summary')]
               .filter(one => !one.closest('[role=img]'))
               .filter(one => !(one.innerText || one.textContent || one.labels?.[0]?.textContent || '').trim())
               .map(one => one.outerHTML)"""
        )
        assert unnamed == []


def test_500_genes_by_three_modalities_work_as_few_do(browser: Browser, tmp_path: Path) -> None:
    result = make_result(500, seed=3)
    table = result.table
    q_value = pc.if_else(pc.is_null(table["auc"]), table["q_value"], 0.001)
    table = table.set_column(table.schema.get_field_index("q_value"), table.schema.field("q_value"), q_value)
    thrice = [table.set_column(1, table.schema.field("modality"), pa.array([m] * 500)) for m in ("hpo", "face", "both")]
    path = write_report(replace(result, table=pa.concat_tables(thrice)), tmp_path / "report.html")
    with opened(browser, path) as (page, _):
        drawn(page)
        assert len(genes(page)) == 1500
        page.get_by_label("Search").fill("gene123")
        assert set(genes(page)) == {"GENE123"}
        page.get_by_role("button", name="Open all").click()
        assert page.locator("details.gene:not([open])").count() == 0
        assert page.locator("#heatmap .hm image").count() == 1
