"""Every page as every role: it opens as it should, can be used by everyone, and fits a narrow screen."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import BrowserContext, Page

from e2e.browser.conftest import Visit
from e2e.browser.looking import (
    NARROW,
    ROOT,
    WIDE,
    axe_findings,
    not_reached_by_tab,
    settle,
    shown_in,
    too_wide,
)
from e2e.browser.pages import PAGES, ROLES, Entry
from e2e.browser.visiting import Visitors

SCHEMES = ("light", "dark")
VISITS = [
    pytest.param((role, entry), id=f"{role}-{entry.name}")
    for role in ROLES
    for entry in PAGES
    if role in entry.roles
]


@dataclass(frozen=True)
class Opened:
    """A page, open, as somebody."""

    role: str
    entry: Entry
    page: Page


@pytest.fixture(scope="module")
def contexts(visitors: Visitors) -> Iterator[dict[str, BrowserContext]]:
    """One for each role, so that what is the same on all pages is loaded once."""
    made = {role: visitors.signed_in(role) for role in ROLES}
    yield made
    for context in made.values():
        context.close()


@pytest.fixture(scope="module", params=VISITS)
def opened(
    request: pytest.FixtureRequest, contexts: dict[str, BrowserContext], places: dict[str, str]
) -> Iterator[Opened]:
    """Each page as each role, opened once for all tests of it."""
    role, entry = request.param
    page = contexts[role].new_page()
    page.goto(entry.at(**places))
    settle(page)
    yield Opened(role, entry, page)
    page.close()


def test_the_list_is_that_of_the_dashboard() -> None:
    source = (ROOT / "dashboard" / "src" / "app" / "pages.ts").read_text()
    assert re.findall(r'^ +path: "(.*)",$', source, re.MULTILINE) == [entry.path for entry in PAGES]


@pytest.mark.parametrize("role", [role for role in ROLES if any(role not in one.roles for one in PAGES)])
def test_what_is_not_for_someone_does_not_exist_for_them(role: str, visit: Visit) -> None:
    paths = [entry.path for entry in PAGES if role not in entry.roles]
    page = visit(role, "/no/such/page")
    not_found = page.get_by_role("main").inner_text()
    for path in paths:
        page.goto(path)
        settle(page)
        assert page.get_by_role("main").inner_text() == not_found, path
        assert page.get_by_role("navigation").locator(f"a[href='{path}']").count() == 0


def test_it_opens_for_those_whom_it_is_for(opened: Opened) -> None:
    heading = opened.page.get_by_role("heading", level=1)
    assert re.search(opened.entry.heading, heading.inner_text(), re.IGNORECASE)
    assert opened.page.get_by_role("alert").all_inner_texts() == []


@pytest.mark.parametrize("role", ROLES)
def test_one_page_after_another_shares_what_was_read(role: str, visit: Visit) -> None:
    """Without loading anew in between, there and back: what one page has read is what the next one takes."""
    page = visit(role, "/usage")
    links = page.get_by_role("navigation").get_by_role("link")
    names = links.all_inner_texts()
    assert len(names) > 5
    for name in [*names, *reversed(names)]:
        page.get_by_role("navigation").get_by_role("link", name=name, exact=True).click()
        settle(page)
        assert page.get_by_role("main").get_by_role("alert").all_inner_texts() == [], name


def test_every_control_is_reached_by_the_tab_key(opened: Opened) -> None:
    assert not_reached_by_tab(opened.page) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_serious(opened: Opened, scheme: str) -> None:
    shown_in(opened.page, scheme)
    assert axe_findings(opened.page) == []


def test_it_does_not_scroll_sideways(opened: Opened) -> None:
    opened.page.set_viewport_size(NARROW)
    try:
        assert too_wide(opened.page) == []
    finally:
        opened.page.set_viewport_size(WIDE)
