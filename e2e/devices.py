"""Devices of an installation, enrolled over the public API."""

from datetime import UTC, datetime

import httpx2

from e2e.installation import Installation
from toktra_wire.identity import JWT_BEARER, new_key, proof, signing_request


def enroll(running: Installation, devices: int, *, under: str | None = None, teams: int = 8) -> list[str]:
    """Enrol devices over the public API, each for a user of its own, in some teams; their tokens."""
    headers = {"Authorization": f"Bearer {running.api_key}"}
    tokens = []
    with httpx2.Client(base_url=running.url, headers=headers) as api:
        token = (
            api.post("/v1/enrollment-tokens", json={"max_uses": devices}).raise_for_status().json()["token"]
        )
        for number in range(devices):
            email, team = f"user{number}@example.com", f"Team {number % teams}"
            department = team if under is None else f"{under} / {team}"
            user = {"email": email, "name": f"User {number}", "department": department}
            api.post("/v1/users", json=user).raise_for_status()
            tokens.append(enroll_one(api, token, email))
    return tokens


def enroll_one(api: httpx2.Client, token: str, email: str) -> str:
    """Enrol a device of this user with an enrolment token; the device's token."""
    key = new_key()
    body = {
        "token": token,
        "csr": signing_request(key, email),
        "hostname": email.partition("@")[0],
        "platform": "linux",
        "agent_version": "bench",
        "user_email": email,
    }
    device = api.post("/v1/devices/enroll", json=body).raise_for_status().json()
    assertion = proof(key, device_id=device["device_id"], issuer=device["issuer"], now=datetime.now(UTC))
    answer = api.post("/v1/oauth/token", data={"grant_type": JWT_BEARER, "assertion": assertion})
    return str(answer.raise_for_status().json()["access_token"])
