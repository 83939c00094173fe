"""GitHub's webhook: who is let in (G1), once (G2), whose it is (G3), and what is a risk (R1 to R4)."""

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from toktra.risks.rules import is_signed
from toktra_wire.ids import id_at


@dataclass
class GitHub:
    """GitHub as it calls an integration's webhook."""

    client: httpx2.AsyncClient
    organization: Any
    id: str
    secret: str

    async def send(self, event: str, payload: Any, **changed: str) -> httpx2.Response:
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        headers = {
            "Content-Type": "application/json",
            "X-GitHub-Event": event,
            "X-GitHub-Delivery": str(uuid4()),
            "X-Hub-Signature-256": signature(self.secret, body),
            "User-Agent": "GitHub-Hookshot/044aadd",
            **changed,
        }
        headers = {name: value for name, value in headers.items() if value}
        return await self.client.post(
            f"/v1/integrations/github/{self.id}/webhook", content=body, headers=headers
        )

    async def risks(self) -> list[dict[str, Any]]:
        answer = await self.client.get("/v1/risk-events", headers=self.organization.api_key)
        return list(answer.json()["items"])


def signature(secret: str, body: bytes) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@pytest.fixture
async def github(client: httpx2.AsyncClient, organization: Any) -> GitHub:
    made = await client.post(
        "/v1/integrations/github", json={"name": "Our code"}, headers=organization.api_key
    )
    assert made.status_code == 201, made.text
    said = made.json()
    assert said["integration"]["webhook_url"].endswith(f"/v1/integrations/github/{said['id']}/webhook")
    return GitHub(client, organization, said["id"], said["secret"])


def repository(**more: Any) -> dict[str, Any]:
    owner = {"login": "Codertocat", "id": 21031067, "type": "User", "site_admin": False}
    return {
        "id": 186853002,
        "name": "Hello-World",
        "full_name": "Codertocat/Hello-World",
        "private": False,
        "fork": False,
        "owner": owner,
        "html_url": "https://github.com/Codertocat/Hello-World",
        "visibility": "public",
        **more,
    }


SENDER = {"login": "Codertocat", "id": 21031067, "type": "User"}
SECRET = {
    "action": "created",
    "alert": {
        "number": 42,
        "created_at": "2026-05-12T09:00:00Z",
        "secret_type": "google_api_key",
        "secret_type_display_name": "Google API Key",
        "validity": "active",
        "publicly_leaked": False,
        "secret": "marker-of-a-secret",
    },
    "repository": repository(private=True),
    "sender": SENDER,
}
PUBLICIZED = {"action": "publicized", "repository": repository(), "sender": SENDER}


def push(*files: str, fork: bool = True, email: str = "octocat@example.net") -> dict[str, Any]:
    return {
        "ref": "refs/heads/main",
        "before": "6113728f27ae82c7b1a177c8d03f9e96e0adf246",
        "after": uuid4().hex,
        "repository": repository(fork=fork),
        "pusher": {"name": "Codertocat", "email": email},
        "sender": SENDER,
        "commits": [
            {
                "id": "7700ca29dd050d9adacc0803f866d9b539513535",
                "message": "marker-of-a-message",
                "timestamp": "2026-05-12T11:20:41+02:00",
                "author": {"name": "Ada", "email": email, "username": "Codertocat"},
                "added": list(files),
                "removed": [],
                "modified": [],
            }
        ],
    }


def test_githubs_own_example_of_a_signature_is_accepted() -> None:
    """The values of GitHub's page on validating webhook deliveries."""
    said = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert is_signed("It's a Secret to Everybody", b"Hello, World!", said)
    assert not is_signed("It's a Secret to Everybody", b"Hello, World?", said)


async def test_events_as_github_documents_them_are_accepted(github: GitHub) -> None:
    said = [
        await github.send("ping", {"zen": "Keep it logically awesome.", "hook_id": 1, "hook": {}}),
        await github.send("installation", {"action": "created", "installation": {"id": 1}}),
        await github.send("secret_scanning_alert", SECRET),
        await github.send("repository", PUBLICIZED),
        await github.send("repository", {**PUBLICIZED, "action": "privatized"}),
        await github.send("push", push("README.md", fork=False)),
    ]
    assert [one.status_code for one in said] == [200] * 6
    assert [one.json()["risk"] for one in said] == [False, False, True, True, False, False]
    assert [(one["kind"], one["level"]) for one in await github.risks()] == [
        ("repository_made_public", "critical"),
        ("secret_found", "high"),
    ]


async def test_nothing_of_a_secret_or_a_message_is_kept(github: GitHub, sessions: Any) -> None:
    """R1."""
    await github.send("secret_scanning_alert", SECRET)
    (one,) = await github.risks()
    assert one["details"] == {"secret_type": "google_api_key", "alert_number": 42, "public": False}
    assert "marker" not in json.dumps(one)


async def test_a_secret_known_to_be_public_is_critical(github: GitHub) -> None:
    leaked = {**SECRET, "alert": {**SECRET["alert"], "publicly_leaked": True}}
    await github.send("secret_scanning_alert", leaked)
    assert (await github.risks())[0]["level"] == "critical"


async def test_altered_deliveries_are_refused(github: GitHub) -> None:
    """G1: the body, the header's absence, another algorithm, another secret."""
    body = json.dumps(PUBLICIZED).encode()
    good = signature(github.secret, body)
    sha1 = "sha1=" + hmac.new(github.secret.encode(), body, hashlib.sha1).hexdigest()
    for changed in (
        "",
        sha1,
        good[:-1] + ("0" if good[-1] != "0" else "1"),
        good.upper(),
        signature("another secret", body),
    ):
        said = await github.send("repository", body, **{"X-Hub-Signature-256": changed})
        assert said.status_code == 401, changed
    said = await github.send("repository", body + b" ", **{"X-Hub-Signature-256": good})
    assert said.status_code == 401
    assert await github.risks() == []


async def test_a_delivery_is_taken_once(github: GitHub) -> None:
    """G2."""
    delivery = str(uuid4())
    first = await github.send("repository", PUBLICIZED, **{"X-GitHub-Delivery": delivery})
    again = await github.send("repository", PUBLICIZED, **{"X-GitHub-Delivery": delivery})
    assert (first.status_code, again.status_code) == (200, 409)
    assert len(await github.risks()) == 1


@pytest.mark.parametrize("body", [b"", b"payload=%7B%7D", b"[]", b"{", b'{"repository": 1}', b"\xff\xfe"])
async def test_what_is_no_event_is_refused_and_leaves_nothing(github: GitHub, body: bytes) -> None:
    said = await github.send("push", body)
    assert said.status_code == 422, said.text
    assert (await github.send("push", body, **{"X-GitHub-Delivery": "x"})).status_code == 400
    assert await github.risks() == []


async def test_another_organisations_secret_opens_nothing(
    github: GitHub, client: httpx2.AsyncClient, other_organization: Any
) -> None:
    made = await client.post(
        "/v1/integrations/github", json={"name": "x"}, headers=other_organization.api_key
    )
    other = GitHub(client, other_organization, github.id, made.json()["secret"])
    assert (await other.send("repository", PUBLICIZED)).status_code == 401
    gone = GitHub(client, other_organization, str(uuid4()), github.secret)
    assert (await gone.send("repository", PUBLICIZED)).status_code == 401


async def test_a_new_secret_replaces_the_one_before(github: GitHub) -> None:
    answer = await github.client.post(
        f"/v1/integrations/github/{github.id}/secret", headers=github.organization.api_key
    )
    assert (await github.send("repository", PUBLICIZED)).status_code == 401
    github.secret = answer.json()["secret"]
    assert (await github.send("repository", PUBLICIZED)).status_code == 200


async def heavy(github: GitHub, tokens: int, now: Any, make_event: Any) -> None:
    """The member has used so much within the last day."""
    at = now - timedelta(hours=3)
    sent = make_event(
        id=str(id_at(at)),
        occurred_at=at.isoformat(),
        estimated_input_tokens=tokens,
        estimated_output_tokens=0,
        user_id=str(github.organization.member.id),
    )
    said = await github.client.post(
        "/v1/events", json={"events": [sent]}, headers=github.organization.api_key
    )
    assert said.json()["accepted"] == 1


@pytest.mark.parametrize(
    ("files", "tokens", "level"),
    [
        (("src/main.py", "deploy/server.pem"), 200_000, "high"),
        (tuple(f"src/{number}.py" for number in range(100)), 200_000, "medium"),
        (("deploy/server.pem",), 199_999, None),
        (tuple(f"src/{number}.py" for number in range(99)), 500_000, None),
    ],
)
async def test_a_push_to_a_personal_fork_counts_after_heavy_use(
    github: GitHub, now: Any, event: Any, files: tuple[str, ...], tokens: int, level: str | None
) -> None:
    """R4."""
    await heavy(github, tokens, now, event)
    said = await github.send("push", push(*files, email=github.organization.member.email.upper()))
    assert said.json()["risk"] is (level is not None)
    assert [one["level"] for one in await github.risks()] == ([level] if level else [])
    if level:
        (one,) = await github.risks()
        assert one["user_email"] == github.organization.member.email
        assert one["details"]["tokens_before"] == tokens


async def test_a_login_is_whose_an_admin_says(github: GitHub) -> None:
    """G3."""
    member = str(github.organization.member.id)
    headers = github.organization.api_key
    said = await github.client.put(
        "/v1/integrations/github-identities",
        json={"login": "CoderToCat", "user_id": member},
        headers=headers,
    )
    assert said.json() == [
        {"login": "codertocat", "user_id": member, "user_email": github.organization.member.email}
    ]
    await github.send("secret_scanning_alert", SECRET)
    assert (await github.risks())[0]["user_id"] == member
    gone = await github.client.delete("/v1/integrations/github-identities/codertocat", headers=headers)
    assert gone.status_code == 204
    await github.send("secret_scanning_alert", {**SECRET, "alert": {**SECRET["alert"], "number": 43}})
    assert (await github.risks())[0]["user_id"] is None
