"""The device's access token (RFC 7523), in every request that is made with this.

A1: a token is renewed ahead of its end, and when the server does not take it; one renewal at a time.
A2: a device whose clock is wrong gets a token too: the proof is signed by the server's clock.
A3: a device that is refused asks again only after REFUSED_SECONDS, however much it has to say.
"""

import asyncio
from collections.abc import AsyncGenerator
from time import monotonic
from typing import Final

import httpx2
import msgspec
from cryptography.hazmat.primitives.asymmetric import ed25519
from msgspec import Struct

from toktra_agent.core.retry import wait_seconds
from toktra_agent.server.contact import UNANSWERED, Contact, client_for, problem_of, sentence_of
from toktra_agent.store.keys import Identity
from toktra_wire.identity import JWT_BEARER, proof

REFUSED_SECONDS: Final = 60.0
_GOOD_SHARE = 0.8  # of a token's life; then it is renewed
_CLOCK_MOVED_SECONDS = 5


class AccessRefused(Exception):
    """The server gives this device no token: it was revoked, its certificate has ended, its user left."""


class _Token(Struct):
    access_token: str
    expires_in: int


class Access(httpx2.Auth):
    """Puts the token into requests. Raises AccessRefused, or what the client raises."""

    def __init__(
        self,
        client: httpx2.AsyncClient,
        identity: Identity,
        key: ed25519.Ed25519PrivateKey,
        contact: Contact,
    ) -> None:
        self._client, self._identity, self._key, self._contact = client, identity, key, contact
        self._token = self._refusal = ""
        self._lifetime = self._ends_at = self._refused_until = 0.0
        self._renewing = asyncio.Lock()

    async def async_auth_flow(
        self, request: httpx2.Request
    ) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        """The token; a new one where the server does not take it (A1)."""
        token = self._token if monotonic() < self._ends_at else await self._renewed(instead_of=self._token)
        request.headers["Authorization"] = f"Bearer {token}"
        response = yield request
        if response.status_code == 401:
            request.headers["Authorization"] = f"Bearer {await self._renewed(instead_of=token)}"
            yield request

    async def keep_fresh(self) -> None:
        """Renew ahead, for as long as this runs, so that no request has to wait for it (A1)."""
        failures = 0
        while True:
            try:
                await self._renewed(instead_of=self._token)
            except AccessRefused:
                await asyncio.sleep(REFUSED_SECONDS)
            except UNANSWERED as failure:
                failures += 1
                self._contact.lost(failure, self._client)
                await asyncio.sleep(wait_seconds(failures, 0, 1))
            else:
                failures = 0
                await asyncio.sleep(self._lifetime * _GOOD_SHARE)

    async def _renewed(self, *, instead_of: str) -> str:
        async with self._renewing:
            if self._token != instead_of and monotonic() < self._ends_at:
                return self._token
            if monotonic() < self._refused_until:
                raise AccessRefused(self._refusal)
            return self._take(await self._asked())

    async def _asked(self) -> httpx2.Response:
        """Once more where the first answer showed that the clock was wrong (A2)."""
        signed_for = self._contact.ahead
        response = await self._ask()
        moved = abs((self._contact.ahead - signed_for).total_seconds())
        return await self._ask() if response.is_client_error and moved > _CLOCK_MOVED_SECONDS else response

    async def _ask(self) -> httpx2.Response:
        assertion = proof(
            self._key,
            device_id=self._identity.device_id,
            issuer=self._identity.issuer,
            now=self._contact.now(),
        )
        form = {"grant_type": JWT_BEARER, "assertion": assertion}
        return await self._client.post("/v1/oauth/token", data=form, auth=httpx2.Auth())

    def _take(self, response: httpx2.Response) -> str:
        if response.status_code in (400, 401, 403) and problem_of(response) is not None:
            self._refusal, self._refused_until = sentence_of(response), monotonic() + REFUSED_SECONDS
            self._ends_at = 0.0
            self._contact.fails("access", self._refusal)
            raise AccessRefused(self._refusal)
        try:
            issued = msgspec.json.decode(response.content, type=_Token)
        except msgspec.MsgspecError as wrong:
            raise httpx2.RemoteProtocolError(sentence_of(response)) from wrong
        self._token, self._lifetime = issued.access_token, float(max(issued.expires_in, 1))
        self._ends_at = monotonic() + self._lifetime
        self._contact.works("access")
        return self._token


def connect(
    identity: Identity, key: ed25519.Ed25519PrivateKey, contact: Contact
) -> tuple[httpx2.AsyncClient, Access]:
    """A client that speaks for the device, and what keeps its token fresh."""
    client = client_for(identity.server, contact)
    access = Access(client, identity, key, contact)
    client.auth = access
    return client, access
