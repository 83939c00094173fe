"""Who this device is: its key, and what the server gave it when it enrolled.

K1: the private key is in the system's key store, or where there is none in a file only its owner can read. It
    is in no other file.
K2: `identity.json` is written last: while it is not there, the device is not enrolled.
"""

from pathlib import Path
from typing import Literal

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from msgspec import Struct
from msgspec.structs import replace

from toktra_agent.store.writing import write_whole
from toktra_wire.identity import key_to_pem

FILE = "identity.json"
KEY_FILE = "device.key"
SERVICE = "toktra-agent"


class NotEnrolled(Exception):
    """The device is not enrolled, or its identity cannot be read. The message says what to do."""


class Identity(Struct, frozen=True):
    """`issuer`: the `aud` of the device's proofs. Certificates are PEM."""

    server: str
    device_id: str
    issuer: str
    user_email: str
    certificate: str
    ca_certificate: str
    key_in: Literal["key store", "file"] = "file"


def save(folder: Path, identity: Identity, key: ed25519.Ed25519PrivateKey) -> Identity:
    """Keep a new identity with its key (K1, K2)."""
    pem = key_to_pem(key)
    stored = _to_key_store(identity.device_id, pem)
    if not stored:
        write_whole(folder / KEY_FILE, pem)
    saved = replace(identity, key_in="key store" if stored else "file")
    rewrite(folder, saved)
    if stored:
        (folder / KEY_FILE).unlink(missing_ok=True)
    return saved


def rewrite(folder: Path, identity: Identity) -> None:
    """The same device and key, with another certificate."""
    write_whole(folder / FILE, msgspec.json.encode(identity))


def load(folder: Path) -> Identity:
    """NotEnrolled where there is none."""
    try:
        return msgspec.json.decode((folder / FILE).read_bytes(), type=Identity)
    except FileNotFoundError as none:
        raise NotEnrolled(
            "This device is not enrolled. Run `toktra-agent enroll` with the token your admin gave you."
        ) from none
    except (OSError, msgspec.MsgspecError) as unreadable:
        raise NotEnrolled(
            f"{folder / FILE} cannot be read. Enrol this device again with `toktra-agent enroll`."
        ) from unreadable


def load_key(folder: Path, identity: Identity) -> ed25519.Ed25519PrivateKey:
    """NotEnrolled where it is gone, or the key store does not give it out."""
    pem = (
        _from_key_store(identity.device_id)
        if identity.key_in == "key store"
        else _from_file(folder / KEY_FILE)
    )
    try:
        key = serialization.load_pem_private_key(pem or b"", password=None)
        assert isinstance(key, ed25519.Ed25519PrivateKey)
    except (ValueError, AssertionError) as unreadable:
        raise NotEnrolled(
            f"This device's key is not to be had from its {identity.key_in}. Unlock the key store if it is "
            "locked; otherwise enrol this device again with `toktra-agent enroll`."
        ) from unreadable
    return key


def remove(folder: Path) -> None:
    """The device forgets who it was."""
    try:
        identity = load(folder)
    except NotEnrolled:
        identity = None
    if identity is not None and identity.key_in == "key store":
        _forget_in_key_store(identity.device_id)
    for name in (FILE, KEY_FILE):
        (folder / name).unlink(missing_ok=True)


# keyring is loaded only where the key store is used: it takes some 15 MB of the running agent.


def _to_key_store(name: str, pem: bytes) -> bool:
    import keyring
    from keyring.errors import KeyringError

    if keyring.get_keyring().priority < 1:  # the backends for where there is no key store
        return False
    try:
        keyring.set_password(SERVICE, name, pem.decode())
        return keyring.get_password(SERVICE, name) == pem.decode()
    except (KeyringError, OSError, RuntimeError):
        return False


def _from_key_store(name: str) -> bytes | None:
    import keyring
    from keyring.errors import KeyringError

    try:
        return (keyring.get_password(SERVICE, name) or "").encode()
    except (KeyringError, OSError, RuntimeError):
        return None


def _forget_in_key_store(name: str) -> None:
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.delete_password(SERVICE, name)
    except (KeyringError, OSError, RuntimeError):
        return


def _from_file(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
