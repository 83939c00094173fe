"""People in front of browsers: each with their own cookies, all of them watched."""

import re
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, StorageState

from e2e.browser.looking import WIDE
from e2e.browser.watching import Watch
from e2e.installation import Installation

DOMAIN = "example.com"


@dataclass
class Visitors:
    """Contexts of people of the demo organisation, by role, and of others by what they sign in with."""

    browser: Browser
    server: Installation
    watch: Watch
    known: dict[str, StorageState] = field(default_factory=dict)

    def anyone(self, **options: Any) -> BrowserContext:
        """Somebody who is not signed in."""
        usual: dict[str, Any] = {
            "base_url": self.server.url,
            "viewport": WIDE,
            "reduced_motion": "reduce",
            "locale": "en-GB",
            "timezone_id": "Europe/Berlin",
        }
        context = self.browser.new_context(**usual | options)
        context.set_default_timeout(10_000)
        self.watch.over(context)
        return context

    def signed_in(self, role: str, **options: Any) -> BrowserContext:
        """One of the demo's people."""
        password = str(self.server.made["admin_password"])
        return self.signed_in_as(f"{role}@{DOMAIN}", password, **options)

    def signed_in_as(self, email: str, password: str, **options: Any) -> BrowserContext:
        """Signed in through the form once, and remembered."""
        if email not in self.known:
            with self.anyone() as context:
                page = context.new_page()
                page.goto("/")
                sign_in(page, email, password)
                self.known[email] = context.storage_state()
        return self.anyone(storage_state=self.known[email], **options)


def sign_in(page: Page, email: str, password: str) -> None:
    """Through the form that is open, until the page behind it is there."""
    page.get_by_label("E-mail").fill(email)
    page.get_by_label(re.compile("^Password")).fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("navigation", name="Pages").wait_for()
