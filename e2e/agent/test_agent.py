"""The whole agent in this process, with a tap of our own, beside a real server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from e2e.agent.maker import HOST, made
from e2e.agent.office import Desk, Office, until, utc_now
from toktra_agent import agent
from toktra_agent.core.privacy_hours import PrivacyHours
from toktra_agent.core.watching import OPEN, UNKNOWN_HOST, Watcher
from toktra_agent.core.windows import parse_window
from toktra_agent.server import configuring
from toktra_agent.server.configuring import Kept
from toktra_agent.server.contact import Contact
from toktra_agent.store import choices, liveness, status
from toktra_agent.store.choices import Choices
from toktra_agent.store.keys import NotEnrolled
from toktra_agent.store.spool import Spool
from toktra_agent.store.spool_file import last_sent
from toktra_agent.store.zone import local_zone


async def test_what_a_tap_keeps_arrives_and_is_shown_as_it_left(there: Office) -> None:
    desk = await there.desk()
    async with running(desk) as watcher:
        watcher.keep(made(1, await watcher.admit(HOST)))
        watcher.keep(made(2, OPEN))
        assert not desk.kept()
    assert [row[:2] for row in desk.kept()] == [(2_001, 3_010), (2_002, 3_020)]
    assert [b'"request_bytes":2001' in body for body in last_sent(desk.folder)] == [True, False]


async def test_the_status_says_where_things_stand(there: Office) -> None:
    desk = await there.desk()
    desk.cap(50_000, name="Mine", when_unsure="warn")
    async with running(desk) as watcher:
        admission = await watcher.admit(HOST)
        await until(lambda: said(desk).remaining is not None)
        found = said(desk)
        watcher.release(admission)
    assert (found.server, found.device_id) == (there.running.url, desk.identity.device_id)
    assert (found.preflight, found.when_unsure, found.error) == (True, "warn", "")
    assert found.watched_patterns > 10
    assert found.last_contact_at is not None
    assert found.remaining is not None
    assert (found.remaining.remaining_tokens, found.remaining.budget_name) == (49_000, "Mine")


async def test_only_hosts_of_providers_are_watched_and_hidden_ones_are_counted(there: Office) -> None:
    """Z1."""
    desk = await there.desk()
    async with running(desk) as watcher:
        assert watcher.watches("API.openai.com")
        assert not watcher.watches("mail.example.com")
        assert not watcher.watches("api.openai.com.example.com")
        assert [watcher.watches(UNKNOWN_HOST) for _ in range(3)] == [False] * 3
        await until(lambda: said(desk).unknown_hosts == 3)
    assert "example.com" not in (desk.folder / status.FILE).read_text().replace(desk.email, "")


async def test_in_privacy_hours_nothing_is_watched_kept_counted_or_sent(there: Office) -> None:
    desk = await there.desk()
    async with running(desk) as watcher:
        watcher.keep(made(1, OPEN))
        for_an_hour(desk)
        assert not watcher.watches(HOST)
        assert not watcher.watches(UNKNOWN_HOST)
        watcher.keep(made(2, OPEN))
        await until(lambda: said(desk).paused)
        found = said(desk)
        assert (found.spooled, found.unknown_hosts, found.sent, found.dropped) == (1, 0, {}, {})
    assert desk.kept() == []
    choices.save(desk.folder, Choices())
    async with running(desk):
        pass
    assert [row[0] for row in desk.kept()] == [2_001]
    assert said(desk).sent == {"accepted": 1}


async def test_a_request_that_began_in_a_window_is_forgotten_after_it_too(there: Office) -> None:
    desk = await there.desk()
    starts = utc_now().replace(second=0, microsecond=0) - timedelta(minutes=2)
    times = [(starts + timedelta(minutes=n)).astimezone(local_zone()) for n in (0, 1)]
    window = parse_window(f"daily {times[0]:%H:%M}-{times[1]:%H:%M}")
    choices.save(desk.folder, Choices(PrivacyHours((window,))))
    async with running(desk) as watcher:
        watcher.keep(replace(made(1, OPEN), began_at=starts + timedelta(seconds=59)))
        watcher.keep(replace(made(2, OPEN), began_at=starts + timedelta(seconds=60)))
        watcher.keep(replace(made(3, OPEN), began_at=starts - timedelta(seconds=1)))
    assert [row[0] for row in desk.kept()] == [2_002, 2_003]


async def test_what_privacy_hours_drop_gives_its_hold_back(there: Office) -> None:
    desk = await there.desk()
    budget = desk.cap(50_000)
    async with running(desk) as watcher:
        admission = await watcher.admit(HOST)
        await until(lambda: desk.standing(budget)[1] == 1_000)
        for_an_hour(desk)
        watcher.keep(made(1, admission))
        await until(lambda: desk.standing(budget) == (0, 0))


async def test_a_browser_whose_extension_is_alive_is_left_to_it(there: Office) -> None:
    desk = await there.desk()
    async with running(desk) as watcher:
        assert not watcher.asks_application
        liveness.beat(desk.folder, "firefox", [HOST], utc_now())
        assert watcher.asks_application
        assert not watcher.watches(HOST, "firefox")
        assert watcher.watches(HOST, "curl")
        assert watcher.watches("api.anthropic.com", "firefox")
        liveness.beat(desk.folder, "firefox", [HOST], utc_now() - timedelta(days=1))
        assert watcher.watches(HOST, "firefox")


async def test_a_refusal_is_told_to_the_person_once_a_minute(there: Office) -> None:
    """There is no desktop here: that it could not be shown is counted."""
    desk = await there.desk()
    desk.cap(0)
    async with running(desk) as watcher:
        for _ in range(3):
            assert (await watcher.admit(HOST)).decision == "block"
        await until(lambda: said(desk).dropped == {"notices_not_shown": 1})


async def test_a_revoked_device_says_so_sends_nothing_and_keeps_what_it_may(there: Office) -> None:
    desk = await there.desk()
    async with running(desk) as watcher:
        desk.revoke()
        for number in range(50):  # a batch, so that it is sent at once
            watcher.keep(made(number, OPEN))
        await until(lambda: "revoked" in said(desk).error)
        assert watcher.watches(HOST)
        assert (await watcher.admit(HOST)).decision == "allow"
    assert len(Spool(desk.folder)) == 50
    assert desk.kept() == []


async def test_it_starts_without_a_network_on_what_it_knew(there: Office) -> None:
    desk = await there.desk()
    desk.cap(when_unsure="block")
    async with running(desk):
        pass
    there.running.stop()
    try:
        async with running(desk) as watcher:
            refused = await watcher.admit(HOST)
            assert (refused.decision, refused.reason) == ("block", "unsure")
            watcher.keep(made(1, OPEN))
            await until(lambda: said(desk).error.startswith("Nobody answers"))
    finally:
        there.running.start()
    assert len(Spool(desk.folder)) == 1


async def test_a_clock_that_is_wrong_does_not_make_events_wrong(there: Office) -> None:
    """The tap takes the device's clock; the server's counts."""
    desk = await there.desk()
    contact = Contact(lambda: utc_now() + timedelta(days=3))
    async with desk.client(contact) as client:
        config = await configuring.poll(client, None, now="now")
        assert isinstance(config, Kept)
        watch = agent.put_together(desk.folder, client, contact, config)
        watch.keep(replace(made(1, OPEN), began_at=contact.clock()))
        assert await watch.outbox.send_all() is None
        watch.spool.close()
    assert watch.spool.counts == {"accepted": 1}
    off = (
        "SELECT 1 FROM usage_events WHERE user_id = %s AND abs(extract(epoch FROM occurred_at - now())) < 60"
    )
    assert len(there.rows(off, desk.user_id)) == 1


async def test_a_device_that_is_not_enrolled_is_told_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotEnrolled, match="toktra-agent enroll"):
        await agent.run(tmp_path, taps=[])


async def test_a_tap_that_fails_ends_the_agent_with_its_own_error(there: Office) -> None:
    """X2."""
    desk = await there.desk()

    async def failing(watcher: Watcher) -> None:
        watcher.keep(made(1, OPEN))
        raise OSError("port 8118 is taken")

    async with running(desk):
        pass
    with pytest.raises(OSError, match="port 8118 is taken"):
        await agent.run(desk.folder, taps=[failing])
    assert [row[0] for row in desk.kept()] == [2_001]


@asynccontextmanager
async def running(desk: Desk) -> AsyncIterator[Watcher]:
    """The agent runs, and what its tap was given; once it has its configuration."""
    given: list[Watcher] = []

    async def tap(watcher: Watcher) -> None:
        given.append(watcher)
        await asyncio.Event().wait()

    task = asyncio.create_task(agent.run(desk.folder, taps=[tap]))
    try:
        await until(lambda: task.done() or bool(given and given[0].watches(HOST)))
        yield given[0]
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.wait({task})


def for_an_hour(desk: Desk) -> None:
    """Privacy Hours, from now on."""
    choices.save(desk.folder, Choices(PrivacyHours(until=utc_now() + timedelta(hours=1))))


def said(desk: Desk) -> status.Status:
    found = status.read(desk.folder)
    assert found is not None
    return found
