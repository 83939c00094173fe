"""A watcher that remembers, and servers on this machine."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from toktra_agent.core.watching import Admission, Request
from toktra_agent.taps.sight import Sight
from toktra_wire.config import ProviderHost

WATCHED = "localhost"
FRONT = "ai.example.com"


@dataclass
class Remembering:
    """Says yes until it is told otherwise, and keeps all it hears."""

    asks_application: bool = False
    watching: bool = True
    answer: Admission = field(default_factory=lambda: Admission("allow", hold_id=UUID(int=1)))
    gate: asyncio.Event | None = None
    admitted: list[str] = field(default_factory=list)
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    released: list[Admission] = field(default_factory=list)
    kept: list[Request] = field(default_factory=list)

    def watches(self, host: str, application: str | None = None) -> bool:
        self.asked.append((host, application))
        return self.watching

    async def admit(self, host: str, application: str | None = None) -> Admission:
        self.admitted.append(host)
        if self.gate is not None:
            await self.gate.wait()
        return self.answer

    def release(self, admission: Admission) -> None:
        self.released.append(admission)

    def keep(self, request: Request) -> None:
        self.kept.append(request)


@pytest.fixture
def watcher() -> Remembering:
    return Remembering()


@pytest.fixture
def sight(watcher: Remembering) -> Sight:
    return Sight(watcher, [ProviderHost(WATCHED, "here"), ProviderHost(FRONT, "there")])


@dataclass
class Upstream:
    """A server on this machine: what it got, and how many connections."""

    port: int = 0
    got: bytearray = field(default_factory=bytearray)
    connections: int = 0
    ended: int = 0


@pytest.fixture
def upstream() -> Callable[..., AsyncIterator[Upstream]]:
    """Opens a server that answers each piece it gets with what `answer` makes of it."""

    @asynccontextmanager
    async def opened(
        answer: Callable[[bytes], bytes] = bytes, tls: ssl.SSLContext | None = None
    ) -> AsyncIterator[Upstream]:
        found = Upstream()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            found.connections += 1
            try:
                while piece := await reader.read(1 << 16):
                    found.got += piece
                    writer.write(answer(piece))
                    await writer.drain()
            except OSError:
                pass
            found.ended += 1
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
        found.port = server.sockets[0].getsockname()[1]
        yield found
        server.close()

    return opened


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's and a client's side, under a certificate of its own."""
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = certify(folder)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(certificate, key)
    return server, ssl.create_default_context(cafile=str(certificate))


def certify(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "for tests")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName(one) for one in (WATCHED, FRONT, "example.com")])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    made = made.add_extension(names, critical=False)
    certificate = made.sign(key, hashes.SHA256())
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return folder / "certificate.pem", folder / "key.pem"
