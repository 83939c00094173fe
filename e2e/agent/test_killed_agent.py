"""The agent is killed ten times, the server is away for a while: totals are what was made, nothing twice."""

import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from e2e.agent.maker import BEGUN, KEPT, made, numbers
from e2e.agent.office import Desk, Office
from e2e.installation import module
from toktra_agent import agent
from toktra_agent.core.meter import event_of
from toktra_agent.core.watching import OPEN
from toktra_agent.store import status
from toktra_agent.store.folder import AlreadyRunning, is_running
from toktra_agent.store.spool import Spool
from toktra_wire.estimator import load
from toktra_wire.ids import new_id

KILLS = 10
REQUESTS = 1_200
SERVER_AWAY = range(4, 7)


async def test_ten_kills_and_a_server_that_was_away_lose_nothing_and_count_nothing_twice(
    there: Office,
) -> None:
    draw = random.Random(5)
    desk = await there.desk()
    budget = desk.cap()
    for kill in range(KILLS):
        if kill == SERVER_AWAY.start:
            there.running.kill()
        if kill == SERVER_AWAY.stop:
            assert len(Spool(desk.folder)) > 50, "nothing piled up while the server was away"
            there.running.start()
        with making(desk) as process:
            enough = len(numbers(desk.folder, KEPT)) + draw.randint(20, 80)
            wait_for(desk, enough)
            assert len(numbers(desk.folder, KEPT)) < REQUESTS, "all were made before the last kill"
            process.kill()
    with making(desk) as process:
        until(lambda: len(numbers(desk.folder, BEGUN)) == REQUESTS)
        until(lambda: said(desk).spooled == 0)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    check(desk, budget)


async def test_with_the_server_away_the_status_says_so_and_afterwards_everything_arrives(
    there: Office,
) -> None:
    desk = await there.desk()
    budget = desk.cap()
    with making(desk, 300) as process:
        until(lambda: len(numbers(desk.folder, KEPT)) > 50)
        there.running.kill()
        until(lambda: len(numbers(desk.folder, KEPT)) == 300)
        until(lambda: "Nobody answers" in said(desk).error)
        assert said(desk).spooled > 100
        there.running.start()
        until(lambda: said(desk).spooled == 0)
        until(lambda: said(desk).error == "")
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    check(desk, budget)


async def test_told_to_stop_it_sends_what_it_has(there: Office) -> None:
    """X3: sooner than the next batch would be due."""
    desk = await there.desk()
    budget = desk.cap()
    with making(desk, 30) as process:
        until(lambda: len(numbers(desk.folder, KEPT)) == 30)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert len(desk.kept()) == 30
    check(desk, budget)


async def test_told_to_stop_while_the_server_does_not_answer_it_leaves_the_rest_for_later(
    there: Office,
) -> None:
    """X3."""
    desk = await there.desk()
    budget = desk.cap()
    assert there.running.server is not None
    with making(desk, 30) as process:
        until(lambda: len(numbers(desk.folder, KEPT)) > 0)
        there.running.server.send_signal(signal.SIGSTOP)
        until(lambda: len(numbers(desk.folder, KEPT)) == 30)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        there.running.server.send_signal(signal.SIGCONT)
    assert said(desk).spooled > 0
    with making(desk, 30) as process:
        until(lambda: said(desk).pid == process.pid)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    check(desk, budget)


async def test_one_agent_runs_on_a_folder_and_its_end_by_sigkill_frees_it(there: Office) -> None:
    """X1."""
    desk = await there.desk()
    assert not is_running(desk.folder)
    with making(desk, 1):
        until(lambda: len(numbers(desk.folder, KEPT)) == 1)
        assert is_running(desk.folder)
        with pytest.raises(AlreadyRunning, match="already runs"):
            await agent.run(desk.folder, taps=[])
    assert not is_running(desk.folder)


@contextmanager
def making(desk: Desk, requests: int = REQUESTS) -> Iterator["subprocess.Popen[bytes]"]:
    """The agent, making requests."""
    process = subprocess.Popen(module("e2e.agent.maker", str(desk.folder), str(requests)))
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def check(desk: Desk, budget: str) -> None:
    """What the server has is what was made: each request that was kept, one that was being kept at a kill
    perhaps, none twice; with the tokens that they were estimated at.
    """
    begun, kept = numbers(desk.folder, BEGUN), numbers(desk.folder, KEPT)
    arrived = [size - 2_000 for size, _, _ in desk.kept()]
    assert len(arrived) == len(set(arrived))
    assert set(kept) <= set(arrived) <= set(begun)
    tokens = sum(map(estimated, arrived))
    assert sum(row[2] for row in desk.kept()) == tokens
    assert desk.standing(budget)[0] == tokens
    counts = said(desk)
    assert counts.spooled == 0
    assert [name for name in counts.dropped if name.startswith(("dropped", "refused"))] == []


def estimated(number: int) -> int:
    event = event_of(
        made(number, OPEN),
        event_id=new_id(),
        occurred_at=made(number, OPEN).began_at,
        hold_id=None,
        parameters=load(),
    )
    return event.estimated_input_tokens + event.estimated_output_tokens


def said(desk: Desk) -> status.Status:
    found = status.read(desk.folder)
    assert found is not None
    return found


def wait_for(desk: Desk, kept: int) -> None:
    until(lambda: len(numbers(desk.folder, KEPT)) >= kept)


def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come to hold"
        time.sleep(0.02)
