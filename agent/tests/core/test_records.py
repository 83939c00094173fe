"""TLS records, walked over chunks of any size (R1 to R3)."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from toktra_agent.core.records import Records

RECORDS = st.lists(st.tuples(st.integers(20, 24), st.integers(0, 400)), max_size=30)
CUTS = st.lists(st.integers(0, 4000), max_size=40)


def written(records: list[tuple[int, int]]) -> bytes:
    return b"".join(bytes([kind, 3, 3]) + length.to_bytes(2) + b"\xff" * length for kind, length in records)


def cut(stream: bytes, cuts: list[int]) -> list[bytes]:
    ends = sorted({min(one, len(stream)) for one in cuts} | {0, len(stream)})
    return [stream[a:b] for a, b in pairwise(ends)]


@given(RECORDS, CUTS)
def test_however_a_stream_is_cut_the_same_records_are_found(
    records: list[tuple[int, int]], cuts: list[int]
) -> None:
    walk = Records()
    found = [one for chunk in cut(written(records), cuts) for one in walk.walk(chunk)]
    assert found == records
    assert not walk.lost


def test_a_record_is_found_with_the_last_byte_of_its_header() -> None:
    walk = Records()
    assert walk.walk(b"\x17\x03\x03\x01") == []
    assert walk.walk(b"\x00") == [(23, 256)]
    assert walk.walk(bytes(255)) == []
    assert walk.walk(b"\x00\x17\x03\x03\x00\x01") == [(23, 1)]


def test_what_is_no_record_ends_the_walk() -> None:
    for header in (b"HTTP/", b"\x17\x02\x03\x00\x10", b"\x17\x03\x03\x48\x01", b"\x13\x03\x03\x00\x10"):
        for chunks in ([header], [header[:2], header[2:]]):
            walk = Records()
            assert [one for chunk in chunks for one in walk.walk(chunk)] == []
            assert walk.lost


def test_nothing_of_the_payload_is_kept() -> None:
    walk = Records()
    walk.walk(b"\x17\x03\x03\x00\x20" + b"secret")
    kept = [getattr(walk, name) for name in Records.__slots__]
    assert all(isinstance(one, int) for one in kept)


def test_unseen_bytes_in_a_record_are_stepped_over() -> None:
    walk = Records()
    walk.walk(b"\x17\x03\x03\x00\x20" + bytes(10))
    walk.skip(22)
    assert walk.walk(b"\x17\x03\x03\x00\x01") == [(23, 1)]
    assert not walk.lost


def test_unseen_bytes_in_which_a_header_was_end_the_walk() -> None:
    beyond = Records()
    beyond.walk(b"\x17\x03\x03\x00\x20" + bytes(10))
    beyond.skip(23)
    within = Records()
    within.walk(b"\x17\x03")
    within.skip(0)
    assert beyond.lost
    assert within.lost
