"""A browser for the tests: Debian's chromium driven by playwright, with everything it asked for and complained of."""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# So long a page that never does what it is waited for is waited for; how fast a machine is plays no part.
_MILLISECONDS = 300_000
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> str:
    """Path of the browser: `$CHROMIUM`, or one of `NAMES` on the PATH; skips the test where there is none."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip(f"no browser on this machine: none of {', '.join(NAMES)} on the PATH, and CHROMIUM is not set")
    return path


@contextmanager
def launched() -> Iterator[Browser]:
    """A browser without a window; it has no network to go to but may not have one either, see `opened`."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is in the test extra")
    path = find_chromium()
    with warnings.catch_warnings():
        # of the event loop that playwright makes and leaves to the garbage collector
        warnings.simplefilter("ignore", ResourceWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        with playwright.sync_playwright() as driver:
            # the sandbox wants rights that a container does not give
            browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
            yield browser
            browser.close()


class Witness:
    """What a page asked for beside its own file, and what its console said."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.complaints: list[str] = []


@contextmanager
def opened(browser: Browser, path: Path, **context: Any) -> Iterator[tuple[Page, Witness]]:
    """Open a file by its ``file://`` address; on leaving, it has asked for nothing else and nothing went wrong."""
    witness = Witness()
    made = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **context})
    page = made.new_page()
    page.set_default_timeout(_MILLISECONDS)
    page.on("console", lambda message: witness.complaints.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: witness.complaints.append(str(error)))

    def only_the_file(route: Any) -> None:
        if route.request.url.split("#")[0] == path.as_uri():
            route.continue_()
        else:
            witness.requests.append(route.request.url)
            route.abort()

    made.route("**/*", only_the_file)
    page.goto(path.as_uri())
    yield page, witness
    made.close()
    assert witness.requests == []
    assert witness.complaints == []
