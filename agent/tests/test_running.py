"""`toktra-agent run` becomes the agent (R1): what it says and how it ends, as whoever starts it sees it."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from toktra_agent.store import keys
from toktra_agent.store.folder import sole_agent
from toktra_agent.store.keys import Identity
from toktra_wire.identity import new_key

NOBODY = Identity("http://127.0.0.1:9", "device-7", "i", "ada@example.com", "c", "ca")
RUN = (sys.executable, "-m", "toktra_agent.cli", "run")


def refused(folder: Path, *words: str, program: tuple[str, ...] = RUN) -> str:
    """The one sentence with which it ends."""
    environment = {**os.environ, "TOKTRA_AGENT_DIR": str(folder)}
    ended = subprocess.run(
        (*program, *words), env=environment, capture_output=True, text=True, check=False, timeout=30
    )
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (1, "", 1), ended.stderr
    return ended.stderr


@contextmanager
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield int(listening.getsockname()[1])


def test_a_device_that_is_not_enrolled_is_a_sentence(tmp_path: Path) -> None:
    assert refused(tmp_path).startswith("This device is not enrolled.")


def test_a_package_that_brings_its_own_places_runs_on_them(tmp_path: Path) -> None:
    """As Debian's does (deploy/deb/start.py): the interpreter by itself knows nothing of them."""
    start = tmp_path / "start.py"
    start.write_text(f"import sys; sys.path += {sys.path}; from toktra_agent.cli import main; main()")
    bare = Path(sys.executable).resolve()
    assert subprocess.run([bare, "-I", "-c", "import toktra_agent"], capture_output=True).returncode == 1
    assert refused(tmp_path, program=(str(bare), "-I", str(start), "run")).startswith("This device is not")


def test_a_second_agent_is_a_sentence(tmp_path: Path) -> None:
    keys.save(tmp_path, NOBODY, new_key())
    with sole_agent(tmp_path):
        assert "already runs" in refused(tmp_path)


def test_a_port_that_is_taken_is_a_sentence(tmp_path: Path) -> None:
    keys.save(tmp_path, NOBODY, new_key())
    with taken_port() as port:
        assert "address already in use" in refused(tmp_path, "--listen", f"127.0.0.1:{port}")


@pytest.mark.skipif(sys.platform == "win32", reason="there it stays the command")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_has_only_what_it_needs_and_ends_well_when_told_to(tmp_path: Path, number: signal.Signals) -> None:
    """The process that was started is the one that runs: a service manager's signals reach it."""
    keys.save(tmp_path, NOBODY, new_key())
    with taken_port() as port:
        pass
    words = (*RUN, "--listen", f"127.0.0.1:{port}")
    with subprocess.Popen(words, env={**os.environ, "TOKTRA_AGENT_DIR": str(tmp_path)}) as running:
        until_it_listens(port, running)
        mapped = Path(f"/proc/{running.pid}/cmdline")
        assert not mapped.exists() or b"toktra_agent.running" in mapped.read_bytes()
        running.send_signal(number)
        assert running.wait(20) == 0


def test_no_part_of_the_command_line_is_loaded() -> None:
    asked = "import sys, toktra_agent.running; print(*sorted({one.partition('.')[0] for one in sys.modules}))"
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    loaded = set(said.stdout.split())
    assert "toktra_agent" in loaded
    assert loaded.isdisjoint({"typer", "click", "rich", "pystray", "PIL", "keyring"})


def until_it_listens(port: int, running: "subprocess.Popen[bytes]") -> None:
    while running.poll() is None:
        with socket.socket() as trying:
            if trying.connect_ex(("127.0.0.1", port)) == 0:
                return
    raise AssertionError(f"it ended with {running.returncode}")
