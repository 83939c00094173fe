"""Reads of devices: lists, one device, the tile's count, and who is behind a device token.

Rows of users and access tokens are joined by name, not through their slices' models: these reads are hot.
"""

from toktra.devices.queries.callers import Caller, caller_behind
from toktra.devices.queries.listing import (
    DeviceFilter,
    OwnedDevice,
    certificate_end,
    device,
    enrolled_count,
    list_devices,
    list_enrollment_tokens,
    reporting_count,
)

__all__ = [
    "Caller",
    "DeviceFilter",
    "OwnedDevice",
    "caller_behind",
    "certificate_end",
    "device",
    "enrolled_count",
    "list_devices",
    "list_enrollment_tokens",
    "reporting_count",
]
