"""Pictures of every page, light and dark, wide and narrow; into the documentation with TOKTRA_PICTURES=1."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Error

from e2e.browser.looking import NARROW, ROOT, WIDE, settle
from e2e.browser.pages import PAGES, Entry
from e2e.browser.visiting import Visitors
from e2e.installation import Installation
from toktra.demo.record import load

FOLDER = ROOT / "docs" / "pictures"
MOST_BYTES = 400_000
View = tuple[BrowserContext, str]
SHAPES = [
    pytest.param((scheme, size), id=f"{scheme}-{size['width']}")
    for scheme in ("light", "dark")
    for size in (WIDE, NARROW)
]


@pytest.fixture(scope="module", params=SHAPES)
def view(request: pytest.FixtureRequest, visitors: Visitors, company: Installation) -> Iterator[View]:
    """The admin's browser in one of the shapes, at the instant the demo's history ends."""
    scheme, size = request.param
    context = visitors.signed_in("admin", color_scheme=scheme, viewport=size)
    record = load(company.folder)
    assert record is not None
    assert record.filled_until is not None
    context.clock.set_fixed_time(record.filled_until)
    yield context, f"{scheme}-{size['width']}"
    context.close()


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.name)
def test_a_picture_of_every_page(entry: Entry, view: View, places: dict[str, str], tmp_path: Path) -> None:
    context, shape = view
    folder = FOLDER if os.environ.get("TOKTRA_PICTURES") == "1" else tmp_path
    page = context.new_page()
    page.goto(entry.at(**places))
    settle(page)
    with suppress(Error):  # a page that listens to a stream is never done
        page.wait_for_load_state("networkidle", timeout=3_000)
    file = folder / f"{entry.name}-{shape}.png"
    page.screenshot(path=file, animations="disabled", caret="hide")
    page.close()
    assert 1_000 < file.stat().st_size < MOST_BYTES
