"""Reads of devices: lists, one device, the tile's counts, and who is behind a device token.

Rows of users and access tokens are joined by name, not through their slices' models: these reads are hot.
"""

from toktra.devices.queries.callers import Caller, caller_behind
from toktra.devices.queries.listing import (
    Counted,
    DeviceFilter,
    OwnedDevice,
    certificate_end,
    counted,
    device,
    list_devices,
    list_enrollment_tokens,
)

__all__ = [
    "Caller",
    "Counted",
    "DeviceFilter",
    "OwnedDevice",
    "caller_behind",
    "certificate_end",
    "counted",
    "device",
    "list_devices",
    "list_enrollment_tokens",
]
