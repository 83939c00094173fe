"""A device's proof of itself: a JWT signed with its key (RFC 7523), read here and nowhere else.

J1: the algorithm follows from the key that is on record, never from the proof.
J2: until the signature holds, nothing but the device id is read from a proof.
"""

from base64 import urlsafe_b64decode
from typing import Annotated
from uuid import UUID

import jwt
import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from msgspec import Meta, Struct

_LONGEST_PROOF_TEXT = 4096


class Claims(Struct, frozen=True):
    """What a proof must say."""

    iss: str
    sub: str
    aud: str | list[str]
    exp: int | float
    jti: Annotated[str, Meta(min_length=1, max_length=200)]
    iat: int | float | None = None
    nbf: int | float | None = None

    def speak_of(self, device_id: UUID, issuer: str) -> bool:
        """Whether the proof is by this device, about itself, and made for this server."""
        named = str(device_id)
        return (
            self.iss == named
            and self.sub == named
            and issuer in ([self.aud] if isinstance(self.aud, str) else self.aud)
        )


class _Named(Struct):
    sub: UUID


def named_device(proof: str) -> UUID | None:
    """The device a proof claims to be from; not to be believed yet (J2)."""
    if len(proof) > _LONGEST_PROOF_TEXT or not proof.isascii() or proof.count(".") != 2:
        return None
    payload = proof.split(".")[1].encode()
    try:
        return msgspec.json.decode(urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)), type=_Named).sub
    except (ValueError, msgspec.MsgspecError, RecursionError):
        return None


def signed_claims(proof: str, public_key: str) -> Claims | None:
    """The claims of a proof that this key (PEM) has signed; None for any other proof (J1)."""
    key = serialization.load_pem_public_key(public_key.encode())
    assert isinstance(key, ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey)
    algorithm = "EdDSA" if isinstance(key, ed25519.Ed25519PublicKey) else "ES256"
    try:
        payload = jwt.PyJWS().decode(proof, key, algorithms=[algorithm])
        return msgspec.json.decode(payload, type=Claims)
    except (jwt.PyJWTError, ValueError, msgspec.MsgspecError, RecursionError):
        return None
