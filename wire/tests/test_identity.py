"""A device's key, signing request and proofs, read back with the libraries a server uses."""

from datetime import UTC, datetime, timedelta

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from toktra_wire.identity import PROOF_LIFETIME, key_to_pem, new_key, proof, signing_request

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_a_signing_request_is_signed_by_the_key_and_capped() -> None:
    key = new_key()
    request = x509.load_pem_x509_csr(signing_request(key, "a-very-long-hostname-" * 10).encode())
    assert request.is_signature_valid
    assert request.public_key() == key.public_key()
    assert len(request.subject.rfc4514_string()) <= len("CN=") + 64


def test_a_key_survives_its_file() -> None:
    key = new_key()
    again = load_pem_private_key(key_to_pem(key), None)
    assert again.public_key() == key.public_key()


def test_a_proof_is_short_lived_addressed_and_never_the_same_twice() -> None:
    key = new_key()
    first, second = (proof(key, device_id="d", issuer="https://toktra.example", now=NOW) for _ in range(2))
    claims = jwt.decode(
        first,
        key.public_key(),
        algorithms=["EdDSA"],
        audience="https://toktra.example",
        options={"verify_exp": False, "verify_iat": False},
    )
    assert claims["iss"] == claims["sub"] == "d"
    assert claims["exp"] == int((NOW + PROOF_LIFETIME).timestamp())
    assert timedelta(minutes=5) >= PROOF_LIFETIME
    assert first != second
