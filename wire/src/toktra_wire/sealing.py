"""Personal records: sealed where they are made, opened only with their owner's private key.

Z1: HPKE (RFC 9180) in base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. Each record has a key
    of its own, encapsulated to the owner's public key: whoever holds that alone can seal and never open.
Z2: a record is bound to its account and its id: it opens as no other.
"""

from datetime import datetime
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from msgspec import Struct

KEY_BYTES = 32
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_PURPOSE = b"toktra personal record 1"


class PersonalRecord(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One request in personal mode, as its owner reads it. There is no field for content."""

    occurred_at: datetime
    provider_host: str
    model: str | None = None
    input_tokens: int
    output_tokens: int


class Unopened(Exception):
    """Not sealed for this key, this account and this id, or altered since."""


def new_private_key() -> bytes:
    """A new owner's key, 32 bytes."""
    return X25519PrivateKey.generate().private_bytes_raw()


def public_of(private_key: bytes) -> bytes:
    """What records are sealed to, 32 bytes."""
    return X25519PrivateKey.from_private_bytes(private_key).public_key().public_bytes_raw()


def seal(record: PersonalRecord, *, public_key: bytes, account_id: UUID, record_id: UUID) -> bytes:
    """The encapsulated key (32 bytes) and the ciphertext (Z1, Z2)."""
    owner = X25519PublicKey.from_public_bytes(public_key)
    return _SUITE.encrypt(msgspec.json.encode(record), owner, info_of(account_id, record_id))


def open_(sealed: bytes, *, private_key: bytes, account_id: UUID, record_id: UUID) -> PersonalRecord:
    """The record, or Unopened."""
    owner = X25519PrivateKey.from_private_bytes(private_key)
    try:
        plain = _SUITE.decrypt(sealed, owner, info_of(account_id, record_id))
        return msgspec.json.decode(plain, type=PersonalRecord)
    except (InvalidTag, ValueError, msgspec.DecodeError) as wrong:
        raise Unopened from wrong


def info_of(account_id: UUID, record_id: UUID) -> bytes:
    """HPKE's `info`: purpose, account and id (Z2)."""
    return _PURPOSE + account_id.bytes + record_id.bytes
