"""The organisation's device CA, in X.509 alone: keys, a request and an instant in, a certificate out.

X1: a certificate is only made for a key whose holder has signed the request with it.
X2: the CA signs devices and nothing else: path length 0, and a certificate can only authenticate a client.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeGuard
from uuid import UUID

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from toktra.devices.rules import AUTHORITY_LIFETIME, BACKDATED, CERTIFICATE_LIFETIME
from toktra.kit.errors import Invalid

DeviceKey = ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey

_LONGEST_NAME = 64  # ub-common-name and ub-organization-name of RFC 5280, here in bytes


@dataclass(frozen=True, slots=True)
class Authority:
    """A CA that can sign."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def new_authority(organization: str, now: datetime) -> Authority:
    """A new CA for one organisation's devices."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name((NameOID.ORGANIZATION_NAME, organization), (NameOID.COMMON_NAME, organization))
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    certificate = (
        _builder(name, name, key.public_key(), now)
        .not_valid_after(_whole_seconds(now + AUTHORITY_LIFETIME))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(identifier, critical=False)
        .sign(key, hashes.SHA256())
    )
    return Authority(certificate, key)


def certify(
    authority: Authority, *, device_id: UUID, key: DeviceKey, organization: str, now: datetime
) -> x509.Certificate:
    """A client certificate that says: this key is this device of this organisation (X2)."""
    subject = _name((NameOID.COMMON_NAME, str(device_id)), (NameOID.ORGANIZATION_NAME, organization))
    uri = x509.UniformResourceIdentifier(f"urn:toktra:device:{device_id}")
    issuer = authority.certificate
    return (
        _builder(subject, issuer.subject, key, now)
        .not_valid_after(_whole_seconds(min(now + CERTIFICATE_LIFETIME, issuer.not_valid_after_utc)))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([uri]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(_issued_by(issuer), critical=False)
        .sign(authority.key, hashes.SHA256())
    )


def requested_key(csr: str) -> DeviceKey:
    """The key a signing request is for, once its signature proves that the asker holds it (X1)."""
    try:
        request = x509.load_pem_x509_csr(csr.encode("ascii"))
        key = request.public_key()
        signed = _is_device_key(key) and request.is_signature_valid
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion) as wrong:
        raise Invalid("This is not a PEM certificate signing request (RFC 2986).", field="csr") from wrong
    if not _is_device_key(key):
        raise Invalid("The key must be Ed25519 or ECDSA P-256. Make one of these and ask again.", field="csr")
    if not signed:
        raise Invalid("The signature does not fit the key. Sign the request with its own key.", field="csr")
    return key


def _is_device_key(key: object) -> TypeGuard[DeviceKey]:
    if isinstance(key, ec.EllipticCurvePublicKey):
        return isinstance(key.curve, ec.SECP256R1)
    return isinstance(key, ed25519.Ed25519PublicKey)


def to_pem(thing: x509.Certificate | DeviceKey) -> str:
    """A certificate or a public key as PEM; one key always has one text."""
    if isinstance(thing, x509.Certificate):
        return thing.public_bytes(serialization.Encoding.PEM).decode()
    return thing.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()


def private_pem(authority: Authority) -> bytes:
    """The CA's private key as PKCS#8 PEM: to be sealed, never stored as it is."""
    return authority.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def from_pem(certificate: str, private_key: bytes) -> Authority:
    """The CA that `to_pem` and `private_pem` wrote."""
    key = serialization.load_pem_private_key(private_key, password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return Authority(x509.load_pem_x509_certificate(certificate.encode()), key)


def _builder(subject: x509.Name, issuer: x509.Name, key: DeviceKey, now: datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(_whole_seconds(now - BACKDATED))
    )


def _name(*parts: tuple[x509.ObjectIdentifier, str]) -> x509.Name:
    return x509.Name([x509.NameAttribute(kind, _capped(text)) for kind, text in parts])


def _capped(text: str) -> str:
    return text.encode()[:_LONGEST_NAME].decode(errors="ignore")


def _whole_seconds(instant: datetime) -> datetime:
    """X.509 times carry no fractions; cutting them here keeps table and certificate the same."""
    return instant.replace(microsecond=0)


def _issued_by(issuer: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    identifier = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
