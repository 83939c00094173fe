"""One direction of a TCP connection, put in order (I1, I2)."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toktra_agent.core.in_order import MOST_BYTES, MOST_SEGMENTS, InOrder, Piece

FIRST = (1 << 32) - 100  # sequence numbers wrap on the way
STREAM = bytes(range(256)) * 4


def taken(segments: list[tuple[int, int]], *, snapped: int = 1 << 20) -> list[Piece]:
    """Segments of the stream, from a place on and so long, of which at most `snapped` bytes were captured."""
    order = InOrder(FIRST)
    return [
        piece
        for at, length in segments
        for piece in order.take((FIRST + at) % (1 << 32), STREAM[at : at + length][:snapped], length)
    ]


def joined(pieces: list[Piece]) -> bytes:
    return b"".join(piece for piece in pieces if isinstance(piece, bytes))


@given(
    st.lists(st.integers(1, len(STREAM) - 1), max_size=MOST_SEGMENTS - 2, unique=True),
    st.randoms(use_true_random=False),
    st.data(),
)
def test_in_any_order_and_some_twice_the_stream_comes_out_once(
    cuts: list[int], random: Random, data: st.DataObject
) -> None:
    ends = [0, *sorted(cuts), len(STREAM)]
    segments = [(a, b - a) for a, b in pairwise(ends)]
    again = data.draw(st.lists(st.sampled_from(segments), max_size=4))
    shuffled = segments + again
    random.shuffle(shuffled)
    assert joined(taken(shuffled)) == STREAM


def test_segments_that_overlap_come_out_once() -> None:
    assert joined(taken([(0, 100), (50, 100), (0, 200), (300, 100), (150, 200), (390, 30)])) == STREAM[:420]


def test_of_a_cut_packet_the_rest_comes_out_as_missed() -> None:
    assert taken([(0, 100), (100, 20)], snapped=60) == [STREAM[:60], 40, STREAM[100:120]]
    assert taken([(0, 80), (0, 100)], snapped=60) == [STREAM[:60], 20, 20]


def test_a_gap_is_given_up_when_too_many_segments_wait() -> None:
    ahead = [(10 + 2 * number, 1) for number in range(MOST_SEGMENTS)]
    assert taken(ahead) == []
    pieces = taken([*ahead, (500, 10)])
    assert pieces[:2] == [10, STREAM[10:11]]


def test_a_gap_is_given_up_when_too_many_bytes_wait() -> None:
    order = InOrder(0)
    half = bytes(MOST_BYTES // 2)
    assert order.take(10, half, len(half)) == []
    assert order.take(10 + len(half), half, len(half)) == []
    assert order.take(10 + 2 * len(half), b"x", 1) == [10, half, half, b"x"]


@pytest.mark.parametrize("at", [0, 50])
def test_an_empty_segment_is_nothing(at: int) -> None:
    assert taken([(at, 0)]) == []
