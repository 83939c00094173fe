"""Events by the column, and conditions on whole columns. Pure.

L1: a column's answer for an event is what `conditions.matches` says of it: a test compares the two.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TypeVar
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from toktra.policies.rules.conditions import (
    All,
    Any,
    Condition,
    DepartmentIs,
    Facts,
    ModelIs,
    ProviderIs,
    TimeOfDay,
    TokenCount,
    UserIs,
    counts,
    matches,
    windows,
)
from toktra.policies.rules.meters import Moment, Places, Where

Mask = NDArray[np.bool_]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Events:
    """A group of events in their order. `who`: users with their departments, `what`: providers with models.

    `who_of`, `what_of`: of each event the number in these; `minute_of`: since 1970.
    """

    who: Sequence[tuple[UUID, UUID]]
    what: Sequence[tuple[str, str]]
    who_of: NDArray[np.intp]
    what_of: NDArray[np.intp]
    tokens: NDArray[np.int64]
    micros: NDArray[np.int64]
    minute_of: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.tokens)

    def wheres(self, places: Places) -> tuple[list[Where], NDArray[np.intp]]:
        """Where events are added up, and of each event the number of its place."""
        minutes, minute_at = np.unique(self.minute_of, return_inverse=True)
        moments = [places.at_minute(int(minute)) for minute in minutes]
        hours = {moment[:2]: number for number, moment in enumerate(moments)}
        hour_of = np.array([hours[moment[:2]] for moment in moments], dtype=np.int64)[minute_at]
        both, where_of = np.unique(self.who_of * len(moments) + hour_of, return_inverse=True)
        found = []
        for one in both:
            user_id, department_id = self.who[int(one) // len(moments)]
            moment = moments[int(one) % len(moments)]
            found.append(Where(user_id, department_id, moment.day, moment.hour_starts_at))
        return found, where_of


def matching(condition: Condition, events: Events, places: Places) -> Mask:
    """Which events a tree of conditions matches (L1)."""
    if isinstance(condition, All | Any):
        masks = [matching(inner, events, places) for inner in condition.conditions]
        if not masks:
            return np.full(len(events), isinstance(condition, All), dtype=np.bool_)
        return reduce(np.logical_and if isinstance(condition, All) else np.logical_or, masks)
    if isinstance(condition, TokenCount):
        low, end = counts(condition)
        mask = events.tokens >= low
        return mask if end is None else mask & (events.tokens < end)
    if isinstance(condition, TimeOfDay):
        return _in_windows(condition, events, places)
    if isinstance(condition, UserIs | DepartmentIs):
        return _each(events.who, lambda one: matches(condition, _person(one, places)))[events.who_of]
    if isinstance(condition, ModelIs | ProviderIs):
        return _each(events.what, lambda one: matches(condition, _model(one)))[events.what_of]
    return np.zeros(len(events), dtype=np.bool_)


def _in_windows(condition: TimeOfDay, events: Events, places: Places) -> Mask:
    minutes, minute_at = np.unique(events.minute_of, return_inverse=True)
    moments: list[Moment] = [places.at_minute(int(minute)) for minute in minutes]
    inside = windows(condition)
    return _each(moments, lambda one: any(start <= one.minute < end for start, end in inside))[minute_at]


def _each(values: Sequence[T], says: Callable[[T], bool]) -> Mask:
    return np.fromiter((says(one) for one in values), dtype=np.bool_, count=len(values))


def _person(one: tuple[UUID, UUID], places: Places) -> Facts:
    above = frozenset(places.above(one[1]))
    return Facts(user_id=one[0], department_id=one[1], above=above, minute=0)


def _model(one: tuple[str, str]) -> Facts:
    return Facts(user_id=None, department_id=None, above=frozenset(), provider=one[0], model=one[1], minute=0)
