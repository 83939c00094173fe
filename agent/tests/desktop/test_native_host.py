"""What a browser extension can say to the agent, and what it hears (J1, J2)."""

import io
import json
import os
import shutil
import struct
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from toktra_agent.core.privacy_hours import PrivacyHours
from toktra_agent.desktop.native_host import MOST_BYTES, serve
from toktra_agent.store import choices, keys
from toktra_agent.store.choices import Choices
from toktra_agent.store.folder import sole_agent
from toktra_agent.store.keys import Identity
from toktra_agent.store.liveness import extension_covers
from toktra_wire.identity import new_key

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
ALIVE = {"type": "alive", "hosts": ["chatgpt.com", "*.openai.com"]}


def framed(message: Any) -> bytes:
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    return struct.pack("=I", len(body)) + body


def heard(folder: Path, sent: bytes) -> list[dict[str, Any]]:
    sink = io.BytesIO()
    serve(folder, "firefox", io.BytesIO(sent), sink, lambda: NOW)
    rest, answers = sink.getvalue(), []
    while rest:
        (length,) = struct.unpack("=I", rest[:4])
        answers.append(json.loads(rest[4 : 4 + length]))
        rest = rest[4 + length :]
    return answers


def test_an_extension_that_is_alive_is_noted_and_told_the_rules(tmp_path: Path) -> None:
    answers = heard(tmp_path, framed(ALIVE))
    assert answers == [
        {"device_id": None, "mode": "corporate", "private": False, "private_until": None, "running": False}
    ]
    assert extension_covers(tmp_path, "firefox", "api.openai.com", NOW)
    assert not extension_covers(tmp_path, "chrome", "api.openai.com", NOW)


def test_it_learns_whether_the_agent_runs(tmp_path: Path) -> None:
    with sole_agent(tmp_path):
        (answer,) = heard(tmp_path, framed(ALIVE))
    assert answer["running"] is True
    (answer,) = heard(tmp_path, framed(ALIVE))
    assert answer["running"] is False


@pytest.mark.parametrize(("program", "browser"), [("msedge", "edge"), ("something", "firefox")])
def test_the_sign_is_of_the_program_that_it_comes_from(tmp_path: Path, program: str, browser: str) -> None:
    """With a shell between them, as on Windows; the manifest says firefox."""
    shutil.copy("/bin/sh", tmp_path / program)
    host = f"'{sys.executable}' -m toktra_agent.cli native-host firefox"
    words = (tmp_path / program, "-c", f'/bin/sh -c "{host}; true"; true')
    folder = tmp_path / "agent"
    environment = {**os.environ, "TOKTRA_AGENT_DIR": str(folder)}
    subprocess.run(words, input=framed(ALIVE), env=environment, check=True, capture_output=True)
    assert [one.name for one in (folder / "extensions").iterdir()] == [f"{browser}.json"]


def test_it_learns_whose_device_it_is_and_that_privacy_hours_are_in_force(tmp_path: Path) -> None:
    keys.save(tmp_path, Identity("https://t.example", "device-7", "i", "a@example.com", "c", "ca"), new_key())
    choices.save(tmp_path, Choices(PrivacyHours(until=NOW + timedelta(hours=1))))
    (answer,) = heard(tmp_path, framed(ALIVE))
    assert (answer["device_id"], answer["private"]) == ("device-7", True)
    assert answer["private_until"] == "2026-11-26T13:00:00+00:00"


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        {},
        {"type": "alive"},
        {"type": "usage", "hosts": []},
        {**ALIVE, "prompt": "hello"},
        {**ALIVE, "url": "https://chatgpt.com/c/1"},
        {"type": "alive", "hosts": ["https://chatgpt.com/c/1"]},
        {"type": "alive", "hosts": ["a sentence that was typed"]},
        {"type": "alive", "hosts": ["*.*"]},
        {"type": "alive", "hosts": ["h.example"] * 201},
    ],
)
def test_anything_else_is_refused_and_the_next_message_heard(tmp_path: Path, message: Any) -> None:
    refused, told = heard(tmp_path, framed(message) + framed(ALIVE))
    assert set(refused) == {"error"}
    assert "private" in told


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"\x01",
        framed(ALIVE)[:-1],
        struct.pack("=I", MOST_BYTES + 1) + b"x" * (MOST_BYTES + 1),
        struct.pack("=I", 2**32 - 1),
    ],
)
def test_too_long_or_cut_off_it_ends_without_a_word(tmp_path: Path, sent: bytes) -> None:
    assert heard(tmp_path, sent) == []
    assert not (tmp_path / "extensions").exists()


def test_a_message_as_long_as_may_be_is_read(tmp_path: Path) -> None:
    padded = json.dumps(ALIVE).encode()
    (answer,) = heard(tmp_path, framed(padded + b" " * (MOST_BYTES - len(padded))))
    assert "private" in answer
