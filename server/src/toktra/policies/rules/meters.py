"""What is added up to tell whether a trigger holds. Pure.

M1: meters belong to budgets, departments and users, never to policies: however many policies look at one, it
    is one sum.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Literal, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from toktra.budgets.rules import PeriodKind, period_at

Unit = Literal["tokens", "micros"]
_MOST_MINUTES = 20_000
_WEEK = 7 * 1440


class Meter(NamedTuple):
    """One sum: of a budget or a department in a period, or of a user in an hour."""

    kind: Literal["budget", "department", "user"]
    id: UUID
    period: PeriodKind | Literal["hour"]
    unit: Unit
    starts_at: datetime


class Moment(NamedTuple):
    """When an event was, in the organisation's zone. `minute`: of the week, Monday 00:00 being 0."""

    day: date
    hour_starts_at: datetime
    minute: int


class Where(NamedTuple):
    """What decides which meters an event is added to."""

    user_id: UUID
    department_id: UUID
    day: date
    hour_starts_at: datetime


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """A budget that some policy looks at."""

    id: UUID
    kind: PeriodKind
    unit: Unit
    department_id: UUID | None
    user_id: UUID | None


@dataclass(slots=True)
class Places:
    """Where an organisation's events are added up, as far as some policy looks there."""

    zone: ZoneInfo
    parents: Mapping[UUID, UUID | None]
    budgets: tuple[BudgetLine, ...] = ()
    departments: frozenset[tuple[UUID | None, PeriodKind, Unit]] = frozenset()
    """Department (None: each), period, unit."""
    users: bool = False
    _above: dict[UUID, tuple[UUID, ...]] = field(default_factory=dict)
    _moments: dict[int, Moment] = field(default_factory=dict)
    _starts: dict[tuple[PeriodKind, date], datetime] = field(default_factory=dict)
    _templates: dict[tuple[UUID, UUID], tuple[tuple[str, UUID, PeriodKind, Unit], ...]] = field(
        default_factory=dict
    )

    def above(self, department_id: UUID) -> tuple[UUID, ...]:
        """A department and those above it, the nearest first."""
        known = self._above.get(department_id)
        if known is None:
            chain: list[UUID] = []
            at: UUID | None = department_id
            while at is not None and at not in chain:
                chain.append(at)
                at = self.parents.get(at)
            known = self._above[department_id] = tuple(chain)
        return known

    def at_minute(self, minute: int) -> Moment:
        """A minute since 1970 in the organisation's zone, worked out once."""
        known = self._moments.get(minute)
        if known is None:
            if len(self._moments) >= _MOST_MINUTES:
                self._moments.clear()
            known = self._moments[minute] = self._moment(minute)
        return known

    def _moment(self, minute: int) -> Moment:
        local = datetime.fromtimestamp(minute * 60, self.zone)
        hour = local - timedelta(minutes=local.minute)
        of_week = local.weekday() * 1440 + local.hour * 60 + local.minute
        return Moment(local.date(), hour.astimezone(UTC), of_week % _WEEK)

    def meters(self, where: Where) -> Iterator[Meter]:
        """The meters that an event there is added to."""
        for kind, of_id, period, unit in self._template(where.user_id, where.department_id):
            yield Meter(kind, of_id, period, unit, self._start(period, where.day))  # type: ignore[arg-type]
        if self.users:
            yield Meter("user", where.user_id, "hour", "tokens", where.hour_starts_at)

    def _start(self, period: PeriodKind, day: date) -> datetime:
        known = self._starts.get((period, day))
        if known is None:
            if len(self._starts) >= _MOST_MINUTES:
                self._starts.clear()
            noon = datetime(day.year, day.month, day.day, 12, tzinfo=self.zone)
            known = self._starts[period, day] = period_at(period, noon, self.zone).starts_at
        return known

    def _template(self, user_id: UUID, department_id: UUID) -> tuple[tuple[str, UUID, PeriodKind, Unit], ...]:
        known = self._templates.get((user_id, department_id))
        if known is None:
            if len(self._templates) >= _MOST_MINUTES:
                self._templates.clear()
            known = self._templates[user_id, department_id] = tuple(self._fitting(user_id, department_id))
        return known

    def _fitting(self, user_id: UUID, department_id: UUID) -> Iterator[tuple[str, UUID, PeriodKind, Unit]]:
        above = self.above(department_id)
        for line in self.budgets:
            if line.user_id == user_id or line.department_id in above:
                yield "budget", line.id, line.kind, line.unit
        for at in above:
            for wanted, period, unit in self.departments:
                if wanted in (None, at) and not (wanted is None and (at, period, unit) in self.departments):
                    yield "department", at, period, unit
