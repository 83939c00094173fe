"""What goes wrong in a browser while a test looks elsewhere (W1)."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response, WebError

_LISTEN = """
    document.addEventListener("securitypolicyviolation", (broken) =>
        console.error(`Content-Security-Policy: ${broken.violatedDirective} ${broken.blockedURI}`))
"""

_NOBODY = "/v1/session"
"""Answers 401 to whoever is not signed in, which the browser calls an error."""


@dataclass
class Watch:
    """Everything found in the contexts it watches, until it is taken."""

    origin: str
    found: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        """Watch every page of this context."""
        context.add_init_script(_LISTEN)
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("request", self._request)
        context.on("response", self._response)

    def expect(self, pattern: str) -> None:
        """This test brings such a finding about on purpose."""
        self.expected.append(pattern)

    def take(self) -> list[str]:
        """What was found and not expected; the next test begins anew."""
        left = [one for one in self.found if not any(re.search(pattern, one) for pattern in self.expected)]
        self.found, self.expected = [], []
        return left

    def _console(self, message: ConsoleMessage) -> None:
        url = message.location["url"]
        nobody = url.endswith(_NOBODY) and "401" in message.text
        if message.type == "error" and not nobody:
            self.found.append(f"console: {message.text} ({url})")

    def _error(self, error: WebError) -> None:
        self.found.append(f"page: {error.error}")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and f"{parts.scheme}://{parts.netloc}" != self.origin:
            self.found.append(f"another host: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self.found.append(f"status {response.status}: {response.request.method} {response.url}")
