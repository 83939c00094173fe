"""Tables of devices: the organisation's CA, enrolment tokens, devices, their certificates."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, false
from sqlalchemy.orm import Mapped, mapped_column

from toktra.kit.database import Model


class DeviceAuthority(Model):
    """The organisation's device CA. Its private key is sealed under TOKTRA_SECRET_KEY."""

    __tablename__ = "device_authorities"

    org_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True)
    certificate: Mapped[str]
    sealed_key: Mapped[bytes]
    created_at: Mapped[datetime]


class EnrollmentToken(Model):
    """Lets devices enrol; for one user's one device where `device_id` is set."""

    __tablename__ = "enrollment_tokens"

    org_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    secret_hash: Mapped[bytes] = mapped_column(unique=True)
    device_id: Mapped[UUID | None]
    max_uses: Mapped[int]
    uses: Mapped[int]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    code_hash: Mapped[bytes | None] = mapped_column(unique=True)
    code_expires_at: Mapped[datetime | None]


class Device(Model):
    """A device that is to report, reports, or may not any more."""

    __tablename__ = "devices"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, unique=True)
    user_id: Mapped[UUID] = mapped_column(index=True)
    hostname: Mapped[str]
    platform: Mapped[str]
    agent_version: Mapped[str]
    certificate_not_after: Mapped[datetime | None]
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    privacy_hours_in_use: Mapped[bool] = mapped_column(default=False, server_default=false())

    __table_args__ = (
        ForeignKeyConstraint(["org_id", "user_id"], ["users.org_id", "users.id"], ondelete="CASCADE"),
    )


class DeviceCertificate(Model):
    """A certificate the organisation's CA gave to a device. `serial` is its X.509 serial number in hex."""

    __tablename__ = "device_certificates"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    serial: Mapped[str] = mapped_column(primary_key=True)
    device_id: Mapped[UUID]
    public_key: Mapped[str]
    not_before: Mapped[datetime]
    not_after: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    __table_args__ = (
        ForeignKeyConstraint(["org_id", "device_id"], ["devices.org_id", "devices.id"], ondelete="CASCADE"),
        Index("device_certificates_by_device", "org_id", "device_id"),
        Index("device_certificates_by_key", "org_id", "public_key"),
    )
