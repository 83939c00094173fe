"""What 200 published policies cost ingest, beside the same server without them; and a test on a million events."""

import asyncio
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
from e2e.devices import enroll
from e2e.installation import Installation, installation, peak_megabytes

from bench.ingest import DEVICES, batches, budget_all, send
from toktra.kit.database import locate, make_engine, make_sessions, raw_connection
from toktra.policies.queries.rulebook import rulebook_of
from toktra.policies.rules.conditions import All, ModelIs, TokenCount
from toktra.policies.rules.judging import Rule
from toktra.policies.rules.policy import Content, DepartmentThreshold, EmailUser
from toktra.policies.trial import try_out
from toktra_wire.event import EventBatch, encode
from toktra_wire.ids import new_id

POLICIES = 200
ROUNDS = 5


def run(events: int = 1_000_000) -> dict[str, Any]:
    """Rounds in turns, with and without the policies; then one policy tried on all that was sent."""
    each = events // (2 * ROUNDS)
    with installation(workers=2) as running:
        tokens = enroll(running, DEVICES)
        budget_all(running)
        _round(running, tokens, 20_000)
        headers = {"Authorization": f"Bearer {running.api_key}"}
        with httpx2.Client(base_url=running.url, headers=headers, timeout=60) as api:
            policies = [_made(api, body) for body in _policies(api)]
            figures: dict[str, list[float]] = {"without": [], "with": []}
            for _ in range(ROUNDS):
                for name, verb in (("without", "disable"), ("with", "publish")):
                    _all(api, policies, verb)
                    figures[name].append(_round(running, tokens, each))
            firings = api.get("/v1/policy-firings", params={"limit": 1}).json()["total_count"]
        peak = peak_megabytes(running.server.pid if running.server else 0)
        tried = asyncio.run(_try(running))
    without, with_them = (statistics.median(figures[name]) for name in ("without", "with"))
    return {
        "policies": POLICIES,
        "rounds": ROUNDS,
        "events_a_round": each,
        "without_events_per_second": round(without),
        "with_events_per_second": round(with_them),
        "ratio": round(with_them / without, 3),
        "firings": firings,
        "server_peak_mb": round(peak, 1),
        "test": tried,
    }


def _round(running: Installation, tokens: list[str], events: int) -> float:
    bodies = [encode(EventBatch(batch)) for batch in batches(events)]
    began = time.perf_counter()
    send(running, tokens, bodies)
    return events / (time.perf_counter() - began)


def _policies(api: httpx2.Client) -> Iterator[dict[str, Any]]:
    """Of every kind: most wait for something that does not happen, a tenth fire and go on counting."""
    users = [one["id"] for one in api.get("/v1/users", params={"limit": 100}).json()["items"]]
    small = {"user_id": users[0], "limit_tokens": 10_000, "period": "monthly"}
    api.post("/v1/budgets", json=small).raise_for_status()
    for number in range(POLICIES):
        yield {
            "name": f"Policy {number}",
            "trigger": _trigger(number),
            "conditions": _conditions(number, users) if number % 4 != 3 else None,
            "actions": [{"type": "email_manager"}],
        }


def _trigger(number: int) -> dict[str, Any]:
    match number % 4:
        case 0:
            return {"type": "token_budget_exceeded", "percent": 50 + number % 100}
        case 1:
            reached = number % 40 == 1
            limit = 1_000_000 if reached else 10**11 + number
            return {"type": "department_threshold", "limit_tokens": limit, "period": "monthly"}
        case 2:
            return {"type": "unusual_usage", "times": 3 + number % 20}
    return {"type": "ip_risk_event"}


def _conditions(number: int, users: list[str]) -> dict[str, Any]:
    night = {"start": f"{(18 + number) % 24:02}:15", "end": f"{(6 + number) % 24:02}:45"}
    some: list[dict[str, Any]] = [
        {"match": "model", "operator": "in", "value": ["gpt-4*", "claude-*", f"model-{number}"]},
        {"match": "token_count", "operator": "greater", "value": 100 * (number % 60)},
        {"match": "time_of_day", "operator": "within_hours", "value": night},
        {"match": "user_id", "operator": "not_in", "value": users[number % len(users) :]},
    ]
    return {"match": ("all", "any")[number % 2], "conditions": some[: 1 + number % 4]}


def _made(api: httpx2.Client, body: dict[str, Any]) -> str:
    made = api.post("/v1/policies", json={name: value for name, value in body.items() if value is not None})
    made.raise_for_status()
    return str(made.json()["id"])


def _all(api: httpx2.Client, policies: list[str], verb: str) -> None:
    for policy_id in policies:
        answer = api.post(f"/v1/policies/{policy_id}/{verb}")
        while answer.status_code == 429:
            time.sleep(int(answer.headers["retry-after"]))
            answer = api.post(f"/v1/policies/{policy_id}/{verb}")
        answer.raise_for_status()


async def _try(running: Installation) -> dict[str, Any]:
    """One policy on all events, as the worker does it."""
    rule = Rule(
        new_id(),
        1,
        "Tried",
        Content(
            trigger=DepartmentThreshold(limit_tokens=1_000_000),
            conditions=All(
                conditions=[
                    ModelIs(operator="in", value=["gpt-4*"]),
                    TokenCount(operator="greater", value=3_000),
                ]
            ),
            actions=[EmailUser()],
            severity="warning",
        ),
    )
    engine = make_engine(locate(running.settings).corporate, pool_size=2)
    org_id = UUID(str(running.made["org_id"]))
    async with make_sessions(engine)() as session:
        book = await rulebook_of(session, org_id=org_id, rules=[rule])
    async with raw_connection(engine) as connection, connection.transaction():
        began = time.perf_counter()
        later = datetime.now(UTC) + timedelta(hours=1)
        trial = await try_out(connection, book=book, days=90, now=later, progress=_nothing)
        seconds = time.perf_counter() - began
    await engine.dispose()
    return {"events": trial.events, "seconds": round(seconds, 2), "matched": trial.matched}


async def _nothing(_done: int) -> None:
    """Nobody looks on."""
