"""A device's configuration as bytes, with the tag that says whether it changed."""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from toktra.access.rules import Actor
from toktra_wire import WIRE_VERSION
from toktra_wire.config import DeviceConfig, Enforcement, Intervals, ProviderHost
from toktra_wire.estimator import Parameters


@dataclass(frozen=True, slots=True)
class Rendered:
    """The bytes of a configuration and their strong ETag (RFC 9110, 8.8.3)."""

    body: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class ConfigParts:
    """What other slices put into a device's configuration."""

    hosts: Sequence[ProviderHost]
    estimator: Parameters
    enforcement: Enforcement


ConfigSource = Callable[[Actor], Awaitable[ConfigParts]]


def render(parts: ConfigParts, not_after: datetime) -> Rendered:
    """The configuration of one device; equal inputs make equal bytes."""
    config = DeviceConfig(
        wire_version=WIRE_VERSION,
        hosts=list(parts.hosts),
        estimator=parts.estimator,
        enforcement=parts.enforcement,
        intervals=Intervals(),
        certificate_not_after=f"{not_after:%Y-%m-%dT%H:%M:%SZ}",
    )
    body = msgspec.json.encode(config)
    return Rendered(body, f'"{hashlib.sha256(body).hexdigest()}"')


def unchanged(if_none_match: str | None, etag: str) -> bool:
    """Whether a client that sends this If-None-Match has this body already (RFC 9110, 13.1.2)."""
    if if_none_match is None:
        return False
    known = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return "*" in known or etag in known
