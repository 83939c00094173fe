"""W1, W2, and signatures that the standard's own library accepts."""

import base64
import hashlib
import hmac
from datetime import timedelta
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from toktra.kit.clock import utc_now
from toktra.notify.rules import gap_after, is_inside, signed

SECRETS = st.binary(min_size=32, max_size=32).map(lambda key: "whsec_" + base64.b64encode(key).decode())


@given(secret=SECRETS, before=SECRETS, other=SECRETS, body=st.text(max_size=200))
def test_the_library_accepts_what_either_secret_signed_and_nothing_else(
    secret: str, before: str, other: str, body: str
) -> None:
    sent = body.encode("utf-8", "ignore")
    timestamp = int(utc_now().timestamp())
    headers = dict(signed(message_id="m", timestamp=timestamp, body=sent, secrets=(secret, before)))
    for good in (secret, before):
        Webhook(good).verify(sent, headers, json_parse=False)
    if other not in (secret, before):
        with pytest.raises(WebhookVerificationError):
            Webhook(other).verify(sent, headers, json_parse=False)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(sent + b"!", headers, json_parse=False)
    plain = hmac.new(secret.encode(), sent, hashlib.sha256).hexdigest()
    assert headers["x-toktra-signature"] == f"sha256={plain}"


def test_gaps_grow_and_last_a_day() -> None:
    gaps = []
    while (gap := gap_after(len(gaps) + 1)) is not None:
        gaps.append(gap)
    assert gaps == sorted(set(gaps))
    assert timedelta(days=1) <= sum(gaps, timedelta(0)) < timedelta(days=1, hours=1)
    assert gap_after(len(gaps) + 2) is None


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.9.9.9",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
        "2001:0:4136:e378:8000:63bf:80ff:fffe",
    ],
)
def test_inside(address: str) -> None:
    assert is_inside(ip_address(address))


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_outside(address: str) -> None:
    assert not is_inside(ip_address(address))
