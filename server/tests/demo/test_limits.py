"""How large the demo's budgets are (L1, L2)."""

from hypothesis import given
from hypothesis.strategies import integers

from toktra.demo.limits import BUDGETS, Wanted, limit_of


@given(usual=integers(0, 10**12), used=integers(0, 10**12))
def test_l1_a_usual_month_has_room(usual: int, used: int) -> None:
    limit = limit_of(Wanted(hard_cap=True), usual=usual, used=used)
    assert limit >= max(1_000, usual * 3 // 2)
    assert limit <= max(1_000, usual * 9 // 5)
    assert len(str(limit).rstrip("0")) <= 2


@given(used=integers(1_000, 10**12), percent=integers(1, 99))
def test_l2_a_budget_is_used_as_far_as_it_says(used: int, percent: int) -> None:
    limit = limit_of(Wanted(used_percent=percent), usual=0, used=used)
    assert percent - 2 <= used * 100 / limit <= percent + 1


def test_l2_without_any_use_it_is_sized_by_a_usual_month() -> None:
    assert limit_of(Wanted(used_percent=93), usual=10_000, used=999) == 16_000


def test_no_hard_cap_is_made_to_be_nearly_used_up() -> None:
    assert not [one for one in BUDGETS if one.hard_cap and one.used_percent is not None]
    assert any(70 < (one.used_percent or 0) < 90 for one in BUDGETS)
    assert any(90 < (one.used_percent or 0) < 100 for one in BUDGETS)
