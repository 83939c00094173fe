"""Preflight checks under three levels of hard caps, beside a bare route of the same server, in turns."""

from collections.abc import Sequence
from statistics import median
from typing import Any

import httpx2
from e2e.devices import enroll
from e2e.installation import Installation, installation

from bench import bare, load
from toktra_wire.ids import new_id

CONNECTIONS = (1, 32)
ROUNDS = 5
DEVICES = 32
REQUESTS = {1: 1_500, 32: 10_000}  # long rounds: connecting is no part of the slowest hundredth
ROUTES = {"preflight": "/v1/preflight", "bare": bare.PATH}
_ANSWERED = b'"hold_id":"'


def run() -> dict[str, Any]:
    """Measure, and answer the figures."""
    with installation(serving=["bench.bare"]) as running:
        tokens = enroll(running, DEVICES, under="Engineering")
        cap(running)
        for path in ROUTES.values():
            measure(running, tokens, path, connections=32)
        return {
            "rounds": ROUNDS,
            "answer_bytes": {name: answer_bytes(running, tokens[0], path) for name, path in ROUTES.items()},
            "connections": {str(number): compare(running, tokens, number) for number in CONNECTIONS},
        }


def cap(running: Installation) -> None:
    """Hard caps with room for all on the organisation, on a department, and on each team in it."""
    headers = {"Authorization": f"Bearer {running.api_key}"}
    with httpx2.Client(base_url=running.url, headers=headers) as api:
        teams = [f"Engineering / Team {number}" for number in range(8)]
        for department in (None, "Engineering", *teams):
            scope = {} if department is None else {"department": department}
            body = {**scope, "limit_tokens": 2 * 10**9, "period": "monthly", "hard_cap": True}
            api.post("/v1/budgets", json=body).raise_for_status()


def compare(running: Installation, tokens: Sequence[str], connections: int) -> dict[str, Any]:
    """Both routes in alternating rounds: the medians, and the median of the rounds' ratios."""
    rounds = [
        {name: measure(running, tokens, path, connections=connections) for name, path in ROUTES.items()}
        for _ in range(ROUNDS)
    ]
    ratios = [one["preflight"].per_second / one["bare"].per_second for one in rounds]
    return {
        "ratio": round(median(ratios), 3),
        **{name: summary([one[name] for one in rounds]) for name in ROUTES},
    }


def summary(rounds: Sequence[load.Measured]) -> dict[str, float]:
    """The medians over rounds."""
    return {
        "requests_per_second": round(median(one.per_second for one in rounds)),
        "p50_ms": round(median(one.percentile_ms(50) for one in rounds), 2),
        "p99_ms": round(median(one.percentile_ms(99) for one in rounds), 2),
    }


def measure(running: Installation, tokens: Sequence[str], path: str, *, connections: int) -> load.Measured:
    """One round."""
    requests = [
        load.post(path, tokens[number % len(tokens)], question()) for number in range(REQUESTS[connections])
    ]
    return load.send(running.port, requests, connections=connections, expected=_ANSWERED)


def question() -> dict[str, Any]:
    """What is asked, under a new key."""
    return {"key": new_id().hex, "provider": "openai", "model": "gpt-4o", "estimated_tokens": 100}


def answer_bytes(running: Installation, token: str, path: str) -> int:
    """How large a route's answer is."""
    headers = {"Authorization": f"Bearer {token}"}
    return len(httpx2.post(running.url + path, json=question(), headers=headers).raise_for_status().content)
