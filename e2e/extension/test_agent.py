"""With an agent on the device: it hears what the extension counts, and its Privacy Hours hold here too."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from e2e.extension.browsing import ID, until
from e2e.extension.provider import Provider
from e2e.extension.scripts import KEPT, SENT
from e2e.extension.someone import API, ASKING, SITE, Someone
from toktra_agent.desktop.manifests import HOST

CHAT = f"https://{API}/v1/chat/completions?bytes=800"
AGENT = (sys.executable, "-m", "toktra_agent.cli")


def test_each_counts_its_own_and_privacy_hours_are_shared(
    alone: Someone, services: Provider, tmp_path: Path
) -> None:
    folder = tmp_path / "agent"
    folder.mkdir()
    install(folder, alone.browsing.profile)
    greeted(alone, private=False)
    covered = json.loads((folder / "extensions" / "chromium.json").read_bytes())["hosts"]
    assert SITE in covered
    assert API not in covered
    page = alone.browsing.open(SITE)
    assert page.evaluate(SENT, [CHAT, "a question"])["status"] == 200
    assert page.evaluate(SENT, [f"{ASKING}?bytes=900", "a question"])["status"] == 200
    assert [one["provider_host"] for one in alone.events(1)] == [SITE]
    agent(folder, "privacy-hours", "now", "1h")
    greeted(alone, private=True)
    assert page.evaluate(SENT, [f"{ASKING}?bytes=900", "a question"])["status"] == 200
    kept = kept_of(alone)
    assert kept["queue"] == []
    assert [one["state"] for one in kept["told"]] == ["done"]
    assert len(alone.events()) == 1
    assert len(services.got) == 3


def install(folder: Path, profile: Path) -> None:
    """The agent's native messaging host, where the browser looks for those of a profile of its own."""
    program, manifests = folder / "host.sh", profile / "NativeMessagingHosts"
    words = " ".join(f"'{word}'" for word in (*AGENT, "native-host", "chromium"))
    program.write_text(f"#!/bin/sh\nTOKTRA_AGENT_DIR='{folder}' exec {words}\n")
    program.chmod(0o755)
    manifests.mkdir(exist_ok=True)
    said = {
        "name": HOST,
        "description": "the agent of this test",
        "path": str(program),
        "type": "stdio",
        "allowed_origins": [f"chrome-extension://{ID}/"],
    }
    (manifests / f"{HOST}.json").write_text(json.dumps(said))


def agent(folder: Path, *words: str) -> None:
    """A command of the person's."""
    environment = {"PATH": "/usr/bin:/bin", "TOKTRA_AGENT_DIR": str(folder)}
    subprocess.run([*AGENT, *words], env=environment, check=True, capture_output=True)


def greeted(alone: Someone, *, private: bool) -> None:
    """A sign of life, now, and the agent's answer heard."""
    alone.browsing.worker.evaluate("() => chrome.alarms.create('tick', {when: Date.now()})")
    heard = f'"privacyHours":{json.dumps(private)}'
    assert until(lambda: heard in alone.browsing.worker.evaluate(KEPT))


def kept_of(alone: Someone) -> dict[str, Any]:
    return dict(json.loads(alone.browsing.worker.evaluate(KEPT)))
