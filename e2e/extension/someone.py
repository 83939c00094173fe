"""Somebody at a browser that is enrolled, and what the server has of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import dict_row

from e2e.browser.api import Api
from e2e.extension.browsing import Browsing, until
from e2e.extension.line import Line, line
from e2e.installation import Installation
from toktra.kit.database import connection_options, conninfo, locate
from toktra_wire.ids import new_id

SITE, API, ANOTHER, OTHER = NAMES = "chatgpt.com", "api.openai.com", "claude.ai", "example.com"
BUDGET = "Research"
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
        scope = {"department": self.department, "name": BUDGET}
        body = {**scope, "limit_tokens": tokens, "hard_cap": True, **more}
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

    def forget_answer(self) -> None:
        """The browser does not know any more how much room there was: the next request has to wait."""
        self.browsing.worker.evaluate("() => chrome.storage.session.remove('standing')")

    def events(self, many: int = 0, seconds: float = 20) -> list[dict[str, Any]]:
        """What the server has kept of them, once there are so many."""
        until(lambda: len(self._events()) >= many, seconds)
        return self._events()

    def _events(self) -> list[dict[str, Any]]:
        return kept_of(self.running, self.user_id)


def kept_of(running: Installation, user_id: str) -> list[dict[str, Any]]:
    """The events that the server has kept of a user."""
    asking = f"SELECT {COLUMNS} FROM usage_events WHERE user_id = %s ORDER BY occurred_at"
    address = conninfo(locate(running.settings).corporate)
    with psycopg.connect(address, options=connection_options(), row_factory=dict_row) as connection:
        return connection.execute(asking, [user_id]).fetchall()


@contextmanager
def enrolled(company: Installation, browser: Browsing) -> Iterator[Someone]:
    """Somebody new; whoever was at this browser before is gone with what was counted for them."""
    group = new_id().hex[-8:]
    email, department = f"ada@{group}.example.net", f"Research {group}"
    with Api(company) as api, line(company.port) as wire:
        user = api.person("Ada", email, department=department)
        browser.enrol(wire.url, api.post("/v1/enrollment-tokens", {})["token"], email)
        yield Someone(company, api, wire, browser, user, email, department)
