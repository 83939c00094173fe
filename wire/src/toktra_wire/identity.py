"""A device's identity: a key that never leaves it, a signing request, and short-lived proofs.

I1: the private key is made on the device and is only ever written by the device.
I2: a proof (RFC 7523 assertion) is good for one use and at most five minutes.
"""

from datetime import datetime, timedelta

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.x509.oid import NameOID

from toktra_wire.ids import new_id

PROOF_LIFETIME = timedelta(minutes=2)
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def new_key() -> ed25519.Ed25519PrivateKey:
    """A new device key."""
    return ed25519.Ed25519PrivateKey.generate()


def key_to_pem(key: ed25519.Ed25519PrivateKey) -> bytes:
    """PKCS#8 PEM, unencrypted: keep it in the key store or in a file only its owner can read."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def signing_request(key: ed25519.Ed25519PrivateKey, hostname: str) -> str:
    """A PEM certificate signing request (RFC 2986) for this device. Names are capped at X.509's 64."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hostname[:64] or "device")])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, None)
    return request.public_bytes(serialization.Encoding.PEM).decode()


def proof(key: ed25519.Ed25519PrivateKey, *, device_id: str, issuer: str, now: datetime) -> str:
    """A signed JWT for POST /v1/oauth/token, grant type jwt-bearer (RFC 7523)."""
    claims = {
        "iss": device_id,
        "sub": device_id,
        "aud": issuer,
        "iat": now,
        "exp": now + PROOF_LIFETIME,
        "jti": str(new_id()),
    }
    return jwt.encode(claims, key, algorithm="EdDSA")
