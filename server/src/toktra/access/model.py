"""Tables of credentials. Secrets are kept as hashes; passwords as argon2id."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from toktra.kit.database import Model


def _to_user(column: str = "user_id") -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["org_id", column], ["users.org_id", "users.id"], ondelete="CASCADE")


class Password(Model):
    """A user's password, as argon2id keeps it."""

    __tablename__ = "passwords"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    argon2: Mapped[str]
    changed_at: Mapped[datetime]

    __table_args__ = (_to_user(),)


class SignInFailures(Model):
    """Failed sign-ins in a row for one e-mail or one address, known only by its hash."""

    __tablename__ = "sign_in_failures"

    subject_hash: Mapped[bytes] = mapped_column(primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(index=True)


class Session(Model):
    """A signed-in browser. The token is replaced hourly; the one before stays good for a minute."""

    __tablename__ = "sessions"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID]
    user_id: Mapped[UUID]
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    previous_token_hash: Mapped[bytes | None] = mapped_column(unique=True)
    csrf_token: Mapped[str]
    rotated_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)

    __table_args__ = (_to_user(),)


class Invitation(Model):
    """A link with which a user sets their password, once."""

    __tablename__ = "invitations"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    org_id: Mapped[UUID]
    user_id: Mapped[UUID]
    expires_at: Mapped[datetime] = mapped_column(index=True)

    __table_args__ = (_to_user(),)


class ApiKey(Model):
    """A key for programs; it acts for the user who made it."""

    __tablename__ = "api_keys"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    created_by: Mapped[UUID]
    name: Mapped[str]
    hint: Mapped[str]
    secret_hash: Mapped[bytes] = mapped_column(unique=True)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(String))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]

    __table_args__ = (_to_user("created_by"),)


class OAuthClient(Model):
    """A program that fetches short-lived tokens with its own id and secret (RFC 6749, 4.4)."""

    __tablename__ = "oauth_clients"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, unique=True)
    created_by: Mapped[UUID]
    name: Mapped[str]
    secret_hash: Mapped[bytes]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(String))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    __table_args__ = (_to_user("created_by"),)


class AccessToken(Model):
    """A short-lived bearer token of an OAuth client or a device. Exactly one of the two is named."""

    __tablename__ = "access_tokens"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    org_id: Mapped[UUID]
    client_id: Mapped[UUID | None]
    device_id: Mapped[UUID | None]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(String))
    expires_at: Mapped[datetime] = mapped_column(index=True)

    __table_args__ = (
        ForeignKeyConstraint(
            ["org_id", "client_id"], ["oauth_clients.org_id", "oauth_clients.id"], ondelete="CASCADE"
        ),
        Index("access_tokens_by_device", "org_id", "device_id"),
    )


class UsedProof(Model):
    """A device's proof that was used; it cannot be used again."""

    __tablename__ = "used_proofs"

    device_id: Mapped[UUID] = mapped_column(primary_key=True)
    proof_id_hash: Mapped[bytes] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class RateCount(Model):
    """Requests of one credential in one minute. Unlogged: a crash only forgets a minute's count."""

    __tablename__ = "rate_counts"

    credential_id: Mapped[UUID] = mapped_column(primary_key=True)
    minute: Mapped[datetime] = mapped_column(primary_key=True)
    requests: Mapped[int]

    __table_args__ = ({"prefixes": ["UNLOGGED"]},)
