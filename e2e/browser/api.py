"""What people and devices of an installation do without the dashboard: over the API, with its key."""

from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

import httpx2

from e2e.devices import enroll_one
from e2e.installation import Installation
from toktra_wire.ids import new_id

PASSWORD = "a password for tests only"


class Api:
    """One organisation's API. `key`: of another organisation than the installation's first."""

    def __init__(self, running: Installation, key: str | None = None) -> None:
        headers = {"Authorization": f"Bearer {key or running.api_key}"}
        self.client = httpx2.Client(base_url=running.url, headers=headers, timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.client.close()

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        """What is there."""
        return dict(self.client.get(path, params=params).raise_for_status().json())

    def post(self, path: str, body: Any, *, token: str | None = None) -> dict[str, Any]:
        """Do something; as a device when its token is given."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return dict(self.client.post(path, json=body, headers=headers).raise_for_status().json())

    def person(self, name: str, email: str, **more: Any) -> str:
        """Somebody new; their id."""
        return str(self.post("/v1/users", {"email": email, "name": name, **more})["id"])

    def invitation(self, user_id: str) -> str:
        """The token of an invitation."""
        return str(self.post(f"/v1/users/{user_id}/invitation", None)["token"])

    def device(self, email: str) -> str:
        """A device of this user; its token."""
        token = self.post("/v1/enrollment-tokens", {})["token"]
        return enroll_one(self.client, token, email)

    def use(self, tokens: int, *, device: str) -> None:
        """A device made a request that took so many tokens."""
        event = {
            "id": str(new_id()),
            "occurred_at": datetime.now(UTC).isoformat(),
            "provider_host": "api.openai.com",
            "model": "gpt-4o",
            "request_bytes": 1,
            "response_bytes": 1,
            "estimated_input_tokens": tokens,
            "estimated_output_tokens": 0,
            "source": "agent",
        }
        assert self.post("/v1/events", {"events": [event]}, token=device)["accepted"] == 1

    def ask(self, tokens: int, *, device: str) -> dict[str, Any]:
        """A device asks whether a request of so many tokens may go out."""
        body = {"key": new_id().hex, "provider": "openai", "model": "gpt-4o", "estimated_tokens": tokens}
        return self.post("/v1/preflight", body, token=device)
