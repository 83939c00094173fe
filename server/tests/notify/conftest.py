"""Webhooks as a client of the API sees them, a receiver of its own on a real socket, and the worker."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from litestar import Litestar
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from toktra.kit.clock import utc_now
from toktra.kit.database import Databases
from toktra.kit.settings import Settings
from toktra.notify.jobs import QUEUES
from toktra.worker import make_jobs


@dataclass
class Got:
    """One request as the receiver got it."""

    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Answers each request with what stands in `answer`, or with what it makes of it.

    None: not before it is let go, and then nothing.
    """

    url: str = ""
    answer: bytes | Callable[[Got], bytes] | None = b"HTTP/1.1 204 No Content\r\n\r\n"
    got: list[Got] = field(default_factory=list)
    connections: int = 0
    let_go: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            line, *rest = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {name.lower(): value for name, _, value in (one.partition(": ") for one in rest if one)}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            self.got.append(Got(line, headers, body))
            if self.answer is None:
                await self.let_go.wait()
            else:
                writer.write(self.answer(self.got[-1]) if callable(self.answer) else self.answer)
                await writer.drain()
        writer.close()


@pytest.fixture
async def receive() -> AsyncIterator[Callable[..., Awaitable[Receiver]]]:
    """Start a receiver on loopback, with TLS if a context is given."""
    servers = []

    async def start(**tls: Any) -> Receiver:
        receiver = Receiver()
        server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, **tls)
        receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
        servers.append((receiver, server))
        return receiver

    yield start
    for receiver, server in servers:
        receiver.let_go.set()
        server.close()


@pytest.fixture
async def receiver(receive: Callable[..., Awaitable[Receiver]]) -> Receiver:
    return await receive()


@pytest.fixture
def to_private(app: Litestar) -> Iterator[None]:
    """The installation lets webhooks go inside, where the tests' receivers are."""
    before = app.state.settings
    app.state.settings = replace(before, webhooks_to_private=True)
    yield
    app.state.settings = before


@dataclass
class Hooks:
    """One organisation's webhooks and alerts, and the worker that tells."""

    client: httpx2.AsyncClient
    organization: Any
    make_event: Callable[..., dict[str, Any]]
    sessions: async_sessionmaker[AsyncSession]
    settings: Settings

    async def make(self, url: str, **given: Any) -> dict[str, Any]:
        """A webhook for created alerts, unless told otherwise."""
        body = {"name": "Pager", "url": url, "events": ["alert.created"], **given}
        return await self.call("POST", "/v1/webhooks", body, status=201)

    async def alert(self, period: str = "monthly") -> dict[str, Any]:
        """The alert of a new budget that the member has used up; the organisation has one of each period."""
        wanted = {"limit_tokens": 1, "thresholds": [], "period": period}
        made = await self.call("POST", "/v1/budgets", wanted, status=201)
        sent = self.make_event(user_id=str(self.organization.member.id))
        await self.call("POST", "/v1/events", {"events": [sent]})
        (found,) = (await self.call("GET", f"/v1/alerts?budget_id={made['id']}"))["items"]
        return dict(found)

    async def deliveries(self, webhook_id: str, **only: str) -> list[dict[str, Any]]:
        return list((await self.call("GET", f"/v1/webhooks/{webhook_id}/deliveries", params=only))["items"])

    async def work(self, *, rounds: int = 1) -> None:
        """Let the worker tell of all that is due; of what is due later, too, in each further round."""
        jobs, engine = make_jobs(self.settings)
        async with jobs.open_async():
            for turn in range(rounds):
                if turn:
                    await self.do("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")
                for queue in QUEUES:
                    await jobs.run_worker_async(
                        queues=[queue],
                        concurrency=8,
                        wait=False,
                        install_signal_handlers=False,
                        listen_notify=False,
                    )
        await engine.dispose()
        await self.do("DELETE FROM procrastinate_jobs WHERE queue_name = 'default' AND status = 'todo'")

    async def do(self, statement: str, **values: Any) -> Any:
        async with self.sessions.begin() as session:
            return await session.execute(text(statement), values)

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        status: int = 200,
        params: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        headers = self.organization.api_key
        answer = await self.client.request(method, path, json=body, params=params, headers=headers)
        assert answer.status_code == status, answer.text
        return dict(answer.json()) if answer.content else {}


@pytest.fixture
def hooks_of(
    client: httpx2.AsyncClient,
    event: Callable[..., dict[str, Any]],
    sessions: async_sessionmaker[AsyncSession],
    settings: Settings,
    database: Databases,
) -> Callable[[Any], Hooks]:
    inward = replace(settings, webhooks_to_private=True)
    return lambda organization: Hooks(client, organization, event, sessions, inward)


@pytest.fixture
async def hooks(hooks_of: Callable[[Any], Hooks], organization: Any) -> Hooks:
    """With nothing to tell of what other tests did."""
    hooks = hooks_of(organization)
    await hooks.do("DELETE FROM procrastinate_jobs WHERE queue_name = ANY(:queues)", queues=list(QUEUES))
    return hooks


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ssl.SSLContext]:
    """A server's context with a certificate for a name, which programs that are started now trust."""

    def make(name: str) -> ssl.SSLContext:
        written, context = _certificate_for(name, tmp_path)
        monkeypatch.setenv("SSL_CERT_FILE", str(written))
        return context

    return make


def _certificate_for(name: str, folder: Path) -> tuple[Path, ssl.SSLContext]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(utc_now() - timedelta(days=1))
        .not_valid_after(utc_now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    written, private = folder / "certificate.pem", folder / "key.pem"
    written.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(written, private)
    return written, context
