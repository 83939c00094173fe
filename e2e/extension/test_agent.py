"""With an agent on the device: it hears what the extension counts, and its Privacy Hours hold here too.

A few lines stand in for the agent's native messaging host: they keep what they were told, and answer.
"""

import json
import sys
from pathlib import Path
from typing import Any

from e2e.extension.browsing import ID, until
from e2e.extension.provider import Provider
from e2e.extension.scripts import KEPT, SENT
from e2e.extension.someone import API, ASKING, SITE, Someone

HOST = "dev.toktra.agent"
CHAT = f"https://{API}/v1/chat/completions?bytes=800"
PROGRAM = """#!{python}
import json, struct, sys
from pathlib import Path
folder = Path({folder!r})
(length,) = struct.unpack("=I", sys.stdin.buffer.read(4))
(folder / "told.json").write_bytes(sys.stdin.buffer.read(length))
answer = (folder / "answer.json").read_bytes()
sys.stdout.buffer.write(struct.pack("=I", len(answer)) + answer)
"""


def test_each_counts_its_own_and_privacy_hours_are_shared(
    alone: Someone, services: Provider, tmp_path: Path
) -> None:
    install(tmp_path, alone.browsing.profile)
    told = greeted(alone, tmp_path, private=False)
    assert told["type"] == "alive"
    assert SITE in told["hosts"]
    assert API not in told["hosts"]
    page = alone.browsing.open(SITE)
    assert page.evaluate(SENT, [CHAT, "a question"])["status"] == 200
    assert page.evaluate(SENT, [f"{ASKING}?bytes=900", "a question"])["status"] == 200
    assert [one["provider_host"] for one in alone.events(1)] == [SITE]
    greeted(alone, tmp_path, private=True)
    assert page.evaluate(SENT, [f"{ASKING}?bytes=900", "a question"])["status"] == 200
    kept = json.loads(alone.browsing.worker.evaluate(KEPT))
    assert kept["queue"] == []
    assert [one["state"] for one in kept["told"]] == ["done"]
    assert len(alone.events()) == 1
    assert len(services.got) == 3


def install(folder: Path, profile: Path) -> None:
    """Where the browser looks for hosts of a profile of its own."""
    program, manifests = folder / "host.py", profile / "NativeMessagingHosts"
    program.write_text(PROGRAM.format(python=sys.executable, folder=str(folder)))
    program.chmod(0o755)
    manifests.mkdir(exist_ok=True)
    said = {
        "name": HOST,
        "description": "stands in for the agent",
        "path": str(program),
        "type": "stdio",
        "allowed_origins": [f"chrome-extension://{ID}/"],
    }
    (manifests / f"{HOST}.json").write_text(json.dumps(said))


def greeted(alone: Someone, folder: Path, *, private: bool) -> dict[str, Any]:
    """What the agent is told at the next sign of life, once its answer has been heard."""
    answer = {"device_id": None, "mode": "corporate", "private": private, "private_until": None}
    (folder / "answer.json").write_text(json.dumps(answer))
    alone.browsing.worker.evaluate("() => chrome.alarms.create('tick', {when: Date.now()})")
    assert until(lambda: f'"privacyHours":{json.dumps(private)}' in alone.browsing.worker.evaluate(KEPT))
    return dict(json.loads((folder / "told.json").read_bytes()))
