"""A real Chromium with the built extension, in which the services' names lead to this machine."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from playwright.sync_api import BrowserContext, Page, Playwright, Worker

from e2e.browser.chromium import QUIET, found
from e2e.browser.looking import ROOT
from e2e.extension.provider import Provider

T = TypeVar("T")
BUILT = ROOT / "extension" / "dist" / "chrome"
ID = "aifhfnofdeempmpockbamfellhfcbfcm"
"""Follows from the key in extension/wxt.config.ts."""


@dataclass
class Browsing:
    """The browser; its pages, and the extension's."""

    context: BrowserContext
    profile: Path

    @property
    def worker(self) -> Worker:
        """The extension's worker, started if it is not there."""
        if not self.context.service_workers:
            return self.context.wait_for_event("serviceworker", timeout=20_000)
        return self.context.service_workers[0]

    def stop_worker(self) -> bool:
        """End the worker as the browser does, whatever it is doing; whether there was one."""
        page = self.context.pages[0]
        cdp = self.context.new_cdp_session(page)
        targets = cdp.send("Target.getTargets")["targetInfos"]
        workers = [one["targetId"] for one in targets if one["type"] == "service_worker" and ID in one["url"]]
        for worker in workers:
            cdp.send("Target.closeTarget", {"targetId": worker})
        cdp.detach()
        return bool(workers)

    def wake(self, *, seconds: float) -> None:
        """Let the worker sort out what it has in so many seconds; by itself it does every half minute."""
        asking = "(seconds) => chrome.alarms.create(`in ${seconds}`, {when: Date.now() + seconds * 1000})"
        self.worker.evaluate(asking, seconds)

    def own(self, name: str) -> Page:
        """One of the extension's own pages."""
        page = self.context.new_page()
        page.goto(f"chrome-extension://{ID}/{name}.html")
        return page

    def open(self, host: str) -> Page:
        """A page of a service."""
        page = self.context.new_page()
        page.goto(f"https://{host}/")
        return page

    def enrol(self, server: str, token: str, email: str) -> None:
        """As a person does it, on the settings page."""
        page = self.own("options")
        page.get_by_label("Server or link").fill(server)
        page.get_by_label("Enrolment code or token").fill(token)
        page.get_by_label("Your work e-mail").fill(email)
        page.get_by_role("button", name="Enrol", exact=True).click()
        page.get_by_text(f"Enrolled at {server}").wait_for()
        page.close()

    def shown(self) -> dict[str, Any]:
        """What the popup is told."""
        page = self.context.pages[0]
        if not page.url.startswith("chrome-extension:"):
            page.goto(f"chrome-extension://{ID}/options.html")
        return dict(page.evaluate("() => chrome.runtime.sendMessage({kind: 'state'})")["shown"])


@contextmanager
def browsing(
    playwright: Playwright,
    profile: Path,
    provider: Provider,
    names: Sequence[str],
    *more: str,
    loaded: bool = True,
) -> Iterator[Browsing]:
    """The browser with a profile of its own; closed afterwards. `loaded`: with the extension."""
    rules = ", ".join(f"MAP {name}:443 127.0.0.1:{provider.port}" for name in names)
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    context = playwright.chromium.launch_persistent_context(
        profile,
        executable_path=found(playwright),
        headless=False,
        args=[
            *QUIET,
            *root,
            "--headless=new",
            *([f"--load-extension={BUILT}", f"--disable-extensions-except={BUILT}"] if loaded else []),
            f"--host-resolver-rules={rules}, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            f"--ignore-certificate-errors-spki-list={provider.certificate.fingerprint}",
            *more,
        ],
    )
    try:
        yield Browsing(context, profile)
    finally:
        context.close()


def until(look: Callable[[], T], seconds: float = 15) -> T:
    """What `look` says once it says something; its last word when time is over."""
    deadline = time.monotonic() + seconds
    while not (said := look()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return said
