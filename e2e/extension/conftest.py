"""One server and one set of services for all tests; for each test a person of its own, with a browser."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Playwright, sync_playwright
from psycopg.rows import dict_row

from e2e.browser.api import Api
from e2e.browser.chromium import NoChromium
from e2e.browser.looking import ROOT
from e2e.extension.browsing import BUILT, Browsing, browsing, until
from e2e.extension.line import Line, line
from e2e.extension.provider import Provider, providing
from e2e.installation import Installation, installation
from toktra.kit.database import connection_options, conninfo, locate
from toktra_wire.ids import new_id

SITE, API, ANOTHER, OTHER = "chatgpt.com", "api.openai.com", "claude.ai", "example.com"
ASKING = "/backend-api/conversation"
COLUMNS = (
    "provider_host, endpoint, request_bytes, response_bytes, streaming, source, application, "
    "input_tokens, output_tokens"
)


@dataclass
class Someone:
    """A person of a department of their own, at a browser that is enrolled over a line."""

    running: Installation
    api: Api
    line: Line
    browsing: Browsing
    user_id: str
    email: str
    department: str

    def cap(self, tokens: int, **more: Any) -> str:
        """A hard cap above them; the browser knows of it. The budget's id."""
        body = {"department": self.department, "limit_tokens": tokens, "hard_cap": True, **more}
        made = self.api.post("/v1/budgets", body)
        self.refresh()
        return str(made["id"])

    def limit(self, budget: str, tokens: int) -> None:
        self.api.client.patch(f"/v1/budgets/{budget}", json={"limit_tokens": tokens}).raise_for_status()

    def grant(self, tokens: int) -> None:
        """An exemption, asked for and approved."""
        asked = {"user_id": self.user_id, "reason": "a sprint", "tokens": tokens}
        made = self.api.post("/v1/budget-exemptions", asked)
        self.api.post(f"/v1/budget-exemptions/{made['id']}/approve", {})

    def refresh(self) -> None:
        """The browser looks at its configuration now, not in five minutes."""
        before = self.line.said.count(b"/v1/devices/me/config")
        self.browsing.worker.evaluate("() => chrome.alarms.create('config', {when: Date.now()})")
        until(lambda: self.line.said.count(b"/v1/devices/me/config") > before)
        until(lambda: self.browsing.shown()["preflight"])

    def events(self, many: int = 0, seconds: float = 20) -> list[dict[str, Any]]:
        """What the server has kept of them, once there are so many."""
        until(lambda: len(self._events()) >= many, seconds)
        return self._events()

    def _events(self) -> list[dict[str, Any]]:
        asking = f"SELECT {COLUMNS} FROM usage_events WHERE user_id = %s ORDER BY occurred_at"
        address = conninfo(locate(self.running.settings).corporate)
        with psycopg.connect(address, options=connection_options(), row_factory=dict_row) as connection:
            return connection.execute(asking, [self.user_id]).fetchall()


@pytest.fixture(scope="package")
def company() -> Iterator[Installation]:
    if not (BUILT / "manifest.json").exists():
        pytest.fail(f"{BUILT.relative_to(ROOT)} is missing. Run `make setup` first.", pytrace=False)
    with installation() as running:
        yield running


@pytest.fixture(scope="package")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    with providing(tmp_path_factory.mktemp("services"), [SITE, API, ANOTHER, OTHER]) as provider:
        yield provider


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="package")
def shared(
    playwright: Playwright, services: Provider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browsing]:
    """One browser for all tests that leave it as they found it."""
    with started(playwright, tmp_path_factory.mktemp("shared") / "profile", services) as browser:
        yield browser


@pytest.fixture
def someone(company: Installation, services: Provider, shared: Browsing) -> Iterator[Someone]:
    services.got.clear()
    with enrolled(company, shared) as person:
        yield person
    for page in shared.context.pages[1:]:
        page.close()


@pytest.fixture
def alone(
    playwright: Playwright, company: Installation, services: Provider, tmp_path: Path
) -> Iterator[Someone]:
    """Someone at a browser of their own."""
    services.got.clear()
    with started(playwright, tmp_path / "profile", services) as browser, enrolled(company, browser) as person:
        yield person


@contextmanager
def started(playwright: Playwright, profile: Path, services: Provider) -> Iterator[Browsing]:
    try:
        with browsing(playwright, profile, services, [SITE, API, ANOTHER, OTHER]) as browser:
            yield browser
    except NoChromium as missing:
        pytest.fail(str(missing), pytrace=False)


@contextmanager
def enrolled(company: Installation, browser: Browsing) -> Iterator[Someone]:
    """Somebody new; whoever was at this browser before is gone with what was counted for them."""
    name = f"ada-{new_id().hex[-8:]}"
    email, department = f"{name}@example.com", f"Department of {name}"
    with Api(company) as api, line(company.port) as wire:
        user = api.person("Ada", email, department=department)
        browser.enrol(wire.url, api.post("/v1/enrollment-tokens", {})["token"], email)
        yield Someone(company, api, wire, browser, user, email, department)
