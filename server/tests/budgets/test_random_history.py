"""At every instant of a random history: what is enforced is usage and live holds, and no more.

An oracle keeps its own books of events and holds, from the rules alone. After each step the API must agree
with it; a request must be admitted exactly when the oracle sees room; and recounting must find nothing.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from toktra.budgets.rules import PeriodKind, period_at
from toktra.kit.database import raw_connection
from toktra.metering import partitions

ZONE = ZoneInfo("Europe/Berlin")
BEGINS_AT = datetime(2026, 3, 28, 22, 30, tzinfo=UTC)  # before midnight, and before the clocks change
TOKENS = st.integers(1, 600)
PEOPLE = st.sampled_from(["member", "admin"])
ABOVE = {"member": ("own", "team", "whole"), "admin": ("whole",)}
KINDS = {"own": PeriodKind.DAILY, "team": PeriodKind.WEEKLY, "whole": PeriodKind.MONTHLY}
HELD_FOR = timedelta(seconds=600)

Slot = tuple[str, datetime]


@dataclass
class Hold:
    """What the oracle knows of an admitted request: the tokens, and what an exemption covers, by budget."""

    who: str
    tokens: int
    lapses_at: datetime
    exempt: dict[Slot, int]
    drawn: dict[int, int]


@dataclass
class Oracle:
    """Its own books, kept from the rules and nothing else."""

    limits: dict[str, int]
    used: dict[Slot, int] = field(default_factory=dict)
    covered: dict[Slot, int] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)
    grants: list[list[Any]] = field(default_factory=list)  # who, ends at, left

    def slot(self, name: str, at: datetime) -> Slot:
        return name, period_at(KINDS[name], at, ZONE).starts_at

    def use(self, who: str, tokens: int, at: datetime) -> None:
        for name in ABOVE[who]:
            slot = self.slot(name, at)
            if slot in self.first_periods:
                self.used[slot] = self.used.get(slot, 0) + tokens

    @property
    def first_periods(self) -> "_FromTheFirst":
        return _FromTheFirst(self)

    def live(self, now: datetime) -> list[Hold]:
        return [hold for hold in self.holds.values() if hold.lapses_at > now]

    def held(self, slot: Slot, now: datetime, *, exempt: bool = True) -> int:
        return sum(
            hold.tokens - (0 if exempt else hold.exempt[slot])
            for hold in self.live(now)
            if slot in hold.exempt
        )

    def room(self, name: str, rolled_over: int, now: datetime) -> int:
        slot = self.slot(name, now)
        general = max(0, self.used.get(slot, 0) - self.covered.get(slot, 0))
        return self.limits[name] + rolled_over - general - self.held(slot, now, exempt=False)

    def left(self, who: str, now: datetime) -> dict[int, int]:
        """What is left of each grant, without what live holds draw."""
        return {
            number: left - sum(hold.drawn.get(number, 0) for hold in self.live(now))
            for number, (whose, ends_at, left) in enumerate(self.grants)
            if whose == who and now < ends_at
        }

    def admit(self, who: str, tokens: int, hold_id: str, rooms: dict[str, int], now: datetime) -> None:
        over = {self.slot(name, now): max(0, tokens - max(0, rooms[name])) for name in ABOVE[who]}
        wanted, drawn = max(over.values()), {}
        for number, left in self.left(who, now).items():
            drawn[number] = min(left, wanted)
            wanted -= drawn[number]
        self.holds[hold_id] = Hold(who, tokens, now + HELD_FOR, over, drawn)

    def settle(self, hold_id: str, tokens: int, at: datetime) -> None:
        hold = self.holds.pop(hold_id)
        self.use(hold.who, tokens, at)
        if hold.lapses_at <= at:
            return
        for slot, exempt in hold.exempt.items():
            if slot != self.slot(slot[0], at):
                continue
            beyond = max(0, tokens - (hold.tokens - exempt))
            self.covered[slot] = self.covered.get(slot, 0) + min(exempt, beyond)
        spent = max(0, tokens - (hold.tokens - sum(hold.drawn.values())))
        for number, drawn in hold.drawn.items():
            self.grants[number][2] -= min(drawn, spent)
            spent -= min(drawn, spent)


@dataclass
class _FromTheFirst:
    """Usage counts from the period in which a budget was made."""

    oracle: Oracle

    def __contains__(self, slot: Slot) -> bool:
        return slot[1] >= period_at(KINDS[slot[0]], BEGINS_AT, ZONE).starts_at


@pytest.fixture(scope="session")
async def loop() -> asyncio.AbstractEventLoop:
    """The loop that the app lives in; it stands still while a test is not waiting for it."""
    return asyncio.get_running_loop()


@pytest.fixture
def partitions_made(engine: AsyncEngine) -> Callable[[datetime], Any]:
    async def make(now: datetime) -> None:
        async with raw_connection(engine) as connection:
            await partitions.make(connection, now=now, back=timedelta(days=40))

    return make


def test_whatever_happens_the_counters_are_usage_and_live_holds(
    make: Any, purse_of: Any, clock: Any, loop: asyncio.AbstractEventLoop, partitions_made: Any
) -> None:
    do = loop.run_until_complete

    class History(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            clock.now = BEGINS_AT
            self.organization = do(make())
            self.purse = purse_of(self.organization)
            do(partitions_made(BEGINS_AT + timedelta(days=30)))
            self.oracle = Oracle({"own": 1_500, "team": 2_500, "whole": 6_000})
            self.ids = {
                "own": self.made(
                    limit_tokens=1_500, period="daily", user_id=str(self.organization.member.id)
                ),
                "team": self.made(limit_tokens=2_500, period="weekly", department="Engineering"),
                "whole": self.made(limit_tokens=6_000, period="monthly"),
            }

        def made(self, **given: Any) -> str:
            return str(do(self.purse.budget(rollover_cap_percent=50, **given))["id"])

        def user_id(self, who: str) -> str:
            return str(getattr(self.organization, who).id)

        @rule(who=PEOPLE, tokens=TOKENS)
        def ask(self, who: str, tokens: int) -> None:
            shown = self.look()
            rooms = {n: self.oracle.room(n, shown[n]["rolled_over"], clock.now) for n in ABOVE[who]}
            left = sum(self.oracle.left(who, clock.now).values())
            least = min(max(0, room) for room in rooms.values())
            answer = do(self.purse.ask(tokens, user_id=self.user_id(who)))
            fits = tokens <= least + left
            assert (answer["decision"] != "block") == fits, (answer, rooms, left)
            if fits:
                self.oracle.admit(who, tokens, answer["hold_id"], rooms, clock.now)
            else:
                assert answer["missing_tokens"] == tokens - least - left

        @precondition(lambda self: self.oracle.holds)
        @rule(data=st.data())
        def cancel(self, data: st.DataObject) -> None:
            hold_id = data.draw(st.sampled_from(sorted(self.oracle.holds)))
            do(self.purse.cancel(hold_id))
            del self.oracle.holds[hold_id]

        @precondition(lambda self: self.oracle.holds)
        @rule(data=st.data(), tokens=TOKENS)
        def settle(self, data: st.DataObject, tokens: int) -> None:
            hold_id = data.draw(st.sampled_from(sorted(self.oracle.holds)))
            hold = self.oracle.holds[hold_id]
            said = do(self.purse.use(tokens, hold_id=hold_id, user_id=self.user_id(hold.who)))
            assert ("unsettled" in said) == (hold.lapses_at <= clock.now)
            self.oracle.settle(hold_id, tokens, clock.now)

        @rule(who=PEOPLE, tokens=TOKENS, hours=st.sampled_from([0, 0, 1, 20, 30, 200]))
        def use(self, who: str, tokens: int, hours: int) -> None:
            """Usage that nobody asked for, now or some time ago."""
            at = clock.now - timedelta(hours=hours)
            do(self.purse.use(tokens, user_id=self.user_id(who), occurred_at=at.isoformat()))
            self.oracle.use(who, tokens, at)

        @rule(seconds=st.sampled_from([1, 60, 599, 3_600, 36_000, 90_000, 400_000]))
        def wait(self, seconds: int) -> None:
            clock.advance(seconds=seconds)

        @rule(name=st.sampled_from(sorted(KINDS)), limit=st.integers(0, 4_000))
        def change_limit(self, name: str, limit: int) -> None:
            do(self.purse.change(self.ids[name], limit_tokens=limit))
            self.oracle.limits[name] = limit

        @rule(who=PEOPLE, tokens=st.integers(1, 1_000), kind=st.sampled_from(["daily", "monthly"]))
        def exempt(self, who: str, tokens: int, kind: str) -> None:
            made = do(self.purse.exempt(tokens, user_id=self.user_id(who), period=kind))
            self.oracle.grants.append([who, datetime.fromisoformat(made["ends_at"]), tokens])

        def look(self) -> dict[str, dict[str, Any]]:
            page = do(self.purse.call("GET", "/v1/budgets"))
            shown = {item["id"]: item for item in page["items"]}
            return {name: shown[budget_id] for name, budget_id in self.ids.items()}

        @invariant()
        def what_is_enforced_is_usage_and_live_holds(self) -> None:
            for name, shown in self.look().items():
                slot = self.oracle.slot(name, clock.now)
                assert datetime.fromisoformat(shown["starts_at"]) == slot[1]
                assert shown["limit"] == self.oracle.limits[name]
                assert shown["used"] == self.oracle.used.get(slot, 0), name
                assert shown["held"] == self.oracle.held(slot, clock.now), name
                assert shown["remaining"] == max(0, self.oracle.room(name, shown["rolled_over"], clock.now))

        @invariant()
        def recounting_finds_nothing(self) -> None:
            assert do(self.purse.recount()) == []

    run_state_machine_as_test(
        History,
        settings=settings(
            max_examples=12,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
