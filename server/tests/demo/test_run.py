"""`toktra demo`: what it checks before it does anything, and how it ends its children (K1, K2)."""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner

from toktra.demo import children, run, stage
from toktra.demo.stage import ChildDied
from toktra.kit.embedded import forget_ended, is_running

commands = Typer()
commands.command()(run.demo)

POLITE = "import time; time.sleep(600)"
DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up", flush=True)
time.sleep(600)
"""
FAILING = "import sys; sys.exit('no database')"


async def start(tmp_path: Path, name: str, program: str) -> children.Child:
    log = tmp_path / "logs" / f"{name}.log"
    return await children.start(name, [sys.executable, "-c", program], log=log, environment={})


def test_a_taken_port_is_said_before_anything_is_done(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        folder = tmp_path / "data"
        result = CliRunner().invoke(commands, ["--port", port], env={"TOKTRA_DATA_DIR": str(folder)})
    assert result.exit_code == 2
    assert f"Port {port} cannot be used" in result.output
    assert "--port" in result.output
    assert not folder.exists()


def test_a_data_folder_that_cannot_be_one_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    result = CliRunner().invoke(commands, ["--port", "0"])
    assert result.exit_code == 2
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    before = signal.getsignal(signal.SIGTERM)
    result = CliRunner().invoke(commands, ["--port", port], env={"TOKTRA_DATA_DIR": str(file)})
    signal.signal(signal.SIGTERM, before)
    assert result.exit_code == 2
    assert str(file) in result.output.replace("\n", "")


async def test_k1_children_end_when_asked(tmp_path: Path) -> None:
    started = [await start(tmp_path, name, POLITE) for name in ("server", "worker")]
    assert await children.end(started) == []
    assert all(child.process.returncode == -signal.SIGTERM for child in started)
    assert await children.end(started) == []


async def test_k1_a_child_that_does_not_end_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children, "END_SECONDS", 0.3)
    deaf = await start(tmp_path, "server", DEAF)
    for _ in range(200):
        await asyncio.sleep(0.05)
        if "up" in children.end_of_log(deaf):
            break
    polite = await start(tmp_path, "worker", POLITE)
    assert await children.end([deaf, polite]) == ["server"]
    assert deaf.process.returncode == -signal.SIGKILL
    assert not is_running(deaf.process.pid)


async def test_k2_the_child_that_died_is_named_with_the_end_of_its_log(tmp_path: Path) -> None:
    started = [await start(tmp_path, "server", POLITE), await start(tmp_path, "worker", FAILING)]
    with pytest.raises(ChildDied, match=r"the worker has ended \(1\).*\n.*no database"):
        await stage._while_alive(started, asyncio.sleep(600))
    await children.end(started)


async def test_work_that_is_done_while_all_live_is_done(tmp_path: Path) -> None:
    started = [await start(tmp_path, "server", POLITE)]
    await stage._while_alive(started, asyncio.sleep(0))
    assert started[0].process.returncode is None
    await children.end(started)


def test_only_the_end_of_a_long_log_is_shown(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    log.write_text("".join(f"line {number}\n" for number in range(100_000)))
    shown = children.end_of_log(children.Child("server", None, log)).splitlines()  # type: ignore[arg-type]
    assert shown == [f"line {number}" for number in range(99_980, 100_000)]


def test_a_killed_child_no_longer_holds_the_database(tmp_path: Path) -> None:
    users = tmp_path / "postgres" / ".handle_pids.json"
    users.parent.mkdir()
    users.write_text(f"[{os.getpid()}, {2**22 + 1}]")
    forget_ended(tmp_path)
    assert users.read_text() == f"[{os.getpid()}]"
    forget_ended(tmp_path / "missing")
