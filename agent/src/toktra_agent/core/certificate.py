"""When a device's certificate is due to be renewed: at two thirds of its life."""

from datetime import datetime

from cryptography import x509


def due_at(certificate_pem: str) -> datetime:
    """The instant from which it is to be renewed. ValueError where this is no certificate."""
    certificate = x509.load_pem_x509_certificate(certificate_pem.encode())
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return begins + (ends - begins) * 2 / 3
