"""What is easily forgotten: nothing is there, endless names, slow answers, failing ones, the first load."""

import json
from contextlib import suppress
from itertools import cycle

import pytest
from playwright.sync_api import Error, Route, expect

from e2e.browser.looking import NARROW, WIDE, settle, too_wide
from e2e.browser.organizations import Organization, empty, odd
from e2e.browser.pages import PAGES, Entry
from e2e.browser.visiting import Visitors
from e2e.browser.watching import Watch
from e2e.installation import Installation

FIRST_LOAD_BYTES = 300_000
MOST_PARTS = 6
MESSAGE = "Come back in a moment."
FORMS = {"exemptions-new", "policies-new", "account"}
"""Pages that show what they have before anything is answered."""
ASKING = [entry for entry in PAGES if entry.name not in FORMS]


def named(one: Entry | int) -> str:
    return one.name if isinstance(one, Entry) else str(one)


@pytest.fixture(scope="module")
def nothing(company: Installation) -> Organization:
    return empty(company)


@pytest.fixture(scope="module")
def oddities(company: Installation) -> Organization:
    return odd(company)


@pytest.mark.parametrize("entry", [entry for entry in PAGES if "$" not in entry.path], ids=named)
def test_an_empty_organisation(entry: Entry, nothing: Organization, visitors: Visitors) -> None:
    is_whole(entry, nothing, visitors)


@pytest.mark.parametrize("entry", PAGES, ids=named)
def test_names_beyond_all_bounds(entry: Entry, oddities: Organization, visitors: Visitors) -> None:
    is_whole(entry, oddities, visitors)


def is_whole(entry: Entry, organization: Organization, visitors: Visitors) -> None:
    """It opens, and scrolls sideways neither on a wide nor on a narrow screen."""
    with visitors.signed_in_as(organization.email, organization.password) as context:
        page = context.new_page()
        page.goto(entry.at(**organization.places))
        settle(page)
        assert page.get_by_role("button", name="Try again").count() == 0
        for size in (WIDE, NARROW):
            page.set_viewport_size(size)
            assert too_wide(page) == []


@pytest.mark.parametrize("entry", ASKING, ids=named)
def test_slow_answers_are_waited_for(entry: Entry, visitors: Visitors, places: dict[str, str]) -> None:
    with visitors.signed_in("admin") as context:
        page, held = context.new_page(), list[Route]()
        page.route(but_the_session, lambda route: held.append(route))
        page.goto(entry.at(**places))
        expect(page.get_by_label("Loading").first).to_be_visible()
        page.unroute(but_the_session)
        for route in held:
            with suppress(Error):  # the page may have given it up
                route.continue_()
        settle(page)
        expect(page.get_by_role("heading", level=1)).to_be_visible()


@pytest.mark.parametrize(("entry", "status"), list(zip(ASKING, cycle((500, 503)), strict=False)), ids=named)
def test_failures_are_said_and_can_be_tried_again(
    entry: Entry, status: int, visitors: Visitors, watch: Watch, places: dict[str, str]
) -> None:
    watch.expect(f"status (of )?{status}|{MESSAGE}")
    with visitors.signed_in("admin") as context:
        page = context.new_page()
        page.route(but_the_session, lambda route: fail(route, status))
        page.goto(entry.at(**places))
        again = page.get_by_role("button", name="Try again")
        expect(again.first).to_be_visible()
        expect(page.get_by_text(MESSAGE).first).to_be_visible()
        page.unroute(but_the_session)
        for _ in range(MOST_PARTS):  # parts fail on their own, each at its own time
            if again.count():
                again.first.click()
            settle(page)
        expect(again).to_have_count(0)
        expect(page.get_by_role("heading", level=1)).to_be_visible()


def but_the_session(url: str) -> bool:
    """Whether it is asked of the API for what a page shows."""
    return "/v1/" in url and not url.endswith("/v1/session")


def fail(route: Route, status: int) -> None:
    body = {"error": "internal", "message": MESSAGE, "details": {}, "request_id": "0123"}
    route.fulfill(status=status, content_type="application/json", body=json.dumps(body))


def test_the_first_load_is_small(visitors: Visitors) -> None:
    with visitors.signed_in("admin") as context:
        page, sizes = context.new_page(), dict[str, int]()
        page.on("requestfinished", lambda one: sizes.update({one.url: one.sizes()["responseBodySize"]}))
        page.goto("/")
        settle(page)
        scripts = {url: size for url, size in sizes.items() if url.endswith(".js")}
        assert scripts
        assert sum(scripts.values()) < FIRST_LOAD_BYTES, scripts
