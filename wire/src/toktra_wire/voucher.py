"""Vouchers: what crosses from the corporate ledger to the personal one. Never who.

V1: signed with the organisation's key (Ed25519) and altered by nobody.
V2: good for one organisation and one month, until it expires.
V3: its nonce is spent once; whoever issues it keeps no copy.
"""

import base64
import binascii
import secrets
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Meta, Struct

MOST_TOKENS = 10**15
_PREFIX = "tkv1"
_CONTEXT = b"toktra voucher 1\0"

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


class Refused(Exception):
    """No voucher of this organisation, altered, or none at all; the message says which."""


def new_nonce() -> str:
    """192 random bits (V3)."""
    return secrets.token_urlsafe(24)


def sign(voucher: Voucher, key: Ed25519PrivateKey) -> str:
    """The voucher as text: `tkv1.CONTENT.SIGNATURE`, each base64url without padding (V1)."""
    content = msgspec.json.encode(voucher)
    return f"{_PREFIX}.{_text(content)}.{_text(key.sign(_CONTEXT + content))}"


def read(text: str) -> Voucher:
    """What it claims, before its signature is checked: whose key is to be asked for."""
    return _decoded(_parts(text)[0])


def check(text: str, key: bytes, *, now: datetime) -> Voucher:
    """A voucher that is good now, or Refused. `key`: the organisation's public key, 32 bytes (V1, V2)."""
    content, signature = _parts(text)
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, _CONTEXT + content)
    except InvalidSignature as wrong:
        raise Refused("The voucher is not signed by this organisation, or was altered.") from wrong
    voucher = _decoded(content)
    if now < voucher.starts_at:
        raise Refused("The voucher's month has not begun.")
    if now >= voucher.ends_at:
        raise Refused("The voucher's month is over.")
    return voucher


def _parts(text: str) -> tuple[bytes, bytes]:
    prefix, *rest = text.split(".")
    if prefix != _PREFIX or len(rest) != 2:
        raise Refused("This is no voucher.")
    try:
        return _bytes(rest[0]), _bytes(rest[1])
    except (binascii.Error, ValueError) as wrong:
        raise Refused("This is no voucher.") from wrong


def _decoded(content: bytes) -> Voucher:
    try:
        return msgspec.json.decode(content, type=Voucher)
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise Refused("This is no voucher.") from wrong


def _text(plain: bytes) -> str:
    return base64.urlsafe_b64encode(plain).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
