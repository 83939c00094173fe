"""Use cases of devices. Each file is one step of a device's life."""

from toktra.devices.service.certificates import Enrolled, renew_certificate
from toktra.devices.service.codes import give_code
from toktra.devices.service.enrollment import EnrollmentAsk, enroll
from toktra.devices.service.enrollment_tokens import create_enrollment_token, revoke_enrollment_token
from toktra.devices.service.grants import proof_grant, resolve_token
from toktra.devices.service.privacy import note_privacy_hours
from toktra.devices.service.revocation import revoke_device

__all__ = [
    "Enrolled",
    "EnrollmentAsk",
    "create_enrollment_token",
    "enroll",
    "give_code",
    "note_privacy_hours",
    "proof_grant",
    "renew_certificate",
    "resolve_token",
    "revoke_device",
    "revoke_enrollment_token",
]
