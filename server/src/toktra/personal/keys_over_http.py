"""The organisations' public keys, asked of the corporate server: all that a personal server asks of it."""

from uuid import UUID

import httpx2
import msgspec
from msgspec import Struct

from toktra.kit.errors import Overloaded

_MOST = 10_000


class _Answer(Struct, frozen=True):
    public_key: bytes


class KeysOverHttp:
    """A key that was found is kept: an organisation has one for good."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._known: dict[UUID, bytes] = {}

    async def __call__(self, org_id: UUID) -> bytes | None:
        """The public key of an organisation; None where there is none."""
        if org_id in self._known:
            return self._known[org_id]
        try:
            async with httpx2.AsyncClient(timeout=10) as client:
                answer = await client.get(f"{self.address}/v1/perks/keys/{org_id}")
            if answer.status_code == 404:
                return None
            answer.raise_for_status()
            found = msgspec.json.decode(answer.content, type=_Answer).public_key
        except (httpx2.HTTPError, msgspec.DecodeError) as failed:
            raise Overloaded("The organisation's key cannot be had right now. Try again.") from failed
        if len(self._known) < _MOST:
            self._known[org_id] = found
        return found
