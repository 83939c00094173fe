"""R1, R2, R3: who may give which role."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toktra.access.rules import Role
from toktra.people.rules import cycles, leaves_no_owner, refuse_change
from toktra.people.rules.roles import Refusal

ROLES = st.sampled_from(Role)


@given(st.none() | ROLES, st.none() | ROLES, ROLES)
def test_only_owners_touch_owners(by: Role | None, before: Role | None, after: Role) -> None:
    refusal = refuse_change(by=by, before=before, after=after)
    touches = Role.OWNER in (before, after)
    assert (refusal is Refusal.OWNERS_ONLY) == (touches and by is not Role.OWNER)


@given(st.none() | ROLES, ROLES)
def test_an_owner_may_do_everything_and_nobody_is_stopped_from_changing_nothing(
    before: Role | None, after: Role
) -> None:
    assert refuse_change(by=Role.OWNER, before=before, after=after) is None
    assert refuse_change(by=Role.ADMIN, before=Role.ADMIN, after=Role.ADMIN) is None


@pytest.mark.parametrize(
    ("by", "after", "expected"),
    [
        (Role.MEMBER, Role.MEMBER, None),
        (Role.MEMBER, Role.MANAGER, Refusal.ABOVE_OWN),
        (Role.MANAGER, Role.MANAGER, None),
        (Role.MANAGER, Role.ADMIN, Refusal.ABOVE_OWN),
        (Role.ADMIN, Role.ADMIN, None),
        (None, Role.ADMIN, None),
        (None, Role.OWNER, Refusal.OWNERS_ONLY),
    ],
)
def test_nobody_gives_a_role_above_their_own(by: Role | None, after: Role, expected: Refusal | None) -> None:
    assert refuse_change(by=by, before=None, after=after) is expected


def test_a_manager_keeps_what_they_cannot_give() -> None:
    assert refuse_change(by=Role.MANAGER, before=Role.ADMIN, after=Role.ADMIN) is None


@pytest.mark.parametrize(
    ("was", "stays", "others", "gone"),
    [(True, False, 0, True), (True, False, 1, False), (True, True, 0, False), (False, False, 0, False)],
)
def test_the_last_owner_stays(was: bool, stays: bool, others: int, gone: bool) -> None:
    assert leaves_no_owner(was_owner=was, stays_owner=stays, other_owners=others) is gone


LETTERS = st.sampled_from("abcdefgh")


@given(st.dictionaries(LETTERS, st.none() | LETTERS))
def test_exactly_those_in_a_circle_are_found(managers: dict[str, str | None]) -> None:
    def returns(start: str) -> bool:
        at = managers.get(start)
        for _ in managers:
            if at is None or at == start:
                break
            at = managers.get(at)
        return at == start

    found = cycles(managers)
    assert set(found) == {one for one in managers if returns(one)}
    for one, circle in found.items():
        way = list(circle)
        assert way[0] == way[-1] == one
        assert all(managers[a] == b for a, b in pairwise(way))
        assert len(way) - 1 == len(set(way))


def test_a_long_circle_is_shown_shortened() -> None:
    managers = {str(number): str((number + 1) % 6) for number in range(6)}
    assert str(cycles(managers)["2"]) == "2 → 3 → 4 → 5 → 0 → … → 2"
    del managers["5"]
    assert str(cycles(managers | {"4": "0"})["2"]) == "2 → 3 → 4 → 0 → 1 → 2"


def test_forty_thousand_in_one_circle() -> None:
    managers = {str(number): str((number + 1) % 40_000) for number in range(40_000)}
    assert len({str(circle) for circle in cycles(managers).values()}) == 40_000
