"""The pages people open first, in a real browser: Overview on the demo organisation, Usage on a large one."""

import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from e2e.browser.chromium import launched
from e2e.browser.looking import settle
from e2e.browser.visiting import DOMAIN, Visitors
from e2e.browser.watching import Watch
from e2e.installation import Installation, installation
from playwright.sync_api import Browser, Page

from bench.usage import USERS, fill

DEMO = ("e2e.browser.demo", "200", "90")
ROUNDS = 10
# What a page costs that shows nothing: the browser alone.
_BARE = "/v1/health"
_RANGES = ("7d", "90d")


def run(events: int) -> dict[str, Any]:
    """Milliseconds from asking for a page until all of it is shown, each time in a browser that knows nothing."""
    with launched() as browser:
        with installation(making=DEMO) as running:
            overview = opened(browser, running, f"admin@{DOMAIN}", "/")
        with installation() as running:
            fill(running, events)
            email = str(running.made["admin_email"])
            usage = opened(browser, running, email, "/usage") | chosen(browser, running, email)
    return {"rounds": ROUNDS, "users": USERS, "events": events, "overview": overview, "usage": usage}


def opened(browser: Browser, running: Installation, email: str, path: str) -> dict[str, float]:
    """The page itself, beside an address that shows one line."""
    visitors = Visitors(browser, running, Watch(running.url))
    visitors.signed_in_as(email, str(running.made["admin_password"])).close()

    def once(path: str, shown: Callable[[Page], None]) -> float:
        with visitors.signed_in_as(email, "") as context:
            page = context.new_page()
            return timed(lambda: show(page, path, shown))

    return {
        "opened_ms": median(lambda: once(path, settle)),
        "bare_ms": median(lambda: once(_BARE, lambda page: None)),
    }


def chosen(browser: Browser, running: Installation, email: str) -> dict[str, float]:
    """Another range chosen on a page that stands: until all of it is shown anew."""
    visitors = Visitors(browser, running, Watch(running.url))
    with visitors.signed_in_as(email, str(running.made["admin_password"])) as context:
        page = context.new_page()
        page.goto("/usage")
        settle(page)
        return {f"chosen_{name}_ms": timed(partial(choose, page, name)) for name in _RANGES}


def show(page: Page, path: str, shown: Callable[[Page], None]) -> None:
    """From the address until it is shown."""
    page.goto(path)
    shown(page)


def choose(page: Page, name: str) -> None:
    """One press, until the list of what is loading is empty again."""
    with page.expect_response(lambda answer: "/v1/usage" in answer.url):
        page.get_by_role("button", name=f"{name}:").click()
    page.wait_for_function("() => document.querySelector('[aria-busy=true]') === null")
    settle(page)


def median(measure: Callable[[], float]) -> float:
    return round(statistics.median(measure() for _ in range(ROUNDS)), 1)


def timed(what: Callable[[], object]) -> float:
    began = time.perf_counter()
    what()
    return round((time.perf_counter() - began) * 1000, 1)
