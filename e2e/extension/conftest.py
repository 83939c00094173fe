"""One server and one set of services for all tests; for each test a person of its own, with a browser."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, sync_playwright

from e2e.browser.chromium import NoChromium
from e2e.browser.looking import ROOT
from e2e.extension.browsing import BUILT, Browsing, browsing
from e2e.extension.provider import Provider, providing
from e2e.extension.someone import NAMES, Someone, enrolled
from e2e.installation import Installation, installation


@pytest.fixture(scope="package")
def company() -> Iterator[Installation]:
    if not (BUILT / "manifest.json").exists():
        pytest.fail(f"{BUILT.relative_to(ROOT)} is missing. Run `make setup` first.", pytrace=False)
    with installation() as running:
        yield running


@pytest.fixture(scope="package")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    with providing(tmp_path_factory.mktemp("services"), NAMES) as provider:
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
def started(
    playwright: Playwright, profile: Path, services: Provider, *more: str, loaded: bool = True
) -> Iterator[Browsing]:
    try:
        with browsing(playwright, profile, services, NAMES, *more, loaded=loaded) as browser:
            yield browser
    except NoChromium as missing:
        pytest.fail(str(missing), pytrace=False)
