"""The device CA: X1 (proof of possession) and X2 (what its certificates are good for)."""

import base64
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import which
from typing import Any
from uuid import UUID

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError
from hypothesis import example, given, settings
from hypothesis import strategies as st

from toktra.devices.authority import (
    Authority,
    certify,
    from_pem,
    new_authority,
    private_pem,
    requested_key,
    to_pem,
)
from toktra.kit.errors import Invalid

NOW = datetime(2026, 3, 4, 10, 30, 15, 123456, tzinfo=UTC)
DEVICE = UUID("0195a3c4-7b1e-7c3a-9f10-1234567890ab")
RequestFor = Callable[..., str]


@pytest.fixture(scope="session")
def authority() -> Authority:
    return new_authority("Acme GmbH", NOW)


def certificate_of(
    authority: Authority, key: Any = None, organization: str = "Acme GmbH"
) -> x509.Certificate:
    key = key or ed25519.Ed25519PrivateKey.generate()
    return certify(authority, device_id=DEVICE, key=key.public_key(), organization=organization, now=NOW)


@pytest.mark.parametrize(
    "key",
    [ed25519.Ed25519PrivateKey.generate(), ec.generate_private_key(ec.SECP256R1())],
    ids=["ed25519", "p256"],
)
def test_the_chain_verifies_for_a_client_and_names_the_device(authority: Authority, key: Any) -> None:
    certificate = certificate_of(authority, key)
    certificate.verify_directly_issued_by(authority.certificate)
    verifier = PolicyBuilder().store(Store([authority.certificate])).time(NOW).build_client_verifier()
    verified = verifier.verify(certificate, [])
    assert verified.subjects is not None
    assert [name.value for name in verified.subjects] == [f"urn:toktra:device:{DEVICE}"]
    assert len(verified.chain) == 2


@pytest.mark.skipif(which("openssl") is None, reason="needs the openssl command")
def test_openssl_agrees(authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text(to_pem(authority.certificate))
    (tmp_path / "device.pem").write_text(to_pem(certificate_of(authority)))
    at = str(int(NOW.timestamp()))
    command = ["openssl", "verify", "-x509_strict", "-purpose", "sslclient", "-attime", at]
    answer = subprocess.run(
        [*command, "-CAfile", "ca.pem", "device.pem"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.stdout == "device.pem: OK\n", answer.stderr


def test_another_organisations_ca_did_not_sign_it(authority: Authority) -> None:
    stranger = new_authority("Acme GmbH", NOW)
    verifier = PolicyBuilder().store(Store([stranger.certificate])).time(NOW).build_client_verifier()
    with pytest.raises(VerificationError):
        verifier.verify(certificate_of(authority), [])


def test_a_device_certificate_authenticates_a_client_and_nothing_else(authority: Authority) -> None:
    certificate = certificate_of(authority)
    extensions = certificate.extensions
    usage = extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert usage.value.digital_signature
    assert not usage.value.key_cert_sign
    assert extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
    purposes = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(purposes) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    names = {part.oid: part.value for part in certificate.subject}
    assert names == {NameOID.COMMON_NAME: str(DEVICE), NameOID.ORGANIZATION_NAME: "Acme GmbH"}


def test_a_device_certificate_lasts_90_days_and_begins_five_minutes_back(authority: Authority) -> None:
    certificate = certificate_of(authority)
    present = NOW.replace(microsecond=0)
    assert certificate.not_valid_before_utc == present - timedelta(minutes=5)
    assert certificate.not_valid_after_utc == present + timedelta(days=90)
    assert certificate.serial_number != certificate_of(authority).serial_number


def test_a_certificate_never_outlives_its_ca(authority: Authority) -> None:
    late = NOW + timedelta(days=3640)
    key = ed25519.Ed25519PrivateKey.generate().public_key()
    certificate = certify(authority, device_id=DEVICE, key=key, organization="Acme", now=late)
    assert certificate.not_valid_after_utc == authority.certificate.not_valid_after_utc


def test_the_ca_signs_devices_only(authority: Authority) -> None:
    extensions = authority.certificate.extensions
    basic = extensions.get_extension_for_class(x509.BasicConstraints)
    assert basic.critical
    assert (basic.value.ca, basic.value.path_length) == (True, 0)
    usage = extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.key_cert_sign
    assert usage.crl_sign
    assert not usage.digital_signature
    assert authority.certificate.not_valid_after_utc == NOW.replace(microsecond=0) + timedelta(days=3650)


def test_the_ca_comes_back_from_what_is_stored(authority: Authority) -> None:
    again = from_pem(to_pem(authority.certificate), private_pem(authority))
    certificate_of(again).verify_directly_issued_by(authority.certificate)


@settings(max_examples=30, deadline=None)
@example(name="ü" * 120)
@example(name="a" + "ü" * 119)
@given(name=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=120))
def test_any_organisation_name_makes_a_ca_and_a_certificate(name: str) -> None:
    authority = new_authority(name, NOW)
    certificate_of(authority, organization=name).verify_directly_issued_by(authority.certificate)
    (common,) = authority.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert name.startswith(str(common.value))
    assert str(common.value)


# --- signing requests


@pytest.mark.parametrize(
    "key",
    [ed25519.Ed25519PrivateKey.generate(), ec.generate_private_key(ec.SECP256R1())],
    ids=["ed25519", "p256"],
)
def test_a_request_answers_its_key(request_for: RequestFor, key: Any) -> None:
    assert requested_key(request_for(key)) == key.public_key()


@pytest.mark.parametrize(
    "key",
    [rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP384R1())],
    ids=["rsa", "p384"],
)
def test_other_kinds_of_key_are_refused(request_for: RequestFor, key: Any) -> None:
    with pytest.raises(Invalid, match="must be Ed25519 or ECDSA P-256") as refused:
        requested_key(request_for(key))
    assert refused.value.details["field"] == "csr"


def flip(pem: str, at: int, mask: int = 1) -> str:
    """The same PEM with one bit of its content changed, counted from the end."""
    lines = pem.strip().splitlines()
    content = bytearray(base64.b64decode("".join(lines[1:-1])))
    content[-at] ^= mask
    return "\n".join([lines[0], base64.encodebytes(content).decode().strip(), lines[-1]]) + "\n"


@pytest.mark.parametrize("at", [1, 40, 90])
def test_a_request_that_its_key_did_not_sign_is_refused(request_for: RequestFor, at: int) -> None:
    with pytest.raises(Invalid):
        requested_key(flip(request_for(ed25519.Ed25519PrivateKey.generate()), at))


def test_a_signature_by_another_key_is_called_that(request_for: RequestFor) -> None:
    with pytest.raises(Invalid, match="signature does not fit"):
        requested_key(flip(request_for(ed25519.Ed25519PrivateKey.generate()), 1))


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_damaged_requests_are_refused_as_such(request_for: RequestFor, data: st.DataObject) -> None:
    whole = request_for(ed25519.Ed25519PrivateKey.from_private_bytes(b"k" * 32))
    cut = data.draw(st.integers(0, len(whole) - 2))
    keep = data.draw(st.integers(0, len(whole)))
    damaged = whole[:cut] + data.draw(st.text(max_size=3)) + (whole[keep:] if keep > cut + 3 else "")
    with pytest.raises(Invalid):
        requested_key(damaged)


@settings(max_examples=150, deadline=None)
@given(at=st.integers(1, 147), bit=st.integers(0, 7))
def test_a_changed_bit_never_brings_in_another_key(request_for: RequestFor, at: int, bit: int) -> None:
    key = ed25519.Ed25519PrivateKey.from_private_bytes(b"k" * 32)
    try:
        answered = requested_key(flip(request_for(key), at, 1 << bit))
    except Invalid:
        return
    assert answered == key.public_key()


@pytest.mark.parametrize("nothing", ["", "\x00", "\ud800", "ü", "-----BEGIN CERTIFICATE REQUEST-----", "{}"])
def test_what_is_no_request_is_refused(nothing: str) -> None:
    with pytest.raises(Invalid):
        requested_key(nothing)
