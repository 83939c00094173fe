"""R1 to R3: a year of months against an independent calculation; and what may be said of many."""

from collections.abc import Mapping
from decimal import ROUND_FLOOR, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toktra.personal.rules import FEWEST, Cell, Month, following, published, rolled_over

TIERS = {
    "ic-engineer": (200_000, 50),
    "senior-engineer": (500_000, 50),
    "staff-engineer": (1_000_000, 75),
    "manager": (300_000, 0),
}
"""Those of the document: monthly tokens, and the percentage that may roll over."""


@pytest.mark.parametrize("tier", TIERS)
@given(
    used=st.lists(st.integers(0, 3_000_000), min_size=12, max_size=12),
    bonuses=st.lists(st.integers(0, 100_000), min_size=12, max_size=12),
)
def test_a_year_of_each_tier(tier: str, used: list[int], bonuses: list[int]) -> None:
    """min(budget - used, budget x cap), in decimals and by hand."""
    budget, percent = TIERS[tier]
    before: Month | None = None
    name, expected = "2026-01", Decimal(0)
    for spent, bonus in zip(used, bonuses, strict=True):
        month = Month(
            month=name,
            budget=budget,
            rollover_percent=percent,
            rollover=rolled_over(before, month=name),
            bonus=bonus,
            used=spent,
        )
        assert month.rollover == expected
        assert month.allowance == budget + expected + bonus
        assert month.left == max(Decimal(0), budget + expected + bonus - spent)
        left, most = max(Decimal(0), Decimal(budget) - spent), Decimal(budget) * percent / 100
        expected = min(left, most).to_integral_value(ROUND_FLOOR)
        before, name = month, following(name)
    assert name == "2027-01"


def test_nothing_rolls_over_from_before_a_month_that_was_left_out() -> None:
    november = Month(month="2026-11", budget=1_000, rollover_percent=50)
    assert rolled_over(november, month="2026-12") == 500
    assert rolled_over(november, month="2027-01") == 0
    assert rolled_over(None, month="2026-12") == 0


CELLS = st.builds(Cell, st.integers(1, 12), st.integers(0, 10**7), st.integers(0, 10**7))


@given(tiers=st.dictionaries(st.sampled_from(list("abcdef")), CELLS))
def test_nothing_about_few_can_be_worked_out(tiers: Mapping[str, Cell]) -> None:
    """Whatever is withheld is at least FEWEST together, or nothing is shown."""
    found = published(tiers)
    hidden = [name for name in tiers if found.tiers[name] is None]
    shown = [name for name in tiers if found.tiers[name] is not None]
    assert all(tiers[name].accounts >= FEWEST for name in shown)
    if found.total is None:
        assert not shown
    elif hidden:
        assert sum(tiers[name].accounts for name in hidden) >= FEWEST


def test_figures_are_rounded() -> None:
    found = published({"a": Cell(5, 200_499, 1_500)})
    assert found.total == found.tiers["a"] == Cell(5, 200_000, 2_000)
