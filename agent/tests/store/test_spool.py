"""The spool: nothing that was kept is lost, whatever happens to process, disk and file (S1 to S6)."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from toktra_agent.store.spool import MOST_EVENTS, MOST_IN_MEMORY, OLDEST, Spool, Waiting
from toktra_agent.store.spool_file import FILE, LAST_SENT, last_sent
from toktra_wire.event import UsageEvent
from toktra_wire.ids import id_at

AT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


def event(number: int = 0, at: datetime = AT) -> UsageEvent:
    return UsageEvent(id_at(at), at, "api.openai.com", number, 1, 1, 1, source="agent")


def numbers(waiting: list[Waiting]) -> list[int]:
    return [msgspec.json.decode(one.body)["request_bytes"] for one in waiting]


def filled(folder: Path, events: int) -> Spool:
    spool = Spool(folder)
    for number in range(events):
        spool.keep(event(number))
    return spool


def test_what_was_kept_waits_in_order_until_it_is_forgotten(tmp_path: Path) -> None:
    spool = filled(tmp_path, 5)
    assert (numbers(spool.waiting(3)), len(spool)) == ([0, 1, 2], 5)
    spool.forget(spool.waiting(3), {"accepted": 3})
    assert (numbers(spool.waiting(9)), len(spool), spool.counts["accepted"]) == ([3, 4], 2, 3)
    spool.close()
    again = Spool(tmp_path)
    assert (numbers(again.waiting(9)), len(again), again.counts) == ([3, 4], 2, {"accepted": 3})


def test_what_comes_after_all_was_answered_is_given_out(tmp_path: Path) -> None:
    """S5: also after the end of the process that had answered it all."""
    spool = filled(tmp_path, 2)
    for number in (2, 3):
        spool.forget(spool.waiting(9), {})
        spool.keep(event(number))
        assert numbers(spool.waiting(9)) == [number]
    spool.forget(spool.waiting(9), {})
    spool.close()
    again = filled(tmp_path, 1)
    assert (numbers(again.waiting(9)), len(again)) == ([0], 1)


def test_a_draft_is_an_event_only_where_the_agent_was_killed_before_it_was_kept(tmp_path: Path) -> None:
    """S6: of each event the last draft counts, or the whole of it; never two of them."""
    spool = Spool(tmp_path)
    whole, killed, withdrawn = event(1), event(2), event(3)
    for one in (whole, killed, withdrawn, msgspec.structs.replace(killed, request_bytes=20)):
        spool.draft(one)
    assert (len(spool), spool.waiting(9)) == (0, [])
    spool.withdraw(withdrawn.id)
    spool.keep(msgspec.structs.replace(whole, request_bytes=10))
    after = Spool(tmp_path)
    assert (numbers(after.waiting(9)), len(after)) == ([10, 20], 2)
    assert numbers(Spool(tmp_path).waiting(9)) == [10, 20]


def test_what_is_forgotten_twice_is_counted_off_once(tmp_path: Path) -> None:
    spool = filled(tmp_path, 3)
    batch = spool.waiting(2)
    for _ in range(2):
        spool.forget(batch, {})
        assert (numbers(spool.waiting(9)), len(spool)) == ([2], 1)


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    spool = filled(tmp_path, 1)
    assert {path.stat().st_mode & 0o077 for path in tmp_path.glob(f"{FILE}*")} == {0}
    spool.close()


KILLED = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from toktra_agent.store.spool import Spool
from toktra_wire.event import UsageEvent
from toktra_wire.ids import new_id
spool = Spool(Path(sys.argv[1]))
for number in range(1_000_000):
    at = datetime.now(UTC)
    spool.keep(UsageEvent(new_id(), at, "api.openai.com", number, 1, 1, 1))
    print(number, flush=True)
"""


def test_what_was_kept_before_a_sigkill_is_there_after_it(tmp_path: Path) -> None:
    """S1: whatever was said to be kept is given out, at most one more is, and none twice."""
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writing:
        assert writing.stdout is not None
        for _ in range(500):
            writing.stdout.readline()
        writing.send_signal(signal.SIGKILL)
        said = [499, *map(int, writing.stdout.read().split())]
    found = numbers(Spool(tmp_path).waiting(MOST_EVENTS))
    assert found in (list(range(said[-1] + 1)), list(range(said[-1] + 2)))


def test_the_oldest_make_room_and_are_counted(tmp_path: Path) -> None:
    """S2."""
    spool = filled(tmp_path, MOST_EVENTS + 3)
    assert len(spool) == MOST_EVENTS
    assert spool.counts == {"dropped_no_room": 3}
    assert numbers(spool.waiting(1)) == [3]
    spool.close()
    again = Spool(tmp_path)
    assert (len(again), again.counts) == (MOST_EVENTS, {"dropped_no_room": 3})
    assert len(again.waiting(2 * MOST_EVENTS)) == MOST_EVENTS


def test_the_bytes_are_bounded_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """S2. With a small bound: 64 MB of events of a usual size are more than MOST_EVENTS."""
    monkeypatch.setattr("toktra_agent.store.spool.MOST_BYTES", 1_000)
    spool = filled(tmp_path, 50)
    kept = spool.waiting(50)
    assert numbers(kept) == list(range(50 - len(kept), 50))
    assert 800 < sum(len(one.body) for one in kept) <= 1_000
    assert spool.counts["dropped_no_room"] == 50 - len(kept)


def test_two_looks_must_agree_that_an_event_is_too_old(tmp_path: Path) -> None:
    """S4: a clock that jumps ahead and back drops nothing."""
    spool = filled(tmp_path, 2)
    late = AT + OLDEST + timedelta(minutes=1)
    spool.drop_too_old(AT + timedelta(days=400))
    spool.drop_too_old(AT)
    spool.drop_too_old(late)
    assert (len(spool), spool.counts) == (2, {})
    spool.keep(event(2, late))
    spool.keep(event(3, AT))
    spool.drop_too_old(late + timedelta(hours=1))
    assert (numbers(spool.waiting(9)), spool.counts) == ([2, 3], {"dropped_too_old": 2})
    assert len(spool) == 2


def test_an_event_that_is_not_too_old_stays(tmp_path: Path) -> None:
    spool = filled(tmp_path, 1)
    for _ in range(3):
        spool.drop_too_old(AT + OLDEST)
    assert (len(spool), spool.counts) == (1, {})


def test_the_last_events_are_there_as_they_left(tmp_path: Path) -> None:
    spool = filled(tmp_path, LAST_SENT + 20)
    for _ in range(7):
        batch = spool.waiting(10)
        spool.forget(batch, {})
    last = [msgspec.json.decode(body, type=UsageEvent) for body in last_sent(tmp_path)]
    assert [one.request_bytes for one in last] == list(range(20, LAST_SENT + 20))
    assert msgspec.json.encode(last[-1]) == last_sent(tmp_path)[-1]


def test_before_anything_was_sent_nothing_is_shown(tmp_path: Path) -> None:
    assert last_sent(tmp_path) == []
    filled(tmp_path, 1)
    assert last_sent(tmp_path) == []


def test_a_file_that_cannot_be_written_at_the_start_is_used_as_soon_as_it_can(tmp_path: Path) -> None:
    """S1, S3: what it held is counted once, and given out."""
    before = filled(tmp_path, 2)
    before.count("accepted", 5)
    before.draft(event(2))
    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        spool = Spool(tmp_path)
        spool.keep(event(3))
        other.execute("ROLLBACK")
    spool.settle()
    assert (numbers(spool.waiting(9)), len(spool)) == ([0, 1, 2, 3], 4)
    assert spool.counts == {"accepted": 5}
    spool.forget(spool.waiting(9), {})
    assert len(spool) == 0


@pytest.mark.parametrize("content", [b"no database at all" * 500, b""])
def test_a_file_that_is_no_spool_is_set_aside(tmp_path: Path, content: bytes) -> None:
    """S3. An empty file is a new one."""
    (tmp_path / FILE).write_bytes(content)
    spool = filled(tmp_path, 2)
    assert numbers(spool.waiting(9)) == [0, 1]
    assert spool.counts["dropped_file_damaged"] == bool(content)
    assert (tmp_path / f"{FILE}.damaged").exists() is bool(content)
    spool.close()
    assert numbers(Spool(tmp_path).waiting(9)) == [0, 1]


def test_a_file_damaged_while_it_is_in_use_loses_what_was_in_it_and_counts_it(tmp_path: Path) -> None:
    """S3, and S5: what was read from the damaged file forgets nothing of the new one."""
    spool = filled(tmp_path, 4_000)
    spool.close()
    spool = Spool(tmp_path)
    spool.forget(spool.waiting(10), {})
    in_flight = spool.waiting(50)
    with (tmp_path / FILE).open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(600_000))
    assert spool.waiting(4_000) == []
    assert (len(spool), spool.counts["dropped_file_damaged"]) == (0, 3_990)
    spool.keep(event(1_000))
    spool.forget(in_flight, {"accepted": 50})
    assert numbers(spool.waiting(9)) == [1_000]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 6 MB."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(tmp_path)]
    if os.name != "posix" or os.geteuid() != 0 or subprocess.run(mount, check=False).returncode:
        pytest.skip("needs root, to mount a small disk")
    yield tmp_path
    subprocess.run(["umount", "--lazy", str(tmp_path)], check=True)


def test_on_a_full_disk_events_wait_in_memory_up_to_a_bound(small_disk: Path) -> None:
    """S3, S5: nothing raises; what was answered is not given out again; with room all comes to the file."""
    ballast = small_disk / "ballast"
    spool = filled(small_disk, 20)
    with pytest.raises(OSError, match="No space left"):
        ballast.write_bytes(bytes(8_000_000))
    for number in range(20, 20 + MOST_IN_MEMORY + 200):
        spool.keep(event(number))
    on_disk = len(spool) - MOST_IN_MEMORY
    lost = spool.counts["dropped_file_unusable"]
    assert on_disk >= 20
    assert lost == 220 - on_disk
    assert lost > 0
    answered = spool.waiting(on_disk)
    spool.forget(answered, {"accepted": on_disk})
    assert numbers(spool.waiting(3)) == [on_disk, on_disk + 1, on_disk + 2]
    spool.forget(spool.waiting(2), {"accepted": 2})
    ballast.unlink()
    spool.close()
    again = Spool(small_disk)
    assert numbers(again.waiting(2_000)) == list(range(on_disk + 2, on_disk + MOST_IN_MEMORY))
    assert again.counts == {"accepted": on_disk + 2, "dropped_file_unusable": lost}


def test_what_went_to_the_file_meanwhile_is_not_taken_out_of_memory(small_disk: Path) -> None:
    """S3: an answer that comes late forgets nothing else."""
    ballast = small_disk / "ballast"
    with pytest.raises(OSError, match="No space left"):
        ballast.write_bytes(bytes(8_000_000))
    spool = filled(small_disk, 2)
    in_flight = spool.waiting(2)
    ballast.unlink()
    spool.settle()
    with pytest.raises(OSError, match="No space left"):
        ballast.write_bytes(bytes(8_000_000))
    for number in range(2, 500):
        spool.keep(event(number))
    spool.forget(in_flight, {})
    assert len(spool) == 500
    ballast.unlink()
    spool.settle()
    assert numbers(spool.waiting(600)) == list(range(500))


def test_a_folder_that_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    """S3: memory holds what it can; once the folder is there the file is made."""
    folder = tmp_path / "later"
    spool = filled(folder, 3)
    spool.settle()
    assert numbers(spool.waiting(2)) == [0, 1]
    spool.forget(spool.waiting(2), {"accepted": 2})
    folder.mkdir()
    spool.settle()
    spool.close()
    again = Spool(folder)
    assert (numbers(again.waiting(9)), again.counts) == ([2], {"accepted": 2})


def test_what_moved_from_memory_to_the_file_while_it_was_sent_stays_until_it_is_answered(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "later"
    spool = filled(folder, 2)
    in_flight = spool.waiting(1)
    folder.mkdir()
    spool.settle()
    spool.forget(in_flight, {})
    assert numbers(spool.waiting(9)) == [0, 1]
    assert len(spool) == 2
