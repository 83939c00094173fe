"""What the server tells a device: which hosts count, how to estimate, how often to report."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from toktra_wire.estimator import Parameters


class ProviderHost(Struct, frozen=True):
    """A host pattern that belongs to a provider. Its one `*` stands for one or more characters."""

    pattern: str
    provider: str


class Intervals(Struct, frozen=True):
    """How often a device reports and asks, in seconds."""

    events_seconds: int = 5
    config_seconds: int = 300
    events_per_batch: int = 50


class Enforcement(Struct, frozen=True):
    """How hard caps bind the device's user."""

    preflight: Annotated[
        bool, Meta(description="Whether a hard cap stands above the user: ask before a request")
    ]
    when_unsure: Annotated[
        Literal["allow", "warn", "block"],
        Meta(description="What to do when the server cannot be reached: the strictest of those hard caps"),
    ]


class DeviceConfig(Struct, frozen=True):
    """The answer of GET /v1/devices/me/config. Its ETag changes when any of it does."""

    wire_version: Annotated[int, Meta(description="Version of the event's shape")]
    hosts: list[ProviderHost]
    estimator: Parameters
    intervals: Intervals
    enforcement: Enforcement
    certificate_not_after: Annotated[str, Meta(description="Renew before this instant")]
