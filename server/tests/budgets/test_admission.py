"""A1 to A3: what is admitted, on random budgets and requests."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from toktra.budgets.rules import Admitted, Extra, Refused, Standing, admit

SMALL = st.integers(0, 1_000)
STANDINGS = st.lists(st.tuples(SMALL, SMALL), min_size=1, max_size=4)
ASKED = st.lists(st.integers(1, 300), max_size=30)


def standings(drawn: list[tuple[int, int]]) -> list[Standing]:
    return [Standing(limit=limit, used=used, held=0) for limit, used in drawn]


@given(STANDINGS, ASKED)
def test_a1_admitted_requests_never_pass_a_cap_together(
    drawn: list[tuple[int, int]], asked: list[int]
) -> None:
    at = standings(drawn)
    rooms = [max(0, one.room) for one in at]
    taken = 0
    for tokens in asked:
        if isinstance(admit(tokens, [tokens] * len(at), at), Admitted):
            taken += tokens
    assert taken <= min(rooms)
    assert all(one.held == taken for one in at)


@given(STANDINGS, st.integers(1, 300))
def test_a2_a_request_is_refused_only_without_room(drawn: list[tuple[int, int]], tokens: int) -> None:
    at = standings(drawn)
    least = min(max(0, one.room) for one in at)
    found = admit(tokens, [tokens] * len(at), at)
    assert isinstance(found, Refused) == (tokens > least)
    if isinstance(found, Refused):
        assert found.missing_tokens == tokens - least
        assert max(0, at[found.by].room) == least
        assert all(one.held == 0 for one in at)


@given(STANDINGS, ASKED, st.lists(st.integers(1, 400), min_size=1, max_size=3))
def test_a3_an_exemption_adds_its_tokens_for_its_user_and_takes_none_from_others(
    drawn: list[tuple[int, int]], asked: list[int], granted: list[int]
) -> None:
    at = standings(drawn)
    extras = [Extra(UUID(int=n), tokens) for n, tokens in enumerate(granted)]
    room = min(max(0, one.room) for one in at)
    taken = 0
    for tokens in asked:
        before = [max(0, one.room) for one in at]
        left = sum(extra.left for extra in extras)
        found = admit(tokens, [tokens] * len(at), at, extras)
        assert isinstance(found, Admitted) == (tokens <= min(before) + left)
        if isinstance(found, Admitted):
            taken += tokens
            drawn_now = sum(part for _, part in found.draws)
            assert drawn_now == max(0, tokens - min(before))
            assert [one.exempt for one in found.parts] == [max(0, tokens - has) for has in before]
    assert taken <= room + sum(granted)
    assert all(
        one.held <= has for one, has in zip(at, [max(0, lim - used) for lim, used in drawn], strict=True)
    )


def test_a_budget_in_money_takes_the_cost_and_says_what_is_missing_in_tokens() -> None:
    tokens_left, micros_left = Standing(10_000, 0, 0), Standing(500, 0, 0)
    found = admit(1_000, [1_000, 2_000], [tokens_left, micros_left])
    assert found == Refused(by=1, missing_tokens=750)
    assert (tokens_left.held, micros_left.held) == (0, 0)


def test_what_an_exemption_covers_in_money_is_drawn_in_tokens() -> None:
    extras = [Extra(UUID(int=1), 100), Extra(UUID(int=2), 900)]
    found = admit(1_000, [2_000], [Standing(500, 0, 0)], extras)
    assert isinstance(found, Admitted)
    assert found.draws == ((UUID(int=1), 100), (UUID(int=2), 650))
    assert [extra.left for extra in extras] == [0, 250]


def test_a_request_that_costs_nothing_fits_even_a_full_budget_in_money() -> None:
    assert isinstance(admit(1_000, [0], [Standing(0, 50, 0)]), Admitted)
