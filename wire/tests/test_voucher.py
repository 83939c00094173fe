"""V1, V2: a voucher is good as it was signed, for its month, and says nobody's name."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from toktra_wire.voucher import Refused, Voucher, check, new_nonce, read, sign

KEY = Ed25519PrivateKey.generate()
PUBLIC = KEY.public_key().public_bytes_raw()
STARTS = datetime(2026, 11, 1, tzinfo=UTC)
ENDS = datetime(2026, 12, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 26, tzinfo=UTC)


def voucher(**changes: object) -> Voucher:
    made = Voucher(
        org_id=UUID(int=1),
        kind="monthly",
        month="2026-11",
        starts_at=STARTS,
        ends_at=ENDS,
        tier="ic-engineer",
        tokens=200_000,
        rollover_percent=50,
        nonce=new_nonce(),
    )
    return msgspec.structs.replace(made, **changes)


def test_it_is_read_as_it_was_signed() -> None:
    made = voucher()
    assert check(sign(made, KEY), PUBLIC, now=NOW) == read(sign(made, KEY)) == made


def test_it_has_no_field_for_anybody() -> None:
    """What could say who is not there; a test of the promise that vouchers never say who."""
    assert set(Voucher.__struct_fields__) == {
        *("org_id", "kind", "month", "starts_at", "ends_at", "tier", "tokens", "rollover_percent"),
        *("reason", "nonce"),
    }


@pytest.mark.parametrize("at", [STARTS - timedelta(seconds=1), ENDS])
def test_before_and_after_its_month_it_is_refused(at: datetime) -> None:
    with pytest.raises(Refused, match="month"):
        check(sign(voucher(), KEY), PUBLIC, now=at)


def test_another_organisations_key_does_not_make_it_good() -> None:
    other = Ed25519PrivateKey.generate()
    with pytest.raises(Refused, match="not signed by this organisation"):
        check(sign(voucher(), other), PUBLIC, now=NOW)


@given(place=st.integers(0, 10_000), by=st.integers(1, 127))
def test_altered_anywhere_it_is_refused(place: int, by: int) -> None:
    text = sign(voucher(nonce="n" * 32), KEY)
    at = place % len(text)
    altered = text[:at] + chr((ord(text[at]) + by) % 128) + text[at + 1 :]
    try:
        found = check(altered, PUBLIC, now=NOW)
    except Refused:
        return
    assert found == read(text), (
        "base64 has more than one way to write the last character, and none to alter it"
    )


@given(text=st.text(max_size=300))
def test_any_text_is_a_voucher_or_refused(text: str) -> None:
    with pytest.raises(Refused):
        read(text)
