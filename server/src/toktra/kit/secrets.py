"""Secrets: made here, shown once, stored as hashes; and sealing for what must be read back.

S1: what is stored cannot be turned back into a token (SHA-256 of 256 random bits needs no slow hash).
S2: a sealed value opens only for the purpose and the row it was sealed for.
"""

import hashlib
import secrets
from os import urandom

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from toktra.kit.errors import Overloaded

_NONCE_BYTES = 12


def new_secret(prefix: str) -> str:
    """A secret that names its kind, such as `tk_key_...`, with 256 random bits."""
    return f"{prefix}_{secrets.token_urlsafe(32)}"


def digest(secret: str) -> bytes:
    """What is stored in a secret's place."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


class Unreadable(Overloaded):
    """A sealed value that this key does not open: another TOKTRA_SECRET_KEY, or an altered value."""


def seal(secret_key: str, purpose: str, plaintext: bytes) -> bytes:
    """Encrypt under the installation's key, bound to `purpose` (AES-256-GCM, HKDF-SHA-256)."""
    nonce = urandom(_NONCE_BYTES)
    return nonce + _cipher(secret_key).encrypt(nonce, plaintext, purpose.encode())


def unseal(secret_key: str, purpose: str, sealed: bytes) -> bytes:
    """Decrypt what `seal` made for the same purpose."""
    try:
        return _cipher(secret_key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], purpose.encode())
    except (InvalidTag, ValueError) as wrong:
        raise Unreadable(
            f"The stored {purpose.partition(':')[0]} does not open with this TOKTRA_SECRET_KEY. "
            "Start the server with the key it was sealed with."
        ) from wrong


def _cipher(secret_key: str) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, None, b"toktra sealed values").derive(secret_key.encode()))
