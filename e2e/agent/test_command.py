"""The command line with a real server: enrolled, running, seen, ended."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from e2e.agent.office import Office, until
from e2e.installation import free_port

COMMAND = (sys.executable, "-m", "toktra_agent.cli")


def said(folder: Path, *words: str, given: str = "") -> tuple[int, str]:
    """Exit code, and everything that was printed."""
    environment = {**os.environ, "TOKTRA_AGENT_DIR": str(folder)}
    done = subprocess.run(
        (*COMMAND, *words),
        env=environment,
        input=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    return done.returncode, done.stdout + done.stderr


def status(folder: Path) -> dict[str, Any]:
    return dict(json.loads(said(folder, "status", "--json")[1]))


@contextmanager
def runs(folder: Path, port: int) -> Iterator[None]:
    """`toktra-agent run`, until left; it has to end well when it is told to."""
    words = (*COMMAND, "run", "--tap", "proxy", "--listen", f"127.0.0.1:{port}")
    running = subprocess.Popen(words, env={**os.environ, "TOKTRA_AGENT_DIR": str(folder)})
    try:
        yield
    finally:
        running.send_signal(signal.SIGTERM)
        code = running.wait(20)
    assert code == 0


async def test_a_device_is_enrolled_and_runs_by_the_command_line(there: Office, tmp_path: Path) -> None:
    email, _ = there.person()
    enrolling = ("enroll", there.running.url, "--token", "-", "--email", email)
    code, text = said(tmp_path, *enrolling, given=there.token())
    assert code == 0, text
    assert f"enrolled for {email}" in text
    port = free_port()
    with runs(tmp_path, port):
        await until(lambda: (status(tmp_path)["agent"] or {}).get("watched_patterns", 0) > 0)
        await until(lambda: "api.openai.com" in httpx2.get(f"http://127.0.0.1:{port}/proxy.pac").text)
        assert status(tmp_path)["running"] is True
        assert said(tmp_path, "status")[1].startswith("Counting.")
        assert said(tmp_path, "run")[0] == 1
        assert said(tmp_path, "privacy-hours", "now", "1h")[0] == 0
        assert status(tmp_path)["private"] is True
        doctor = said(tmp_path, "doctor")[1]
        assert "ok  The server answers" in doctor
        assert "ok  The agent is running without trouble" in doctor
    assert status(tmp_path)["running"] is False


async def test_a_token_that_is_not_good_is_a_sentence(there: Office, tmp_path: Path) -> None:
    code, text = said(
        tmp_path, "enroll", there.running.url, "--token", "tk_enr_no", "--email", "a@example.com"
    )
    assert code == 1
    assert len(text.strip().splitlines()) == 1
    assert not (tmp_path / "identity.json").exists()
