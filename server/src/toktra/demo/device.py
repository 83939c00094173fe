"""A device, as the public API sees one: it enrols, proves itself, and sends events until they are answered.

V1: an event keeps its id however often it is sent, so that it is counted once.
V2: a token is renewed before it ends, and when the server no longer takes it.
"""

import asyncio
import gzip
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic

import httpx2
import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from msgspec import Struct

from toktra import __version__
from toktra.demo.retries import Told, Unreachable, check, insist
from toktra.kit.clock import utc_now
from toktra_wire import identity
from toktra_wire.event import EventBatch, EventsAnswer, UsageEvent, encode

_RENEW_BEFORE_SECONDS = 60
_ENROLLMENTS_TRIED = 20


class _Caller(Struct):
    email: str


class _EnrollmentToken(Struct):
    token: str


class _Enrolled(Struct):
    device_id: str
    issuer: str


class _Token(Struct):
    access_token: str
    expires_in: int


@dataclass(slots=True)
class Device:
    """An enrolled device. Several of its batches may be under way at once."""

    client: httpx2.AsyncClient
    device_id: str
    issuer: str
    key: ed25519.Ed25519PrivateKey
    tell: Told = lambda _why: None
    _token: str = ""
    _good_until: float = 0.0
    _renewing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def send(self, events: Sequence[UsageEvent]) -> EventsAnswer:
        """Send until answered (V1). Refused when the server takes no events from this device."""
        body = gzip.compress(encode(EventBatch(list(events))), compresslevel=1)
        token = await self._good_token()
        response = await self._post(body, token)
        if response.status_code == 401:
            response = await self._post(body, await self._good_token(instead_of=token))
        return msgspec.json.decode(check(response).content, type=EventsAnswer)

    async def _post(self, body: bytes, token: str) -> httpx2.Response:
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Encoding": "gzip",
            "Content-Type": "application/json",
        }
        return await insist(
            lambda: self.client.post("/v1/events", content=body, headers=headers), tell=self.tell
        )

    async def _good_token(self, instead_of: str | None = None) -> str:
        """The token, renewed when it is about to end or is the one that was not taken (V2)."""
        async with self._renewing:
            if self._token == instead_of or monotonic() > self._good_until - _RENEW_BEFORE_SECONDS:
                await self._renew()
            return self._token

    async def _renew(self) -> None:
        answer = check(await insist(self._ask_for_token, tell=self.tell))
        token = msgspec.json.decode(answer.content, type=_Token)
        self._token, self._good_until = token.access_token, monotonic() + token.expires_in

    async def _ask_for_token(self) -> httpx2.Response:
        """A proof is good for one use, so each try signs a new one."""
        assertion = identity.proof(self.key, device_id=self.device_id, issuer=self.issuer, now=utc_now())
        form = {"grant_type": identity.JWT_BEARER, "assertion": assertion}
        return await self.client.post("/v1/oauth/token", data=form)


def known_device(client: httpx2.AsyncClient, device_id: str, issuer: str, private_key: str) -> Device:
    """A device that was enrolled before, from the key that was kept."""
    key = serialization.load_pem_private_key(private_key.encode(), None)
    assert isinstance(key, ed25519.Ed25519PrivateKey)
    return Device(client, device_id, issuer, key)


async def user_of(client: httpx2.AsyncClient, api_key: str) -> str:
    """The e-mail of the user an API key belongs to."""
    answer = check(
        await insist(lambda: client.get("/v1/session", headers={"Authorization": f"Bearer {api_key}"}))
    )
    return msgspec.json.decode(answer.content, type=_Caller).email


async def enroll_with_key(
    client: httpx2.AsyncClient,
    *,
    api_key: str,
    user_email: str,
    hostname: str,
    tell: Told = lambda _why: None,
) -> Device:
    """Make an enrolment token and use it; with a new one when the answer to its use was lost."""
    for _ in range(_ENROLLMENTS_TRIED):
        token = await _enrollment_token(client, api_key, tell)
        try:
            return await enroll(client, token=token, user_email=user_email, hostname=hostname, most=1)
        except Unreachable as lost:
            tell(str(lost))
            await asyncio.sleep(1)
    raise Unreachable("the server answers, but never to an enrolment. Look at the server's log.")


async def _enrollment_token(client: httpx2.AsyncClient, api_key: str, tell: Told) -> str:
    headers = {"Authorization": f"Bearer {api_key}"}
    body = {"max_uses": 1}
    answer = await insist(lambda: client.post("/v1/enrollment-tokens", json=body, headers=headers), tell=tell)
    return msgspec.json.decode(check(answer).content, type=_EnrollmentToken).token


async def enroll(
    client: httpx2.AsyncClient, *, token: str, user_email: str, hostname: str, most: int | None = None
) -> Device:
    """Enrol a new device of a user with an enrolment token. The key is made here and stays here."""
    key = identity.new_key()
    body = {
        "token": token,
        "csr": identity.signing_request(key, hostname),
        "hostname": hostname,
        "platform": "replay",
        "agent_version": __version__,
        "user_email": user_email,
    }
    answer = check(await insist(lambda: client.post("/v1/devices/enroll", json=body), most=most))
    enrolled = msgspec.json.decode(answer.content, type=_Enrolled)
    return Device(client, enrolled.device_id, enrolled.issuer, key)
