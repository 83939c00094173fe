"""R1 to R3: a year of months against an independent calculation; and what may be said of many."""

from collections import Counter
from collections.abc import Mapping
from decimal import ROUND_FLOOR, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toktra.personal.rules import (
    NOTHING,
    REST,
    Cell,
    Figures,
    Month,
    follow,
    following,
    rolled_over,
    withheld_of,
)
from toktra_wire.figures import FEWEST

TIERS = {
    "ic-engineer": (200_000, 50),
    "senior-engineer": (500_000, 50),
    "staff-engineer": (1_000_000, 75),
    "manager": (300_000, 100),
}
"""Those of the document: monthly tokens, and the percentage that may roll over. No cap: all of it."""


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


TIERS_OF_MANY = st.dictionaries(st.sampled_from(list("abcdef")), CELLS)


@given(tiers=TIERS_OF_MANY)
def test_nothing_about_few_can_be_worked_out(tiers: Mapping[str, Cell]) -> None:
    """Whatever is withheld is at least FEWEST together, or nothing is told."""
    withheld = withheld_of(tiers)
    if withheld is None:
        assert sum(cell.accounts for cell in tiers.values()) < FEWEST
        return
    assert all(tiers[name].accounts >= FEWEST for name in tiers.keys() - withheld)
    hidden = sum(tiers[name].accounts for name in withheld)
    assert hidden == 0 or hidden >= FEWEST


def test_figures_are_rounded() -> None:
    assert Cell(5, 200_499, 1_500).rounded == Cell(5, 200_000, 2_000)


@given(data=st.data())
def test_no_two_days_differ_by_the_use_of_few(data: st.DataObject) -> None:
    """R4, attacked: days of use, people who come and go; then every group that moved, and every difference of
    what is told between two days, is of FEWEST accounts or more."""
    used: dict[str, list[int]] = {name: [0] * n for name, n in data.draw(_SIZES).items()}
    told = {name: list(each) for name, each in used.items()}
    gone: Counter[str] = Counter()
    before = None
    for _ in range(4):
        _live_a_day(data, used, told, gone)
        cells = {name: Cell(len(each), 0, sum(each)) for name, each in used.items() if each}
        changed = {
            name: sum(a != b for a, b in zip(each, told[name], strict=True)) + gone[name]
            for name, each in used.items()
        }
        figures, new = follow(before, cells, changed)
        if figures is not None and before is not None:
            if figures.withheld == before.withheld:
                for group, cell in figures.groups.items():
                    names = figures.withheld if group == REST else {group}
                    few = sum(changed[name] for name in names) < FEWEST
                    assert not few or cell.used == _used(before, group)
            difference = sum(changed[name] for name in new)
            assert figures.total.used == before.total.used or difference >= FEWEST
        for name in new:
            told[name] = list(used[name])
            gone[name] = 0
        before = figures


_SIZES = st.dictionaries(st.sampled_from(list("abc")), st.integers(0, 12), min_size=1)


def _live_a_day(
    data: st.DataObject, used: dict[str, list[int]], told: dict[str, list[int]], gone: Counter[str]
) -> None:
    for name in used:
        for index in range(len(used[name])):
            used[name][index] += data.draw(st.sampled_from([0, 0, 7]))
        for _ in range(data.draw(st.integers(0, 2))):
            if data.draw(st.booleans()):
                used[name].append(data.draw(st.sampled_from([0, 5])))
                told[name].append(0)
            elif used[name]:
                used[name].pop()
                told[name].pop()
                gone[name] += 1


def _used(figures: Figures, group: str) -> int:
    return figures.groups.get(group, NOTHING).used


def test_one_person_more_moves_nothing() -> None:
    """Enrol one, or withdraw one, and compare the days."""
    tiers = {"a": Cell(10, 0, 1_000), "b": Cell(6, 0, 500)}
    before, _ = follow(None, tiers, {"a": 10, "b": 6})
    one_more = {"a": Cell(11, 0, 1_900), "b": Cell(6, 0, 500)}
    after, new = follow(before, one_more, {"a": 1, "b": 0})
    assert before is not None
    assert after is not None
    assert after.groups["a"] == before.groups["a"]
    assert new == {"b"}


def test_a_tier_of_one_is_withheld_and_takes_another_with_it() -> None:
    tiers = {"a": Cell(10, 0, 1_000), "b": Cell(6, 0, 500), "boss": Cell(1, 0, 77)}
    figures, _ = follow(None, tiers, {"a": 10, "b": 6, "boss": 1})
    assert figures is not None
    assert figures.withheld == {"b", "boss"}
    assert figures.groups == {"a": Cell(10, 0, 1_000), REST: Cell(7, 0, 577)}
