"""Rules of access: the wait after failures, and who is within reach."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toktra.access.rules import (
    DEVICE_SCOPES,
    FREE_FAILURES,
    GRANTABLE_SCOPES,
    LONGEST_WAIT,
    ROLE_SCOPES,
    Reach,
    Role,
    Scope,
    wait_after,
)

IDS = st.sampled_from([UUID(int=n) for n in range(1, 5)])
REACHES = st.one_of(
    st.builds(Reach),
    st.builds(Reach, department_ids=st.frozensets(IDS)),
    st.builds(Reach, user_id=IDS),
)


@given(st.integers(0, 10**9))
def test_waits_grow_and_are_bounded(failures: int) -> None:
    assert timedelta(0) <= wait_after(failures) <= wait_after(failures + 1) <= LONGEST_WAIT


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 0), (4, 0), (5, 1), (6, 2), (7, 4), (14, 512), (15, 900), (10**9, 900)]
)
def test_the_first_failures_are_free_then_waits_double(failures: int, seconds: int) -> None:
    assert wait_after(failures) == timedelta(seconds=seconds)
    assert (seconds > 0) is (failures >= FREE_FAILURES)


@given(REACHES, IDS, IDS)
def test_a_reach_covers_whom_it_names(reach: Reach, user_id: UUID, department_id: UUID) -> None:
    covered = reach.covers(user_id=user_id, department_id=department_id)
    if reach.user_id is not None:
        assert covered is (user_id == reach.user_id)
    elif reach.department_ids is not None:
        assert covered is (department_id in reach.department_ids)
    else:
        assert covered
    if reach.everyone:
        assert covered


def test_only_admins_and_owners_may_change_things() -> None:
    """But for alerts and incidents: managers see to those of their people."""
    writing = {scope for scope in Scope if scope.endswith(":write")} - {
        Scope.EVENTS_WRITE,
        Scope.ALERTS_WRITE,
        Scope.INCIDENTS_WRITE,
    }
    for role in Role:
        may_write = bool(ROLE_SCOPES[role] & writing)
        assert may_write is (role in (Role.OWNER, Role.ADMIN)), role


@pytest.mark.parametrize("scope", [Scope.ALERTS_WRITE, Scope.INCIDENTS_WRITE])
def test_members_may_not_even_settle_alerts_and_incidents(scope: Scope) -> None:
    assert {role for role in Role if scope in ROLE_SCOPES[role]} == set(Role) - {Role.MEMBER}


def test_what_a_device_is_cannot_be_granted() -> None:
    assert Scope.DEVICE not in GRANTABLE_SCOPES
    assert set(Scope) == GRANTABLE_SCOPES | DEVICE_SCOPES
    assert not any(Scope.DEVICE in scopes for scopes in ROLE_SCOPES.values())
