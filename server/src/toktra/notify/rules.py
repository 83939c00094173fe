"""What webhooks are told of, how a message is signed, when it is tried again, where none may go. Pure.

W1: a message goes to no address inside: private, loopback, link-local, or one that stands for such a one.
W2: a message is tried for a day, with growing gaps.
"""

import base64
import hashlib
import hmac
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address, IPv6Network
from itertools import accumulate
from typing import Literal, get_args

Event = Literal["alert.created", "alert.resolved", "policy.fired", "incident.opened", "incident.resolved"]
EVENTS: tuple[Event, ...] = get_args(Event)
MessageKind = Literal[
    "alert.created", "alert.resolved", "policy.fired", "incident.opened", "incident.resolved", "webhook.test"
]
WebhookKind = Literal["signed", "slack", "slack_app"]
BodyKind = Literal["signed", "slack"]
WebhookStatus = Literal["active", "disabled"]
DeliveryStatus = Literal["waiting", "delivered", "failed"]
Failure = Literal[
    "timeout", "unreachable", "unknown_host", "refused_address", "status", "webhook_off", "slack"
]

SECRET_PREFIX = "whsec_"  # noqa: S105 - what each secret begins with
ANSWER_WITHIN = timedelta(seconds=10)
PREVIOUS_SECRET_FOR = timedelta(hours=24)

_GAPS = (
    timedelta(seconds=5),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(minutes=40),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=4),
    timedelta(hours=6),
    timedelta(hours=10),
)
TRIES_END_AFTER = list(accumulate(_GAPS, initial=timedelta(0)))[-1]

_TRANSLATED = IPv6Network("64:ff9b::/96")


def gap_after(failures: int) -> timedelta | None:
    """How long to wait after so many failures in a row; None when it is not tried again (W2)."""
    return _GAPS[failures - 1] if failures <= len(_GAPS) else None


def is_inside(address: IPv4Address | IPv6Address) -> bool:
    """Whether it is no address of the open internet (W1)."""
    if isinstance(address, IPv6Address) and (meant := _stands_for(address)) is not None:
        return is_inside(meant)
    return not address.is_global or address.is_multicast


def _stands_for(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that a mapped, translated or tunnelled one leads to."""
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


def signed(
    *, message_id: str, timestamp: int, body: bytes, secrets: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    """The headers that prove who sent a body: Standard Webhooks', and an HMAC of the body alone.

    `secrets` are the present one and, for a day after a change, the one before it.
    """
    content = f"{message_id}.{timestamp}.".encode() + body
    signatures = (f"v1,{base64.b64encode(_mac(_key(one), content)).decode()}" for one in secrets)
    return (
        ("webhook-id", message_id),
        ("webhook-timestamp", str(timestamp)),
        ("webhook-signature", " ".join(signatures)),
        ("x-toktra-signature", f"sha256={_mac(secrets[0].encode(), body).hex()}"),
    )


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(SECRET_PREFIX))


def _mac(key: bytes, content: bytes) -> bytes:
    return hmac.digest(key, content, hashlib.sha256)
