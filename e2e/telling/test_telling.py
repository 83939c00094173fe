"""From an event that a device sends to each one who is told of it, for every trigger of policies."""

import hashlib
import hmac
import json
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from e2e.devices import enroll_one
from e2e.installation import Installation, installation, toktra
from e2e.telling.listeners import BOT_TOKEN, CHANNEL, Listeners, listening
from toktra_wire.ids import id_at, new_id

USER, MANAGER, ADMIN = "user@example.com", "manager@example.com", "owner@example.com"
EVENTS = ["alert.created", "alert.resolved", "policy.fired", "incident.opened", "incident.resolved"]
SECONDS = 60


@dataclass
class Office:
    """An installation with a worker, who is told by it, and one device of the user's."""

    running: Installation
    api: httpx2.Client
    device: httpx2.Client
    user_id: str
    department_id: str
    webhook_id: str
    heard: Listeners

    def call(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.api.request(method, path, json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def use(self, tokens: int, *, at: datetime | None = None) -> None:
        """One request of the user's, as their device tells of it."""
        at = at or datetime.now(UTC)
        event = {
            "id": str(id_at(at)),
            "occurred_at": at.isoformat(),
            "provider_host": "api.openai.com",
            "model": "gpt-4o",
            "request_bytes": 2048,
            "response_bytes": 8192,
            "estimated_input_tokens": tokens,
            "estimated_output_tokens": 0,
        }
        answer = self.device.post("/v1/events", json={"events": [event]})
        assert answer.json()["accepted"] == 1, answer.text

    def check(self, at: httpx2.Client | None = None) -> dict[str, Any]:
        """What the user's next request is answered."""
        asked = {"key": new_id().hex, "provider": "openai", "model": "gpt-4o", "estimated_tokens": 1}
        answer = (at or self.device).post("/v1/preflight", json=asked)
        assert answer.is_success, answer.text
        return dict(answer.json())

    def asking(self, other: Installation) -> httpx2.Client:
        """The same device, at another server."""
        return httpx2.Client(
            base_url=other.url, headers={"Authorization": self.device.headers["authorization"]}
        )

    def policy(self, trigger: dict[str, Any], *also: dict[str, Any]) -> dict[str, Any]:
        """A published policy with every action but a block, and these."""
        actions = [
            {"type": "email_user"},
            {"type": "email_manager"},
            {"type": "webhook", "webhook_id": self.webhook_id},
            {"type": "create_incident", "severity": "critical"},
            *also,
        ]
        body = {"name": "Watched", "trigger": trigger, "actions": actions}
        made = self.call("POST", "/v1/policies", body)
        return dict(self.call("POST", f"/v1/policies/{made['id']}/publish"))

    def report(self) -> None:
        """What GitHub's webhook says of a secret that was found, signed with its secret."""
        made = self.call("POST", "/v1/integrations/github", {"name": "GitHub"})
        self.call("PUT", "/v1/integrations/github-identities", {"login": "octocat", "user_id": self.user_id})
        said = {
            "action": "created",
            "alert": {"number": 1, "secret_type": "aws_key", "created_at": datetime.now(UTC).isoformat()},
            "repository": {"full_name": "acme/engine", "private": True, "owner": {"login": "acme"}},
            "sender": {"login": "octocat"},
        }
        body = json.dumps(said).encode()
        signature = hmac.new(made["secret"].encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "content-type": "application/json",
            "x-github-event": "secret_scanning_alert",
            "x-github-delivery": str(new_id()),
            "x-hub-signature-256": f"sha256={signature}",
        }
        path = f"/v1/integrations/github/{made['id']}/webhook"
        answer = httpx2.post(f"{self.running.url}{path}", content=body, headers=headers)
        assert answer.is_success, answer.text


def over_budget(office: Office) -> dict[str, Any]:
    office.call("POST", "/v1/budgets", {"user_id": office.user_id, "limit_tokens": 1_000})
    return {"type": "token_budget_exceeded"}


def over_threshold(office: Office) -> dict[str, Any]:
    return {
        "type": "department_threshold",
        "department_id": office.department_id,
        "limit_tokens": 1_000,
        "period": "monthly",
    }


def far_from_usual(office: Office) -> dict[str, Any]:
    """A month in which the user used little, at this hour of each day."""
    for back in range(28, 0, -1):
        office.use(100, at=datetime.now(UTC) - timedelta(days=back))
    return {"type": "unusual_usage", "times": 5, "least_tokens": 1_000}


def ip_risk(_office: Office) -> dict[str, Any]:
    return {"type": "ip_risk_event"}


@pytest.mark.parametrize("trigger_of", [over_budget, over_threshold, far_from_usual, ip_risk])
def test_an_event_reaches_everyone_it_should(trigger_of: Callable[[Office], dict[str, Any]]) -> None:
    """A person by e-mail, their manager, a program by webhook, a channel of Slack, and an incident."""
    with an_office() as office:
        policy = office.policy(trigger_of(office))
        if policy["trigger"]["type"] == "ip_risk_event":
            office.report()
        else:
            office.use(5_000)
        heard = office.heard
        until(lambda: heard.readers >= {USER, MANAGER})
        until(lambda: heard.told >= {"policy.fired", "alert.created", "incident.opened"})
        until(lambda: any("Incident opened" in one["text"] for one in heard.slack))
        until(lambda: any("Policy fired: Watched" in one["text"] for one in heard.slack))

        (incident,) = office.call("GET", "/v1/incidents")["items"]
        assert [incident["number"], incident["severity"], incident["state"]] == [1, "critical", "open"]
        (fired,) = office.call("GET", "/v1/policy-firings")["items"]
        (told,) = (one for one in heard.webhooks if one["type"] == "policy.fired")
        assert told["data"]["firing_id"] == fired["id"]
        assert told["data"]["incident_number"] == 1
        if fired["user_id"] is not None:
            assert told["data"]["user_email"] == USER

        office.call("PATCH", f"/v1/incidents/{incident['id']}", {"state": "resolved"})
        office.call("POST", f"/v1/alerts/{fired['alert_id']}/acknowledge")
        office.call("POST", f"/v1/alerts/{fired['alert_id']}/resolve")
        until(lambda: heard.told >= {"incident.resolved", "alert.resolved"})
        assert heard.refused == []


def test_a_policy_blocks_the_next_check_on_every_server_until_it_is_lifted() -> None:
    """No more than the answer to the event is waited for, which is less than a second."""
    with an_office() as office, office.running.beside() as other, office.asking(other) as elsewhere:
        assert office.check()["decision"] == office.check(elsewhere)["decision"] == "allow"
        office.policy(over_budget(office), {"type": "block", "hours": 1})
        office.use(5_000)
        for refused in (office.check(), office.check(elsewhere)):
            assert [refused["decision"], refused["reason"]] == ["block", "blocked_by_policy"]
        (block,) = office.call("GET", "/v1/blocks")["items"]
        office.call("POST", f"/v1/blocks/{block['id']}/lift")
        assert office.check()["decision"] == office.check(elsewhere)["decision"] == "warn"


@contextmanager
def an_office() -> Iterator[Office]:
    with listening() as heard:
        slack_url = f"{heard.http_url}/slack"
        with (
            installation(
                smtp_url=heard.mail_url, slack_api_url=slack_url, webhooks_to_private="true"
            ) as running,
            a_worker(running),
        ):
            headers = {"Authorization": f"Bearer {running.api_key}"}
            with httpx2.Client(base_url=running.url, headers=headers) as api:
                yield from _furnished(running, api, heard)


@contextmanager
def a_worker(running: Installation) -> Iterator[None]:
    process = subprocess.Popen(toktra("worker"), env=running.environment)
    try:
        yield
    finally:
        process.terminate()
        process.wait(40)


def _furnished(running: Installation, api: httpx2.Client, heard: Listeners) -> Iterator[Office]:
    """People, a device, a program that is told of everything, and a channel."""

    def made(path: str, **body: Any) -> dict[str, Any]:
        answer = api.post(path, json=body)
        assert answer.is_success, answer.text
        return dict(answer.json())

    manager = made("/v1/users", email=MANAGER, name="Manager", department="Engineering", role="manager")
    user = made(
        "/v1/users", email=USER, name="User", department="Engineering", manager_email=manager["email"]
    )
    hook = made("/v1/webhooks", name="Pager", url=f"{heard.http_url}/hook", events=EVENTS)
    heard.secret = hook["secret"]
    api.put("/v1/integrations/slack", json={"token": BOT_TOKEN}).raise_for_status()
    made("/v1/webhooks", name="Slack", kind="slack_app", channel=CHANNEL, events=EVENTS)
    token = enroll_one(api, made("/v1/enrollment-tokens", max_uses=1)["token"], USER)
    headers = {"Authorization": f"Bearer {token}"}
    with httpx2.Client(base_url=running.url, headers=headers) as device:
        yield Office(running, api, device, user["id"], user["department_id"], str(hook["id"]), heard)


def until(true: Callable[[], bool]) -> None:
    """Wait until it is so."""
    deadline = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < deadline, "it has not come to be so"
        time.sleep(0.2)
