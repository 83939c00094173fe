"""Vouchers: what crosses from the corporate ledger to the personal one. Never who.

V1: signed with the organisation's key (Ed25519) and altered by nobody.
V2: good for one organisation and one month, until it expires.
V3: its nonce is spent once; whoever issues it keeps no copy.
V4: with the same key an organisation asks for its own figures; neither text passes for the other.
"""

import base64
import binascii
import secrets
from datetime import datetime
from typing import Annotated, Literal, TypeVar
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Meta, Struct

MOST_TOKENS = 10**15
_VOUCHER, _ASKING = "tkv1", "tkq1"

Kind = Literal["monthly", "bonus"]


class Voucher(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An allowance for a month, or a bonus in it. Its instants: the month's, in the organisation's zone."""

    org_id: UUID
    kind: Kind
    month: Annotated[str, Meta(pattern=r"\A[0-9]{4}-(0[1-9]|1[0-2])\Z")]
    starts_at: datetime
    ends_at: datetime
    tier: Annotated[str, Meta(max_length=120)]
    tokens: Annotated[int, Meta(ge=0, le=MOST_TOKENS)]
    rollover_percent: Annotated[int, Meta(ge=0, le=100)] = 0
    reason: Annotated[str, Meta(max_length=200)] = ""
    nonce: Annotated[str, Meta(min_length=32, max_length=64)]


class Asking(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An organisation asks for what is published about it (V4)."""

    org_id: UUID
    expires_at: datetime


class Refused(Exception):
    """Not of this organisation, altered, over, or none at all; the message says which."""


Content = TypeVar("Content", Voucher, Asking)


def new_nonce() -> str:
    """192 random bits (V3)."""
    return secrets.token_urlsafe(24)


def sign(voucher: Voucher, key: Ed25519PrivateKey) -> str:
    """The voucher as text: `tkv1.CONTENT.SIGNATURE`, each base64url without padding (V1)."""
    return _signed(_VOUCHER, voucher, key)


def read(text: str) -> Voucher:
    """What it claims, before its signature is checked: whose key is to be asked for."""
    return _claimed(_VOUCHER, text, Voucher)


def check(text: str, key: bytes, *, now: datetime) -> Voucher:
    """A voucher that is good now, or Refused. `key`: the organisation's public key, 32 bytes (V1, V2)."""
    voucher = _checked(_VOUCHER, text, key, Voucher)
    if now < voucher.starts_at:
        raise Refused("The voucher's month has not begun.")
    if now >= voucher.ends_at:
        raise Refused("The voucher's month is over.")
    return voucher


def sign_asking(asking: Asking, key: Ed25519PrivateKey) -> str:
    """As a voucher is signed, and told from one by its beginning, `tkq1` (V4)."""
    return _signed(_ASKING, asking, key)


def read_asking(text: str) -> Asking:
    """What it claims, before its signature is checked."""
    return _claimed(_ASKING, text, Asking)


def check_asking(text: str, key: bytes, *, now: datetime) -> Asking:
    """An organisation's question that is good now, or Refused."""
    asking = _checked(_ASKING, text, key, Asking)
    if now >= asking.expires_at:
        raise Refused("This was good for a moment, which is over.")
    return asking


def _signed(prefix: str, said: Voucher | Asking, key: Ed25519PrivateKey) -> str:
    content = msgspec.json.encode(said)
    return f"{prefix}.{_text(content)}.{_text(key.sign(_context(prefix) + content))}"


def _claimed(prefix: str, text: str, kind: type[Content]) -> Content:
    return _decoded(_parts(prefix, text)[0], kind)


def _checked(prefix: str, text: str, key: bytes, kind: type[Content]) -> Content:
    content, signature = _parts(prefix, text)
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, _context(prefix) + content)
    except InvalidSignature as wrong:
        raise Refused("The voucher is not signed by this organisation, or was altered.") from wrong
    return _decoded(content, kind)


def _context(prefix: str) -> bytes:
    return b"toktra " + prefix.encode() + b"\0"


def _parts(prefix: str, text: str) -> tuple[bytes, bytes]:
    given, *rest = text.split(".")
    if given != prefix or len(rest) != 2:
        raise Refused("This is no voucher.")
    try:
        return _bytes(rest[0]), _bytes(rest[1])
    except (binascii.Error, ValueError) as wrong:
        raise Refused("This is no voucher.") from wrong


def _decoded(content: bytes, kind: type[Content]) -> Content:
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise Refused("This is no voucher.") from wrong


def _text(plain: bytes) -> str:
    return base64.urlsafe_b64encode(plain).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
