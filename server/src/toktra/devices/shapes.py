"""What devices' routes take and answer."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from toktra.devices.model import EnrollmentToken
from toktra.devices.queries import OwnedDevice
from toktra.devices.rules import Status, is_silent, status_of
from toktra.devices.service import Enrolled, EnrollmentAsk
from toktra.kit.http import Body, Email, Name, Secret

SigningRequest = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=16_384,
        description="PEM certificate signing request (RFC 2986) with an Ed25519 or P-256 key",
    ),
]


class NewEnrollmentToken(Body, frozen=True, kw_only=True):
    max_uses: Annotated[int, Meta(ge=1, le=10_000, description="How many devices it lets in")] = 1
    expires_at: (
        Annotated[datetime, Meta(tz=True, description="Within 365 days; 7 days from now when left out")]
        | None
    ) = None
    user_email: Annotated[
        Email | None, Meta(description="Reserves one device for this user; with max_uses 1 only")
    ] = None


class EnrollmentTokenAnswer(Struct, frozen=True):
    id: UUID
    max_uses: int
    uses: int
    expires_at: datetime
    created_at: datetime
    revoked_at: datetime | None
    device_id: Annotated[UUID | None, Meta(description="The one device it is reserved for")]

    @classmethod
    def of(cls, token: EnrollmentToken) -> "EnrollmentTokenAnswer":
        return cls(
            token.id,
            token.max_uses,
            token.uses,
            token.expires_at,
            token.created_at,
            token.revoked_at,
            token.device_id,
        )


class NewEnrollmentTokenAnswer(Struct, frozen=True):
    id: UUID
    token: Annotated[str, Meta(description="Shown this once")]
    max_uses: int
    uses: int
    expires_at: datetime
    created_at: datetime
    device_id: Annotated[UUID | None, Meta(description="The one device it is reserved for")]

    @classmethod
    def of(cls, token: EnrollmentToken, secret: str) -> "NewEnrollmentTokenAnswer":
        return cls(
            token.id,
            secret,
            token.max_uses,
            token.uses,
            token.expires_at,
            token.created_at,
            token.device_id,
        )


class EnrollmentCodeAnswer(Struct, frozen=True):
    code: Annotated[str, Meta(description="Shown this once; lets in one device, as the token would")]
    expires_at: Annotated[datetime, Meta(description="15 minutes from now, or when the token ends")]


class Enrollment(Body, frozen=True, kw_only=True):
    token: Annotated[Secret, Meta(description="An enrolment token, or the short code of one")]
    csr: SigningRequest
    hostname: Name
    platform: Name
    agent_version: Name
    user_email: Email

    def ask(self) -> EnrollmentAsk:
        return EnrollmentAsk(
            token=self.token,
            csr=self.csr,
            hostname=self.hostname,
            platform=self.platform,
            agent_version=self.agent_version,
            user_email=self.user_email,
        )


class Renewal(Body, frozen=True, kw_only=True):
    csr: SigningRequest


class PrivacyHoursUse(Body, frozen=True, kw_only=True):
    in_use: Annotated[bool, Meta(description="Whether there is a schedule, or they are in force now")]


class EnrollmentAnswer(Struct, frozen=True):
    device_id: UUID
    certificate: Annotated[str, Meta(description="The device's certificate, PEM")]
    ca_certificate: Annotated[str, Meta(description="The certificate of the organisation's device CA, PEM")]
    not_after: Annotated[datetime, Meta(description="Renew before this instant")]
    issuer: Annotated[str, Meta(description="The `aud` of the device's proofs (RFC 7523)")]

    @classmethod
    def of(cls, enrolled: Enrolled, issuer: str) -> "EnrollmentAnswer":
        return cls(
            enrolled.device_id, enrolled.certificate, enrolled.ca_certificate, enrolled.not_after, issuer
        )


class DeviceAnswer(Struct, frozen=True):
    id: UUID
    hostname: Annotated[str, Meta(description="Empty while the device is pending")]
    platform: str
    agent_version: str
    user_id: UUID
    user_email: str
    status: Status
    silent: Annotated[bool, Meta(description="Enrolled, and not heard of for 24 hours")]
    last_seen_at: datetime | None
    certificate_not_after: datetime | None
    created_at: datetime
    privacy_hours_in_use: Annotated[
        bool, Meta(description="As the device says. When they are is not known here, and cannot be changed")
    ]

    @classmethod
    def of(cls, owned: OwnedDevice, now: datetime) -> "DeviceAnswer":
        device = owned.device
        status = status_of(
            revoked_at=device.revoked_at, certificate_not_after=device.certificate_not_after, now=now
        )
        return cls(
            id=device.id,
            hostname=device.hostname,
            platform=device.platform,
            agent_version=device.agent_version,
            user_id=device.user_id,
            user_email=owned.user_email,
            status=status,
            silent=is_silent(status, device.last_seen_at, now),
            last_seen_at=device.last_seen_at,
            certificate_not_after=device.certificate_not_after,
            created_at=device.created_at,
            privacy_hours_in_use=device.privacy_hours_in_use,
        )
