"""Conditions: what an event must be like. Data, checked when it is written, evaluated in one place. Pure.

C1: one evaluation for live events and for history.
C2: a tree is at most MOST_DEEP deep and has at most MOST_LEAVES conditions.
"""

from collections.abc import Iterator
from datetime import time
from fnmatch import fnmatchcase
from typing import Annotated, Literal, get_args
from uuid import UUID

from msgspec import Meta, Struct, field

Level = Literal["low", "medium", "high", "critical"]
LEVELS: tuple[Level, ...] = get_args(Level)
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
OneOf = Literal["equals", "in", "not_in"]

MOST_DEEP = 5
MOST_LEAVES = 100
MOST_VALUES = 1_000
DAY_MINUTES = 1_440
MOST_TOKENS = 10**12

Word = Annotated[str, Meta(min_length=1, max_length=120, pattern=r"\A[A-Za-z0-9._:/@+*-]+\Z")]
Words = Annotated[list[Word], Meta(min_length=1, max_length=MOST_VALUES)]
Ids = Annotated[list[UUID], Meta(min_length=1, max_length=MOST_VALUES)]
Count = Annotated[int, Meta(ge=0, le=MOST_TOKENS)]
Clock = Annotated[str, Meta(pattern=r"\A([01][0-9]|2[0-3]):[0-5][0-9]\Z|\A24:00\Z", description="HH:MM")]


class _Node(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="match"):
    """A node of the tree; `match` says which."""


class RiskLevel(_Node, frozen=True, tag="risk_level"):
    """How grave a risk event is: low, medium, high, critical."""

    operator: Literal["equals", "in", "not_in", "greater", "less"]
    value: Level | Annotated[list[Level], Meta(min_length=1, max_length=4)]


class UserIs(_Node, frozen=True, tag="user_id"):
    """Whose event it is."""

    operator: OneOf
    value: UUID | Ids


class DepartmentIs(_Node, frozen=True, tag="department_id"):
    """The department of whose event it is."""

    operator: OneOf
    value: UUID | Ids
    below: Annotated[bool, Meta(description="With the departments below it")] = True


class TokenCount(_Node, frozen=True, tag="token_count"):
    """Input and output tokens of the event. `between` takes two, both included."""

    operator: Literal["equals", "greater", "less", "between"]
    value: Count | Annotated[list[Count], Meta(min_length=2, max_length=2)]


class Hours(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """From `start` up to, and without, `end`; over midnight where `end` is not later."""

    start: Clock
    end: Clock


class TimeOfDay(_Node, frozen=True, tag="time_of_day"):
    """When it was, in the organisation's time zone. Over midnight the weekday is that of the start."""

    operator: Literal["within_hours"]
    value: Hours
    weekdays: Annotated[list[Weekday], Meta(min_length=1, max_length=7)] = field(
        default_factory=lambda: list(WEEKDAYS)
    )


class ModelIs(_Node, frozen=True, tag="model"):
    """The model's name; `*` stands for any characters."""

    operator: OneOf
    value: Word | Words


class ProviderIs(_Node, frozen=True, tag="provider"):
    """The provider's id, as in usage."""

    operator: OneOf
    value: Word | Words


class All(_Node, frozen=True, tag="all"):
    """Every one of them; nothing in it is always true."""

    conditions: Annotated[list["Condition"], Meta(max_length=MOST_LEAVES)]


class Any(_Node, frozen=True, tag="any"):
    """At least one of them."""

    conditions: Annotated[list["Condition"], Meta(min_length=1, max_length=MOST_LEAVES)]


Leaf = RiskLevel | UserIs | DepartmentIs | TokenCount | TimeOfDay | ModelIs | ProviderIs
Condition = RiskLevel | UserIs | DepartmentIs | TokenCount | TimeOfDay | ModelIs | ProviderIs | All | Any


class Facts(Struct, frozen=True, kw_only=True):
    """What conditions can ask of an event. `above`: its department and those above. `minute`: of the week."""

    user_id: UUID | None
    department_id: UUID | None
    above: frozenset[UUID]
    provider: str | None = None
    model: str | None = None
    tokens: int | None = None
    minute: int
    risk: Level | None = None


def matches(condition: Condition, facts: Facts) -> bool:
    """Whether an event is like that (C1). What an event does not have matches nothing."""
    match condition:
        case All(conditions=inner):
            return all(matches(one, facts) for one in inner)
        case Any(conditions=inner):
            return any(matches(one, facts) for one in inner)
        case RiskLevel():
            return _risk_matches(condition, facts.risk)
        case UserIs(operator=operator, value=value):
            return _listed(operator, facts.user_id, value)
        case DepartmentIs():
            return _department_matches(condition, facts)
        case TokenCount():
            return facts.tokens is not None and _count_matches(condition, facts.tokens)
        case TimeOfDay():
            return any(start <= facts.minute < end for start, end in windows(condition))
        case ModelIs(operator=operator, value=value):
            return _named(operator, facts.model, value)
        case ProviderIs(operator=operator, value=value):
            return _named(operator, facts.provider, value)


def leaves(condition: Condition) -> Iterator[Leaf]:
    """The conditions of a tree, without its groups."""
    if isinstance(condition, All | Any):
        for inner in condition.conditions:
            yield from leaves(inner)
    else:
        yield condition


def depth(condition: Condition) -> int:
    """How deep a tree is; a leaf is 1."""
    if isinstance(condition, All | Any):
        return 1 + max((depth(inner) for inner in condition.conditions), default=0)
    return 1


def windows(condition: TimeOfDay) -> list[tuple[int, int]]:
    """Its half-open windows in minutes of the week, Monday 00:00 being 0."""
    start, end = _minute(condition.value.start), _minute(condition.value.end)
    length = end - start if end > start else end - start + DAY_MINUTES
    found = []
    for day in condition.weekdays:
        begins = WEEKDAYS.index(day) * DAY_MINUTES + start
        over = begins + length - 7 * DAY_MINUTES
        found.append((begins, min(begins + length, 7 * DAY_MINUTES)))
        if over > 0:
            found.append((0, over))
    return found


def counts(condition: TokenCount) -> tuple[int, int | None]:
    """The half-open range of token counts that match; None: without an end."""
    value = condition.value
    match condition.operator, value:
        case "equals", int():
            return value, value + 1
        case "greater", int():
            return value + 1, None
        case "less", int():
            return 0, value
        case _, [low, high]:
            return low, high + 1
    raise AssertionError("checked when it was written")


def listed(value: object) -> list[object]:
    """One value, or several, as several."""
    return list(value) if isinstance(value, list) else [value]


def _risk_matches(condition: RiskLevel, risk: Level | None) -> bool:
    if risk is None:
        return False
    if condition.operator in ("greater", "less"):
        than = LEVELS.index(condition.value)
        at = LEVELS.index(risk)
        return at > than if condition.operator == "greater" else at < than
    return (risk in listed(condition.value)) != (condition.operator == "not_in")


def _department_matches(condition: DepartmentIs, facts: Facts) -> bool:
    if facts.department_id is None:
        return False
    mine = facts.above if condition.below else {facts.department_id}
    return (not mine.isdisjoint(listed(condition.value))) != (condition.operator == "not_in")


def _listed(operator: OneOf, fact: object, value: object) -> bool:
    return fact is not None and (fact in listed(value)) != (operator == "not_in")


def _named(operator: OneOf, fact: str | None, value: str | list[str]) -> bool:
    if fact is None:
        return False
    found = any(fnmatchcase(fact, str(pattern)) for pattern in listed(value))
    return found != (operator == "not_in")


def _count_matches(condition: TokenCount, tokens: int) -> bool:
    low, end = counts(condition)
    return tokens >= low and (end is None or tokens < end)


def _minute(clock: str) -> int:
    if clock == "24:00":
        return DAY_MINUTES
    at = time.fromisoformat(clock)
    return at.hour * 60 + at.minute
