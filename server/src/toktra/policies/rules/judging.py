"""When policies fire. Pure: one engine for live events and for history.

J1: a policy fires for an event at which its trigger holds and that its conditions match; once per subject and
    window, with a count of such events.
J2: judging all events at once, in groups, or one by one finds the same.
J3: events are judged by the column: a policy costs a few operations on whole columns, and only where its
    trigger holds for some of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from toktra.policies.rules.columns import Events, Mask, matching
from toktra.policies.rules.meters import Meter, Places, Where
from toktra.policies.rules.policy import Content


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One version of a policy that is to be judged."""

    id: UUID
    version: int
    name: str
    content: Content
    shadow: bool = False


class Standing(NamedTuple):
    """A meter before the events that are judged, and from which sum on which rule's trigger holds."""

    before: int
    limits: Sequence[tuple[int, int]]
    """Place of the rule, and the sum."""


@dataclass(frozen=True, slots=True)
class Found:
    """The events at which a rule found its trigger holding on one meter, by their places in the group."""

    events: NDArray[np.intp]
    tokens: int
    of: Events

    @property
    def first(self) -> int:
        return int(self.events[0])

    @property
    def users(self) -> frozenset[UUID]:
        """Whose events they are."""
        of_whom = np.bincount(self.of.who_of[self.events], minlength=len(self.of.who))
        return frozenset(self.of.who[int(one)][0] for one in np.flatnonzero(of_whom))


FoundBy = dict[tuple[int, Meter], Found]
"""By the rule's place and the meter: its subject and window."""


@dataclass(slots=True)
class RuleSet:
    """An organisation's policies, ready to judge. Its rules watch usage."""

    rules: tuple[Rule, ...]
    places: Places

    def sort(self, events: Events) -> "Sorted":
        """Events by where they are added up."""
        where, where_of = events.wheres(self.places)
        return Sorted(self, events, where, where_of)


@dataclass(slots=True)
class Sorted:
    """A group of events, and what they add to which meter. `where_of`: the number of each event's place."""

    rules: RuleSet
    events: Events
    where: Sequence[Where]
    where_of: NDArray[np.intp]
    added: dict[Meter, int] = field(default_factory=dict)
    _wheres: dict[Meter, list[int]] = field(default_factory=dict)
    _matching: dict[int, Mask] = field(default_factory=dict)

    def __post_init__(self) -> None:
        many = len(self.where)
        # Sums of at most some millions of events stay far below 2**53, up to which a double is exact.
        sums = {
            "tokens": np.bincount(self.where_of, self.events.tokens, many),
            "micros": np.bincount(self.where_of, self.events.micros, many),
        }
        for number, where in enumerate(self.where):
            for meter in self.rules.places.meters(where):
                self.added[meter] = self.added.get(meter, 0) + int(sums[meter.unit][number])
                self._wheres.setdefault(meter, []).append(number)

    def judge(self, standings: Mapping[Meter, Standing]) -> FoundBy:
        """What fires, given how the meters stood before (J1, J3)."""
        found: FoundBy = {}
        for meter, (before, limits) in standings.items():
            after = before + self.added.get(meter, 0)
            holding = [(place, limit) for place, limit in limits if after >= limit]
            if not holding:
                continue
            here = self._here(meter)
            sums: NDArray[np.int64] | None = None
            for place, limit in holding:
                mask = here & self.matching(place)
                if before < limit:
                    if sums is None:
                        sums = before + np.cumsum(np.where(here, self._amounts(meter), 0))
                    mask &= sums >= limit
                if mask.any():
                    found[place, meter] = self._found(mask)
        return found

    def matching(self, place: int) -> Mask:
        """Which events a rule's conditions match."""
        known = self._matching.get(place)
        if known is None:
            conditions = self.rules.rules[place].content.conditions
            known = self._matching[place] = matching(conditions, self.events, self.rules.places)
        return known

    def _here(self, meter: Meter) -> Mask:
        """Which events are added to a meter."""
        wanted = np.zeros(len(self.where), dtype=np.bool_)
        wanted[self._wheres[meter]] = True
        return wanted[self.where_of]

    def _amounts(self, meter: Meter) -> NDArray[np.int64]:
        return self.events.tokens if meter.unit == "tokens" else self.events.micros

    def _found(self, mask: Mask) -> Found:
        at = np.flatnonzero(mask)
        return Found(at, int(self.events.tokens[at].sum()), self.events)
