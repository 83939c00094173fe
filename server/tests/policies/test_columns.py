"""L1: conditions on columns say what conditions say of each event alone; and what conditions say."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toktra.policies.rules.columns import Events, matching
from toktra.policies.rules.conditions import Condition, Facts, matches
from toktra.policies.rules.meters import Places

ROOT, TEAM, OTHER = (UUID(int=number) for number in (1, 2, 3))
USERS = [UUID(int=number) for number in (11, 12, 13)]
PARENTS = {ROOT: None, TEAM: ROOT, OTHER: ROOT}
MODELS = [("openai", "gpt-4o"), ("openai", "o3"), ("anthropic", "claude-sonnet-4-5")]
ZONE = ZoneInfo("Europe/Berlin")
START = int(datetime(2026, 3, 28, tzinfo=UTC).timestamp()) // 60  # the clocks change that weekend

one_of = st.sampled_from(["in", "not_in"])
clock = st.builds(lambda hour, minute: f"{hour:02}:{minute:02}", st.integers(0, 23), st.integers(0, 59))
leaves = st.one_of(
    st.builds(
        lambda operator, some: {
            "match": "user_id",
            "operator": operator,
            "value": [str(one) for one in some],
        },
        one_of,
        st.lists(st.sampled_from(USERS), min_size=1, max_size=2),
    ),
    st.builds(
        lambda operator, some, below: {
            "match": "department_id",
            "operator": operator,
            "value": [str(one) for one in some],
            "below": below,
        },
        one_of,
        st.lists(st.sampled_from([ROOT, TEAM, OTHER]), min_size=1, max_size=2),
        st.booleans(),
    ),
    st.builds(
        lambda operator, value: {"match": "token_count", "operator": operator, "value": value},
        st.sampled_from(["equals", "greater", "less"]),
        st.integers(0, 20),
    ),
    st.builds(
        lambda low, more: {"match": "token_count", "operator": "between", "value": [low, low + more]},
        st.integers(0, 20),
        st.integers(0, 9),
    ),
    st.builds(
        lambda start, end, days: {
            "match": "time_of_day",
            "operator": "within_hours",
            "value": {"start": start, "end": end},
            "weekdays": days,
        },
        clock,
        st.one_of(clock, st.just("24:00")),
        st.lists(st.sampled_from(["mon", "wed", "sat", "sun"]), min_size=1, max_size=3, unique=True),
    ),
    st.builds(
        lambda kind, operator, some: {"match": kind, "operator": operator, "value": some},
        st.sampled_from(["model", "provider"]),
        one_of,
        st.lists(st.sampled_from(["gpt-*", "o3", "openai", "claude-*", "*"]), min_size=1, max_size=2),
    ),
    st.just({"match": "risk_level", "operator": "equals", "value": "high"}),
)
trees = st.recursive(
    leaves,
    lambda inner: st.builds(
        lambda match, nodes: {"match": match, "conditions": nodes},
        st.sampled_from(["all", "any"]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=6,
)
events = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 25), st.integers(START, START + 8 * 1440)),
    min_size=1,
    max_size=20,
)


@given(tree=trees, some=events)
def test_columns_say_what_each_event_says(
    tree: dict[str, Any], some: list[tuple[int, int, int, int]]
) -> None:
    condition = msgspec.convert(tree, Condition)
    places = Places(ZONE, PARENTS)
    who = list(zip(USERS, [TEAM, OTHER, ROOT], strict=True))
    whom, which, tokens, minutes = (np.array(column, dtype=np.int64) for column in zip(*some, strict=True))
    columns = Events(who, MODELS, whom, which, tokens, tokens, minutes)
    each = [
        matches(
            condition,
            Facts(
                user_id=who[one[0]][0],
                department_id=who[one[0]][1],
                above=frozenset(places.above(who[one[0]][1])),
                provider=MODELS[one[1]][0],
                model=MODELS[one[1]][1],
                tokens=one[2],
                minute=minute_of_week(one[3]),
            ),
        )
        for one in some
    ]
    assert matching(condition, columns, places).tolist() == each


def minute_of_week(minute: int) -> int:
    local = datetime.fromtimestamp(minute * 60, ZONE)
    return local.weekday() * 1440 + local.hour * 60 + local.minute


@pytest.mark.parametrize(
    ("start", "end", "days", "minute", "inside"),
    [
        ("09:00", "17:00", ["mon"], 9 * 60, True),
        ("09:00", "17:00", ["mon"], 17 * 60, False),
        ("22:00", "06:00", ["mon"], 1440 + 5 * 60 + 59, True),
        ("22:00", "06:00", ["mon"], 1440 + 6 * 60, False),
        ("22:00", "06:00", ["mon"], 23 * 60, True),
        ("22:00", "06:00", ["sun"], 5 * 60, True),
        ("00:00", "24:00", ["tue"], 1440, True),
        ("00:00", "24:00", ["tue"], 2880, False),
        ("08:00", "08:00", ["mon"], 1440 + 7 * 60, True),
    ],
)
def test_windows_are_half_open_and_may_go_over_midnight(
    start: str, end: str, days: list[str], minute: int, inside: bool
) -> None:
    tree = {
        "match": "time_of_day",
        "operator": "within_hours",
        "value": {"start": start, "end": end},
        "weekdays": days,
    }
    facts = Facts(user_id=None, department_id=None, above=frozenset(), minute=minute)
    assert matches(msgspec.convert(tree, Condition), facts) is inside
