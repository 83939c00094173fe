"""When policies fire. Pure: one engine for live events and for history.

J1: a policy fires for an event at which its trigger holds and that its conditions match; once per subject and
    window, with a count of such events.
J2: judging all events at once, in groups, or one by one finds the same.
J3: an event costs about the same whatever the number of policies: what policies can tell apart is its key,
    and which policies match a key is worked out once.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from toktra.policies.rules.conditions import (
    Condition,
    Facts,
    TimeOfDay,
    TokenCount,
    counts,
    leaves,
    matches,
    windows,
)
from toktra.policies.rules.meters import Meter, Moment, Places, Where
from toktra.policies.rules.policy import Content

_MOST_KEYS = 100_000


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One version of a policy that is to be judged."""

    id: UUID
    version: int
    name: str
    content: Content
    shadow: bool = False


class Event(NamedTuple):
    """A request, as policies see it."""

    user_id: UUID
    department_id: UUID
    provider: str
    model: str
    tokens: int
    micros: int
    moment: Moment


class Standing(NamedTuple):
    """A meter before the events that are judged, and from which sum on which rule's trigger holds."""

    before: int
    limits: tuple[tuple[int, int], ...]
    """Place of the rule, and the sum."""


@dataclass(slots=True)
class Found:
    """How often a rule found its trigger holding on one meter, and of whom."""

    events: int = 0
    tokens: int = 0
    first: int = 1 << 62
    """The number of the first of these events in its group."""
    users: set[UUID] = field(default_factory=set)

    def add(self, many: int, tokens: int, first: int, user_id: UUID) -> None:
        self.events += many
        self.tokens += tokens
        self.first = min(self.first, first)
        self.users.add(user_id)


FoundBy = dict[tuple[int, Meter], Found]
"""By the rule's place and the meter: its subject and window."""


class _Key(NamedTuple):
    """All that policies can tell apart of an event."""

    user_id: UUID
    department_id: UUID
    provider: str
    model: str
    tokens: int
    minute: int
    day: object
    hour_starts_at: object


@dataclass(slots=True)
class _Same:
    """Events of one key."""

    sample: Event
    where: Where
    many: int = 0
    tokens: int = 0
    micros: int = 0
    first: int = 0


@dataclass(slots=True)
class RuleSet:
    """An organisation's policies, ready to judge. Its rules watch usage."""

    rules: tuple[Rule, ...]
    places: Places
    _token_cuts: list[int] = field(init=False)
    _minute_cuts: list[int] = field(init=False)
    _matching: dict[_Key, frozenset[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        trees = [rule.content.conditions for rule in self.rules]
        self._token_cuts, self._minute_cuts = token_cuts(trees), minute_cuts(trees)

    def sort(self, events: Sequence[Event]) -> "Sorted":
        """Events by their key, and what they add to which meter (J3)."""
        same: dict[_Key, _Same] = {}
        keys: list[_Key] = []
        for number, event in enumerate(events):
            key = self._key(event)
            keys.append(key)
            alike = same.get(key)
            if alike is None:
                alike = same[key] = _Same(event, _where(event), first=number)
            alike.many += 1
            alike.tokens += event.tokens
            alike.micros += event.micros
        return Sorted(self, events, keys, same)

    def matching(self, key: _Key, sample: Event) -> frozenset[int]:
        """The places of the rules whose conditions match events of this key."""
        known = self._matching.get(key)
        if known is None:
            if len(self._matching) >= _MOST_KEYS:
                self._matching.clear()
            facts = facts_of(sample, self.places)
            known = self._matching[key] = frozenset(
                place for place, rule in enumerate(self.rules) if matches(rule.content.conditions, facts)
            )
        return known

    def _key(self, event: Event) -> _Key:
        moment = event.moment
        return _Key(
            event.user_id,
            event.department_id,
            event.provider,
            event.model,
            bisect_right(self._token_cuts, event.tokens),
            bisect_right(self._minute_cuts, moment.minute),
            moment.day,
            moment.hour_starts_at,
        )


@dataclass(slots=True)
class Sorted:
    """A group of events, sorted for one set of rules."""

    rules: RuleSet
    events: Sequence[Event]
    keys: list[_Key]
    same: dict[_Key, _Same]
    added: dict[Meter, int] = field(default_factory=dict)
    """What the group adds to each meter."""
    _meters: dict[Where, tuple[Meter, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for alike in self.same.values():
            for meter in self._of(alike.where):
                amount = alike.tokens if meter.unit == "tokens" else alike.micros
                self.added[meter] = self.added.get(meter, 0) + amount

    def judge(self, standings: Mapping[Meter, Standing]) -> FoundBy:
        """What fires, given how the meters stood before (J1)."""
        over: dict[Meter, list[int]] = {}
        crossing: dict[Meter, list[tuple[int, int]]] = {}
        for meter, (before, limits) in standings.items():
            for place, limit in limits:
                if before >= limit:
                    over.setdefault(meter, []).append(place)
                elif before + self.added.get(meter, 0) >= limit:
                    crossing.setdefault(meter, []).append((place, limit))
        found: FoundBy = {}
        if over:
            self._count_over(over, found)
        if crossing:
            self._walk(crossing, standings, found)
        return found

    def firing_meters(self, number: int) -> tuple[Meter, ...]:
        """The meters an event is on, where there is one rule; none where its conditions do not match."""
        key = self.keys[number]
        alike = self.same[key]
        return self._of(alike.where) if self.rules.matching(key, alike.sample) else ()

    def _count_over(self, over: Mapping[Meter, list[int]], found: FoundBy) -> None:
        """Where the trigger held before, every matching event counts."""
        for key, alike in self.same.items():
            watched = [(meter, over[meter]) for meter in self._of(alike.where) if meter in over]
            if not watched:
                continue
            matching = self.rules.matching(key, alike.sample)
            for meter, places in watched:
                for place in matching.intersection(places):
                    found.setdefault((place, meter), Found()).add(
                        alike.many, alike.tokens, alike.first, alike.sample.user_id
                    )

    def _walk(
        self,
        crossing: Mapping[Meter, list[tuple[int, int]]],
        standings: Mapping[Meter, Standing],
        found: FoundBy,
    ) -> None:
        """Where it comes to hold in this group, only events from there on count: one by one."""
        sums = {meter: standings[meter].before for meter in crossing}
        for number, (key, event) in enumerate(zip(self.keys, self.events, strict=True)):
            for meter in self._of(self.same[key].where):
                if meter not in sums:
                    continue
                sums[meter] += event.tokens if meter.unit == "tokens" else event.micros
                matching = self.rules.matching(key, self.same[key].sample)
                for place, limit in crossing[meter]:
                    if sums[meter] >= limit and place in matching:
                        found.setdefault((place, meter), Found()).add(1, event.tokens, number, event.user_id)

    def _of(self, where: Where) -> tuple[Meter, ...]:
        known = self._meters.get(where)
        if known is None:
            known = self._meters[where] = tuple(self.rules.places.meters(where))
        return known


def facts_of(event: Event, places: Places) -> Facts:
    """What conditions can ask of a request."""
    return Facts(
        user_id=event.user_id,
        department_id=event.department_id,
        above=frozenset(places.above(event.department_id)),
        provider=event.provider,
        model=event.model,
        tokens=event.tokens,
        minute=event.moment.minute,
    )


def token_cuts(trees: Iterable[Condition]) -> list[int]:
    """The token counts at which some condition begins or ceases to match."""
    found: set[int] = set()
    for tree in trees:
        for leaf in leaves(tree):
            if isinstance(leaf, TokenCount):
                found.update(end for end in counts(leaf) if end is not None)
    return sorted(found)


def minute_cuts(trees: Iterable[Condition]) -> list[int]:
    """The minutes of the week at which some condition begins or ceases to match."""
    found: set[int] = set()
    for tree in trees:
        for leaf in leaves(tree):
            if isinstance(leaf, TimeOfDay):
                found.update(minute for window in windows(leaf) for minute in window)
    return sorted(found)


def _where(event: Event) -> Where:
    return Where(event.user_id, event.department_id, event.moment.day, event.moment.hour_starts_at)
