"""One demo organisation, one server, one browser for all tests of the dashboard; who is signed in is kept."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from e2e.browser.api import Api
from e2e.browser.chromium import NoChromium, launched
from e2e.browser.looking import AXE, ROOT, settle
from e2e.browser.organizations import RECEIVER
from e2e.browser.visiting import DOMAIN, Visitors
from e2e.browser.watching import Watch
from e2e.installation import Installation, installation

WEB = ROOT / "server" / "src" / "toktra" / "web" / "index.html"

Visit = Callable[..., Page]


@pytest.fixture(scope="package")
def company() -> Iterator[Installation]:
    """The demo organisation, served."""
    for needed in (WEB, AXE):
        if not needed.exists():
            pytest.fail(f"{needed.relative_to(ROOT)} is missing. Run `make setup` first.", pytrace=False)
    with installation(making=("e2e.browser.demo",)) as running:
        yield running


@pytest.fixture(scope="package")
def api(company: Installation) -> Iterator[Api]:
    """The demo organisation's API, with every scope."""
    with Api(company) as api:
        yield api


@pytest.fixture(scope="package")
def members_budget(api: Api) -> str:
    """The id of a budget that every role can see."""
    budgets = api.get("/v1/budgets")["items"]
    return next(str(one["id"]) for one in budgets if one["user_email"] == f"member@{DOMAIN}")


@pytest.fixture(scope="package")
def places(api: Api, members_budget: str) -> dict[str, str]:
    """Ids for the addresses of pages about one thing."""
    (policy, *_), (incident, *_) = api.get("/v1/policies")["items"], api.get("/v1/incidents")["items"]
    webhook = api.post("/v1/webhooks", RECEIVER)
    return {
        "budget": members_budget,
        "policy": str(policy["id"]),
        "incident": str(incident["id"]),
        "webhook": str(webhook["id"]),
    }


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    try:
        with launched() as browser:
            yield browser
    except NoChromium as missing:
        pytest.fail(str(missing), pytrace=False)


@pytest.fixture(scope="package")
def watch(company: Installation) -> Watch:
    return Watch(company.url)


@pytest.fixture(autouse=True)
def unharmed(watch: Watch) -> Iterator[None]:
    """Every test ends without a finding (W1), those of its fixtures included."""
    yield
    assert watch.take() == []


@pytest.fixture(scope="package")
def visitors(browser: Browser, company: Installation, watch: Watch) -> Visitors:
    return Visitors(browser, company, watch)


@pytest.fixture
def visit(visitors: Visitors) -> Iterator[Visit]:
    """Opens a page as somebody, in a context of its own; all of them are closed afterwards."""
    with ExitStack() as opened:

        def open_page(role: str, path: str, **options: Any) -> Page:
            page = opened.enter_context(visitors.signed_in(role, **options)).new_page()
            page.goto(path)
            settle(page)
            return page

        yield open_page
