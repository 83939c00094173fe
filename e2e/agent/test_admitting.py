"""Admission by a real server and its budgets: nobody passes a hard cap, nobody waits in vain (M1 to M3)."""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Literal

from e2e.agent.office import Desk, Office, until, utc_now
from toktra_agent.core.typical import FIRST
from toktra_agent.core.watching import OPEN, Admission
from toktra_agent.server.admitting import Gate
from toktra_agent.server.asking import Releases
from toktra_agent.server.sending import send
from toktra_agent.store.spool import Spool
from toktra_wire.config import Enforcement
from toktra_wire.event import UsageEvent
from toktra_wire.ids import new_id

HOST, PROVIDER = "api.openai.com", "openai"


@dataclass
class Door:
    """A desk's gate, and who was told of a refusal."""

    desk: Desk
    gate: Gate
    told: list[tuple[str, Admission]] = field(default_factory=list)

    async def admit(self) -> Admission:
        return await self.gate.admit(HOST, PROVIDER)

    async def answered(self) -> Admission:
        """The same, until an answer comes in time: a busy machine may take longer."""
        while (admission := await self.admit()).reason == "unsure":
            self.gate.release(admission)
            await until(lambda: not self.gate.under_way)
        return admission

    async def stands(self, budget_id: str, *, used: int, held: int) -> None:
        """Before long."""
        await until(lambda: self.desk.standing(budget_id) == (used, held))

    async def used(self, admission: Admission, tokens: int) -> None:
        """The request was made: its event arrives."""
        spool = Spool(self.desk.folder)
        spool.keep(
            UsageEvent(
                new_id(),
                utc_now(),
                HOST,
                1,
                1,
                tokens,
                0,
                hold_id=self.gate.hold_of(admission),
                source="agent",
            )
        )
        assert await send(self.gate.client, spool, spool.waiting(1)) is None
        assert not [name for name in spool.counts if name.startswith("unsettled")]
        spool.close()


@asynccontextmanager
async def door(
    there: Office, *, when_unsure: Literal["allow", "warn", "block"] = "allow", preflight: bool = True
) -> AsyncIterator[Door]:
    desk = await there.desk()
    told: list[tuple[str, Admission]] = []
    async with desk.client() as client:
        await client.get("/v1/devices/me/config")  # so that a token is there
        releases = Releases(client, lambda reason: told.append((reason, OPEN)))
        enforcement = Enforcement(preflight=preflight, when_unsure=when_unsure)
        gate = Gate(client, desk.contact, releases, lambda: enforcement, lambda *what: told.append(what))
        giving_back = asyncio.create_task(releases.keep_giving_back())
        try:
            yield Door(desk, gate, told)
        finally:
            giving_back.cancel()


@contextmanager
def asleep(there: Office) -> Iterator[None]:
    """The server is there, and does not move."""
    assert there.running.server is not None
    there.running.server.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        there.running.server.send_signal(signal.SIGCONT)


async def test_without_a_hard_cap_no_request_waits_and_nothing_is_held(there: Office) -> None:
    async with door(there, preflight=False) as at:
        assert (await at.admit()).decision == "allow"
        await until(lambda: at.gate.last is not None)
        assert await at.admit() == OPEN


async def test_a_cap_that_is_newer_than_the_configuration_holds_from_the_next_request_on(
    there: Office,
) -> None:
    async with door(there, preflight=False) as at:
        budget = at.desk.cap(FIRST // 2)
        assert (await at.admit()).decision == "allow"
        await until(lambda: at.gate.last is not None)
        assert (await at.answered()).decision == "block"
        at.desk.exempt(FIRST)
        admission = await at.answered()
        await at.stands(budget, used=0, held=FIRST)
        at.gate.release(admission)
        await at.stands(budget, used=0, held=0)


async def test_near_the_cap_a_request_carries_its_hold_and_its_event_ends_it(there: Office) -> None:
    async with door(there) as at:
        budget = at.desk.cap(5 * FIRST)
        admission = await at.answered()
        assert (admission.decision, admission.reason) == ("allow", "within_budget")
        await at.stands(budget, used=0, held=FIRST)
        await at.used(admission, 700)
        await at.stands(budget, used=700, held=0)
        assert at.gate.last is not None
        assert (at.gate.last.remaining_tokens, at.gate.last.decision) == (4 * FIRST, "allow")


async def test_a_refusal_says_why_and_an_exemption_opens_the_door_at_the_next_try(there: Office) -> None:
    async with door(there) as at:
        budget = at.desk.cap(FIRST - 1, name="Tight")
        for _ in range(2):
            refused = await at.answered()
            assert (refused.decision, refused.reason, refused.hold_id) == ("block", "hard_cap_reached", None)
            assert "Tight: 1 of the 1,000 tokens" in refused.message
            assert "Ask for an exemption" in refused.message
            assert refused.resets_at is not None
            assert refused.exemption_url is not None
        assert at.told == [(budget, refused)] * 2
        at.desk.exempt(5_000)
        admission = await at.answered()
        assert admission.decision != "block"
        assert admission.hold_id is not None


async def test_what_is_not_made_after_all_is_given_back(there: Office) -> None:
    async with door(there) as at:
        budget = at.desk.cap(5 * FIRST)
        admission = await at.answered()
        await at.stands(budget, used=0, held=FIRST)
        at.gate.release(admission)
        await at.stands(budget, used=0, held=0)
        at.gate.release(OPEN)


async def test_whoever_gives_up_waiting_leaves_no_hold(there: Office) -> None:
    """M2: the connection is gone before the answer came."""
    async with door(there) as at:
        budget = at.desk.cap(5 * FIRST)
        with asleep(there):
            asking = asyncio.create_task(at.admit())
            await asyncio.sleep(0.05)
            asking.cancel()
        await until(lambda: at.gate.last is not None)
        await at.stands(budget, used=0, held=0)


async def test_together_they_never_pass_the_cap(there: Office) -> None:
    async with door(there) as at:
        budget = at.desk.cap(10 * FIRST)
        admissions = await asyncio.gather(*(at.admit() for _ in range(30)))
        in_time = [one for one in admissions if one.reason != "unsure"]
        admitted = [one for one in in_time if one.decision != "block"]
        await until(lambda: not at.gate.under_way)
        await at.stands(budget, used=0, held=10 * FIRST)
        assert len(admitted) <= 10
        assert len({one.hold_id for one in admitted}) == len(admitted)


async def test_with_ample_room_nobody_waits_and_every_request_is_asked_for(there: Office) -> None:
    async with door(there) as at:
        budget = at.desk.cap(1_000 * FIRST)
        first = await at.answered()
        with asleep(there):
            second = await at.admit()  # nobody could have answered
        assert (second.decision, second.reason) == ("allow", "within_budget")
        await at.stands(budget, used=0, held=2 * FIRST)
        await until(lambda: not at.gate.under_way)
        await at.used(second, 300)
        await at.used(first, 200)
        await at.stands(budget, used=500, held=0)


async def test_a_change_is_known_within_one_request(there: Office) -> None:
    async with door(there) as at:
        budget = at.desk.cap(1_000 * FIRST)
        await at.answered()
        there.call("PATCH", f"/v1/budgets/{budget}", {"limit_tokens": 0})
        assert (await at.admit()).decision == "allow"
        await until(lambda: not at.gate.under_way)
        assert (await at.answered()).decision == "block"
        there.call("PATCH", f"/v1/budgets/{budget}", {"limit_tokens": 1_000 * FIRST})
        assert (await at.answered()).decision == "allow"


async def test_a_request_that_is_over_before_its_answer_came_leaves_no_hold(there: Office) -> None:
    """M2, with ample room; and one that is not made after all."""
    async with door(there) as at:
        budget = at.desk.cap(1_000 * FIRST)
        at.gate.release(await at.answered())
        with asleep(there):
            over, not_made = await at.admit(), await at.admit()
            assert at.gate.hold_of(over) is None
            at.gate.release(not_made)
        await until(lambda: not at.gate.under_way)
        await at.stands(budget, used=0, held=0)


async def test_without_an_answer_in_time_the_configuration_decides(there: Office) -> None:
    """M1. The answer that came late ends with the request's event."""
    async with door(there, when_unsure="warn") as at:
        budget = at.desk.cap(5 * FIRST)
        with asleep(there):
            admission = await at.admit()
            assert (admission.decision, admission.reason) == ("warn", "unsure")
            assert at.told == []
        await at.stands(budget, used=0, held=FIRST)
        await until(lambda: not at.gate.under_way)
        await at.used(admission, 400)
        await at.stands(budget, used=400, held=0)


async def test_without_an_answer_a_strict_budget_lets_nothing_out_and_holds_nothing(there: Office) -> None:
    async with door(there, when_unsure="block") as at:
        budget = at.desk.cap(5 * FIRST)
        with asleep(there):
            admission = await at.admit()
            assert (admission.decision, admission.reason, admission.hold_id) == ("block", "unsure", None)
        assert [what for what, _ in at.told] == ["None"]
        await until(lambda: not at.gate.under_way)
        await at.stands(budget, used=0, held=0)


async def test_a_revoked_device_is_unsure(there: Office) -> None:
    async with door(there, when_unsure="block") as at:
        at.desk.cap()
        at.desk.revoke()
        assert (await at.admit()).reason == "unsure"
        await until(lambda: not at.gate.under_way)
        assert "revoked" in at.desk.contact.troubles["access"]
