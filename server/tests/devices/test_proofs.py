"""Proofs: J1 (the record's key decides the algorithm) and J2 (nothing but the id before the signature)."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from hmac import new as hmac
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from hypothesis import given
from hypothesis import strategies as st

from toktra.devices.proofs import named_device, signed_claims

NOW = datetime(2026, 3, 4, 10, tzinfo=UTC)
ED25519 = ed25519.Ed25519PrivateKey.generate()
P256 = ec.generate_private_key(ec.SECP256R1())
LaptopOf = Callable[..., Any]


def part(content: Any) -> str:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return urlsafe_b64encode(raw).decode().rstrip("=")


@pytest.mark.parametrize("key", [ED25519, P256], ids=["EdDSA", "ES256"])
def test_the_devices_own_signature_holds(laptop_of: LaptopOf, key: Any) -> None:
    laptop = laptop_of(key)
    proof = laptop.proof(NOW)
    claims = signed_claims(proof, laptop.public_pem.decode())
    assert named_device(proof) == laptop.device_id
    assert claims is not None
    assert claims.speak_of(laptop.device_id, laptop.claims(NOW)["aud"])


@pytest.mark.parametrize("key", [ED25519, P256], ids=["EdDSA", "ES256"])
def test_another_keys_signature_does_not(laptop_of: LaptopOf, key: Any) -> None:
    laptop = laptop_of(key)
    for other in (ed25519.Ed25519PrivateKey.generate(), ec.generate_private_key(ec.SECP256R1())):
        assert signed_claims(laptop.proof(NOW, signed_with=other), laptop.public_pem.decode()) is None


@pytest.mark.parametrize("algorithm", ["none", "None", "", None, [], {}, 1])
@pytest.mark.parametrize("signature", ["", "AA"])
def test_no_algorithm_is_no_signature(laptop_of: LaptopOf, algorithm: Any, signature: str) -> None:
    laptop = laptop_of(ED25519)
    proof = f"{part({'alg': algorithm, 'typ': 'JWT'})}.{part(laptop.claims(NOW))}.{signature}"
    assert signed_claims(proof, laptop.public_pem.decode()) is None


@pytest.mark.parametrize("key", [ED25519, P256], ids=["EdDSA", "ES256"])
def test_a_public_key_is_not_a_shared_secret(laptop_of: LaptopOf, key: Any) -> None:
    laptop = laptop_of(key)
    signed = f"{part({'alg': 'HS256'})}.{part(laptop.claims(NOW))}"
    proof = f"{signed}.{part(hmac(laptop.public_pem, signed.encode(), sha256).digest())}"
    assert signed_claims(proof, laptop.public_pem.decode()) is None


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "EdDSA", "crit": [{}]},
        {"alg": "EdDSA", "crit": ["exp"]},
        {"alg": "EdDSA", "crit": 1},
        {"alg": "EdDSA", "kid": 1},
        {"alg": "EdDSA", "b64": False, "crit": ["b64"]},
        b"[" * 2500,
        b"\xff",
        [],
        "EdDSA",
    ],
    ids=str,
)
def test_strange_headers_are_refused(laptop_of: LaptopOf, header: Any) -> None:
    laptop = laptop_of(ED25519)
    signed = f"{part(header)}.{part(laptop.claims(NOW))}"
    proof = f"{signed}.{part(ED25519.sign(signed.encode()))}"
    assert signed_claims(proof, laptop.public_pem.decode()) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"jti": None},
        {"jti": ""},
        {"jti": "j" * 201},
        {"jti": 7},
        {"exp": None},
        {"exp": "1772618520"},
        {"exp": True},
        {"exp": [1]},
        {"aud": None},
        {"aud": 1},
        {"aud": {"a": "b"}},
        {"iat": "now"},
        {"nbf": {}},
        {"iss": None},
        {"sub": None},
    ],
    ids=str,
)
def test_claims_that_lack_something_or_are_of_another_type_are_refused(
    laptop_of: LaptopOf, changes: dict[str, Any]
) -> None:
    laptop = laptop_of(ED25519)
    claims = {name: value for name, value in {**laptop.claims(NOW), **changes}.items() if value is not None}
    signed = f"{part({'alg': 'EdDSA'})}.{part(claims)}"
    proof = f"{signed}.{part(ED25519.sign(signed.encode()))}"
    assert signed_claims(proof, laptop.public_pem.decode()) is None


@pytest.mark.parametrize(
    "payload", [b"[" * 2500, b'{"exp": NaN}', b"\xff", b"null", b'"text"', b""], ids=repr
)
def test_signed_nonsense_is_refused(laptop_of: LaptopOf, payload: bytes) -> None:
    signed = f"{part({'alg': 'EdDSA'})}.{part(payload)}"
    proof = f"{signed}.{part(ED25519.sign(signed.encode()))}"
    assert named_device(proof) is None
    assert signed_claims(proof, laptop_of(ED25519).public_pem.decode()) is None


def test_a_proof_speaks_of_its_device_to_its_server_only(laptop_of: LaptopOf) -> None:
    laptop, other = laptop_of(ED25519), laptop_of(P256)
    issuer = laptop.claims(NOW)["aud"]

    def speaks(**changes: Any) -> bool:
        claims = signed_claims(laptop.proof(NOW, **changes), laptop.public_pem.decode())
        assert claims is not None
        return claims.speak_of(laptop.device_id, issuer)

    assert speaks()
    assert speaks(aud=["https://other.example.com", issuer])
    assert not speaks(aud=[])
    assert not speaks(aud=issuer + "/")
    assert not speaks(aud=issuer[:-1])
    assert not speaks(aud="https://other.example.com")
    assert not speaks(iss=str(other.device_id))
    assert not speaks(sub=str(other.device_id))
    assert not speaks(sub=str(laptop.device_id).upper())


@given(text=st.text(max_size=60) | st.text("eyJ.0-_ab{", max_size=60))
def test_any_text_can_be_read(laptop_of: LaptopOf, text: str) -> None:
    assert named_device(text) is None
    assert named_device(f"a.{text}.b") is None
    assert signed_claims(text, laptop_of(ED25519).public_pem.decode()) is None


@pytest.mark.parametrize("sub", ["", "me", 7, None, ["a"], "\x00"], ids=repr)
def test_a_proof_that_names_no_device_names_none(sub: Any) -> None:
    assert named_device(f"{part({'alg': 'EdDSA'})}.{part({'sub': sub})}.AA") is None


@pytest.mark.parametrize("proof", ["a.\ud800.b", "\ud800.e30.b", "ä.e30.b", ""], ids=repr)
def test_a_text_that_is_no_ascii_is_no_proof(laptop_of: LaptopOf, proof: str) -> None:
    assert named_device(proof) is None


def test_a_proof_of_absurd_length_is_not_read(laptop_of: LaptopOf) -> None:
    assert named_device(laptop_of(ED25519).proof(NOW, padding="x" * 5000)) is None
