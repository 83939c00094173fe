"""Who waits for the server's word, and who does not (D1 to D5)."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toktra_agent.core.verdict import (
    AMPLE_TIMES,
    FRESH_SECONDS,
    Way,
    Word,
    remembered,
    unsure,
    way_of,
)
from toktra_agent.core.watching import OPEN
from toktra_wire.config import Enforcement

CAPPED = Enforcement(preflight=True, when_unsure="block")
AMPLE = Word("allow", AMPLE_TIMES * 1_000, asked_at=50.0)

words = st.one_of(
    st.none(),
    st.builds(
        Word,
        st.sampled_from(["allow", "warn", "block"]),
        st.one_of(st.none(), st.integers(-(10**6), 10**9)),
        st.floats(0, 100),
    ),
)
asked = {"tokens": st.integers(1, 10**6), "under_way": st.integers(0, 10**9), "now": st.floats(0, 200)}


def way(last: Word | None, *, tokens: int = 1_000, under_way: int = 0, now: float = 55.0) -> Way:
    return way_of(CAPPED, last, tokens=tokens, under_way=under_way, now=now)


@given(last=words, **asked)
def test_before_there_is_a_configuration_nobody_is_asked(
    last: Word | None, tokens: int, under_way: int, now: float
) -> None:
    assert way_of(None, last, tokens=tokens, under_way=under_way, now=now) is Way.FREE


@given(last=words, **asked)
def test_without_a_hard_cap_no_request_waits_and_the_server_is_asked_now_and_then(
    last: Word | None, tokens: int, under_way: int, now: float
) -> None:
    """D1: the server's word of a cap is good, whatever the configuration says."""
    uncapped = Enforcement(preflight=False, when_unsure="block")
    found = way_of(uncapped, last, tokens=tokens, under_way=under_way, now=now)
    if last is not None and (last.decision == "block" or last.remaining_tokens is not None):
        assert found is way(last, tokens=tokens, under_way=under_way, now=now)
    else:
        fresh = last is not None and 0 <= now - last.asked_at <= FRESH_SECONDS
        assert found is (Way.FREE if fresh else Way.AT_ONCE)


def test_on_no_word_at_all_an_admission_says_nothing() -> None:
    assert remembered(None) == OPEN


@given(last=words, **asked)
def test_at_once_only_with_ample_room_on_a_fresh_word(
    last: Word | None, tokens: int, under_way: int, now: float
) -> None:
    found = way(last, tokens=tokens, under_way=under_way, now=now)
    assert found is not Way.FREE
    if found is Way.AT_ONCE:
        assert last is not None
        assert last.decision != "block"
        assert 0 <= now - last.asked_at <= FRESH_SECONDS
        if last.remaining_tokens is not None:
            assert last.remaining_tokens - under_way >= AMPLE_TIMES * tokens


@pytest.mark.parametrize("decision", ["allow", "warn"])
def test_with_ample_room_a_request_goes_at_once(decision: str) -> None:
    word = replace(AMPLE, decision=decision)  # type: ignore[arg-type]
    assert way(word) is Way.AT_ONCE
    assert way(word, now=word.asked_at) is Way.AT_ONCE
    assert way(word, now=word.asked_at + FRESH_SECONDS) is Way.AT_ONCE


def test_where_no_hard_cap_stood_above_room_is_ample() -> None:
    assert way(replace(AMPLE, remaining_tokens=None)) is Way.AT_ONCE


@pytest.mark.parametrize(
    "last",
    [
        None,
        replace(AMPLE, decision="block"),
        replace(AMPLE, decision="block", remaining_tokens=None),
        replace(AMPLE, remaining_tokens=AMPLE_TIMES * 1_000 - 1),
        replace(AMPLE, asked_at=55.0 - FRESH_SECONDS - 0.001),
        replace(AMPLE, asked_at=56.0),
    ],
)
def test_near_the_cap_or_without_a_fresh_word_a_request_waits(last: Word | None) -> None:
    assert way(last) is Way.WAIT


def test_what_others_ask_for_meanwhile_is_taken_off_the_room() -> None:
    assert way(AMPLE, under_way=1) is Way.WAIT


def test_what_is_remembered_says_what_the_server_said() -> None:
    word = Word("warn", 10**9, 0.0, "Team: 91% is used.", "threshold_passed", "2026-12-01T00:00:00Z")
    found = remembered(word)
    assert (found.decision, found.message, found.reason) == ("warn", word.message, word.reason)
    assert (found.resets_at, found.hold_id) == (word.resets_at, None)


def test_without_an_answer_the_last_configuration_decides() -> None:
    assert unsure(None) == OPEN
    for decision in ("allow", "warn", "block"):
        found = unsure(Enforcement(preflight=True, when_unsure=decision))
        assert (found.decision, found.reason) == (decision, "unsure")
        assert bool(found.message) == (decision != "allow")
