"""Z1, Z2: records open for their owner alone, and as HPKE (RFC 9180) says."""

import hashlib
import hmac
from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from toktra_wire.ids import new_id
from toktra_wire.sealing import PersonalRecord, Unopened, info_of, new_private_key, open_, public_of, seal

ACCOUNT, RECORD = UUID(int=1), UUID(int=2)
AES_128, AES_256 = (1, 16), (2, 32)

RECORDS = st.builds(
    PersonalRecord,
    occurred_at=st.datetimes(timezones=st.just(UTC)),
    provider_host=st.text(max_size=100),
    model=st.none() | st.text(max_size=100),
    input_tokens=st.integers(0, 10**12),
    output_tokens=st.integers(0, 10**12),
)


def opened(
    key: bytes, encapsulated: bytes, sealed: bytes, *, info: bytes, aad: bytes, aead: tuple[int, int]
) -> bytes:
    """RFC 9180, sections 4.1, 5.1 and 5.2, written anew: base mode over DHKEM(X25519, HKDF-SHA256)."""
    number, key_bytes = aead
    kem, suite = b"KEM" + _two(32), b"HPKE" + _two(32) + _two(1) + _two(number)
    mine = X25519PrivateKey.from_private_bytes(key)
    shared = mine.exchange(X25519PublicKey.from_public_bytes(encapsulated))
    context = encapsulated + mine.public_key().public_bytes_raw()
    secret = _expand(kem, _extract(kem, b"", b"eae_prk", shared), b"shared_secret", context, 32)
    schedule = b"\0" + _extract(suite, b"", b"psk_id_hash", b"") + _extract(suite, b"", b"info_hash", info)
    secret = _extract(suite, secret, b"secret", b"")
    nonce = _expand(suite, secret, b"base_nonce", schedule, 12)
    return AESGCM(_expand(suite, secret, b"key", schedule, key_bytes)).decrypt(nonce, sealed, aad)


def _two(number: int) -> bytes:
    return number.to_bytes(2, "big")


def _extract(suite: bytes, salt: bytes, label: bytes, given: bytes) -> bytes:
    return hmac.digest(salt, b"HPKE-v1" + suite + label + given, hashlib.sha256)


def _expand(suite: bytes, secret: bytes, label: bytes, info: bytes, length: int) -> bytes:
    """One block of HKDF is enough here: 32 bytes at most."""
    block = hmac.digest(secret, _two(length) + b"HPKE-v1" + suite + label + info + b"\1", hashlib.sha256)
    return block[:length]


def test_the_rfcs_first_vector() -> None:
    """RFC 9180, A.1.1.1: AES-128-GCM, where ours is AES-256-GCM with another number and a longer key."""
    plain = opened(
        bytes.fromhex("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8"),
        bytes.fromhex("37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431"),
        bytes.fromhex(
            "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a"
        ),
        info=b"Ode on a Grecian Urn",
        aad=b"Count-0",
        aead=AES_128,
    )
    assert plain == b"Beauty is truth, truth beauty"


@given(record=RECORDS)
def test_what_is_sealed_opens_as_the_rfc_says(record: PersonalRecord) -> None:
    key, record_id = new_private_key(), new_id()
    sealed = seal(record, public_key=public_of(key), account_id=ACCOUNT, record_id=record_id)
    assert open_(sealed, private_key=key, account_id=ACCOUNT, record_id=record_id) == record
    plain = opened(key, sealed[:32], sealed[32:], info=info_of(ACCOUNT, record_id), aad=b"", aead=AES_256)
    assert msgspec.json.decode(plain, type=PersonalRecord) == record


@pytest.mark.parametrize("changed", ["key", "account", "record", "byte", "short"])
def test_it_opens_as_nothing_else(changed: str) -> None:
    key = new_private_key()
    record = PersonalRecord(
        occurred_at=datetime(2026, 11, 26, tzinfo=UTC),
        provider_host="api.openai.com",
        input_tokens=1,
        output_tokens=2,
    )
    sealed = seal(record, public_key=public_of(key), account_id=ACCOUNT, record_id=RECORD)
    given = {"private_key": key, "account_id": ACCOUNT, "record_id": RECORD}
    match changed:
        case "key":
            given["private_key"] = new_private_key()
        case "account":
            given["account_id"] = UUID(int=9)
        case "record":
            given["record_id"] = UUID(int=9)
        case "byte":
            sealed = sealed[:-1] + bytes([sealed[-1] ^ 1])
        case "short":
            sealed = sealed[:20]
    with pytest.raises(Unopened):
        open_(sealed, **given)  # type: ignore[arg-type]


def test_two_records_alike_are_sealed_differently_and_neither_shows_anything() -> None:
    key = new_private_key()
    record = PersonalRecord(
        occurred_at=datetime(2026, 11, 26, tzinfo=UTC),
        provider_host="api.openai.com",
        model="gpt-5",
        input_tokens=1,
        output_tokens=2,
    )
    one, other = (seal(record, public_key=public_of(key), account_id=ACCOUNT, record_id=RECORD) for _ in "12")
    assert one != other
    assert not any(word in one for word in (b"openai", b"gpt-5", b"2026"))
