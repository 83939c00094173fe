"""Secrets and sealing (S1, S2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toktra.kit.secrets import Unreadable, digest, new_secret, seal, unseal

KEY, OTHER_KEY = "k" * 32, "o" * 32
SEALED = seal(KEY, "device ca:org 1", b"the key")


def test_a_secret_names_its_kind_and_has_256_random_bits() -> None:
    secret = new_secret("tk_key")
    assert secret.startswith("tk_key_")
    assert len(secret) - len("tk_key_") == 43
    assert len({new_secret("tk_key") for _ in range(100)}) == 100


@given(st.text())
def test_a_digest_is_one_of_32_bytes_for_any_text(secret: str) -> None:
    assert digest(secret) == digest(secret)
    assert len(digest(secret)) == 32
    assert digest(secret) != digest(secret + " ")


def test_a_lone_surrogate_has_a_digest() -> None:
    assert digest("\ud800") != digest("?")


@given(st.binary(), st.text(alphabet=st.characters(codec="utf-8")))
def test_what_is_sealed_opens_for_its_purpose(plaintext: bytes, purpose: str) -> None:
    assert unseal(KEY, purpose, seal(KEY, purpose, plaintext)) == plaintext


def test_the_same_sealed_twice_differs() -> None:
    assert seal(KEY, "p", b"x") != seal(KEY, "p", b"x")


@pytest.mark.parametrize(
    ("key", "purpose", "sealed"),
    [
        pytest.param(OTHER_KEY, "device ca:org 1", SEALED, id="other key"),
        pytest.param(KEY, "device ca:org 2", SEALED, id="other row"),
        pytest.param(KEY, "idempotent answer:org 1", SEALED, id="other purpose"),
        pytest.param(KEY, "device ca:org 1", SEALED[:-1], id="cut short"),
        pytest.param(KEY, "device ca:org 1", SEALED + b"x", id="longer"),
        pytest.param(KEY, "device ca:org 1", b"", id="empty"),
        pytest.param(KEY, "device ca:org 1", SEALED[:11], id="not even a nonce"),
    ],
)
def test_nothing_else_opens_it(key: str, purpose: str, sealed: bytes) -> None:
    with pytest.raises(Unreadable) as raised:
        unseal(key, purpose, sealed)
    assert "TOKTRA_SECRET_KEY" in str(raised.value)
    assert "org" not in str(raised.value)


@given(st.integers(0, len(SEALED) - 1), st.integers(1, 255))
def test_one_altered_byte_is_noticed(position: int, difference: int) -> None:
    altered = bytearray(SEALED)
    altered[position] ^= difference
    with pytest.raises(Unreadable):
        unseal(KEY, "device ca:org 1", bytes(altered))
