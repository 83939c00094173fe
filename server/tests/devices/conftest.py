"""Devices for tests: real keys, real signing requests, real proofs."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import NameOID
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.rules import EVERYONE, ROLE_SCOPES, Actor, Reach, Role
from toktra.access.service import IssuedToken
from toktra.devices import service
from toktra.devices.model import EnrollmentToken
from toktra_wire.ids import new_id

ISSUER = "https://toktra.example.com"

PrivateKey = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey


def request_for(key: Any, name: str = "laptop") -> str:
    """A PEM signing request by any key that can sign one."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    algorithm = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    signed = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, algorithm)
    return signed.public_bytes(serialization.Encoding.PEM).decode()


@dataclass
class Laptop:
    """A device as itself sees it."""

    key: PrivateKey
    device_id: UUID
    certificate: str
    ca_certificate: str
    not_after: datetime

    def claims(self, now: datetime, **changes: Any) -> dict[str, Any]:
        claims = {
            "iss": str(self.device_id),
            "sub": str(self.device_id),
            "aud": ISSUER,
            "iat": int(now.timestamp()),
            "exp": int(now.timestamp()) + 120,
            "jti": str(new_id()),
        }
        return {name: value for name, value in {**claims, **changes}.items() if value is not None}

    def proof(self, now: datetime, *, signed_with: Any = None, **changes: Any) -> str:
        """A proof; `None` for a claim leaves it out."""
        key = signed_with or self.key
        algorithm = "EdDSA" if isinstance(key, ed25519.Ed25519PrivateKey) else "ES256"
        return jwt.encode(self.claims(now, **changes), key, algorithm=algorithm)

    @property
    def public_pem(self) -> bytes:
        return self.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )


@dataclass
class Fleet:
    """An organisation's devices, seen from its admin's chair."""

    session: AsyncSession
    organization: Any
    now: datetime
    secret_key: str = "k" * 40
    issuer: str = ISSUER

    def using(self, session: AsyncSession) -> "Fleet":
        return replace(self, session=session)

    @property
    def admin(self) -> Actor:
        return self._actor(Role.ADMIN, self.organization.admin.id, EVERYONE)

    @property
    def member(self) -> Actor:
        member_id = self.organization.member.id
        return self._actor(Role.MEMBER, member_id, Reach(user_id=member_id))

    def _actor(self, role: Role, user_id: UUID, reach: Reach) -> Actor:
        return Actor(
            org_id=self.organization.id,
            kind="session",
            credential_id=new_id(),
            scopes=ROLE_SCOPES[role],
            reach=reach,
            user_id=user_id,
            department_id=self.organization.root_id,
            role=role,
        )

    def speaking(self, laptop: Laptop) -> Actor:
        """The actor behind a device's token."""
        return replace(self.member, kind="device", device_id=laptop.device_id, role=None)

    def ask(self, token: str, key: Any, **said: str) -> service.EnrollmentAsk:
        usual = {
            "token": token,
            "csr": request_for(key),
            "hostname": "laptop-17",
            "platform": "linux",
            "agent_version": "0.1.0",
            "user_email": self.organization.member.email,
        }
        return service.EnrollmentAsk(**{**usual, **said})

    async def new_token(
        self, *, max_uses: int = 1, user_email: str | None = None, lifetime: timedelta | None = None
    ) -> tuple[EnrollmentToken, str]:
        return await service.create_enrollment_token(
            self.session,
            actor=self.admin,
            max_uses=max_uses,
            expires_at=None if lifetime is None else self.now + lifetime,
            user_email=user_email,
            now=self.now,
        )

    async def enroll(self, token: str | None = None, *, key: PrivateKey | None = None, **said: str) -> Laptop:
        """A device let in with a token, or with a new one."""
        key = key or ed25519.Ed25519PrivateKey.generate()
        if token is None:
            _, token = await self.new_token()
        enrolled = await service.enroll(
            self.session, ask=self.ask(token, key, **said), secret_key=self.secret_key, now=self.now
        )
        return Laptop(
            key, enrolled.device_id, enrolled.certificate, enrolled.ca_certificate, enrolled.not_after
        )

    async def renew(
        self, laptop: Laptop, key: PrivateKey, *, now: datetime | None = None
    ) -> service.Enrolled:
        return await service.renew_certificate(
            self.session,
            actor=self.speaking(laptop),
            csr=request_for(key),
            secret_key=self.secret_key,
            now=now or self.now,
        )

    async def grant(self, assertion: str, *, now: datetime | None = None) -> IssuedToken:
        return await service.proof_grant(
            self.session, assertion=assertion, issuer=self.issuer, now=now or self.now
        )


@pytest.fixture
def fleet(session: AsyncSession, organization: Any, now: datetime) -> Fleet:
    return Fleet(session, organization, now)


@pytest.fixture(scope="session", name="request_for")
def _request_for() -> Callable[..., str]:
    return request_for


@pytest.fixture(scope="session")
def laptop_of() -> Callable[..., Laptop]:
    """A device that was never enrolled, for rules that need no database."""

    def make(key: PrivateKey) -> Laptop:
        return Laptop(key, new_id(), "", "", datetime.max.replace(tzinfo=UTC))

    return make
