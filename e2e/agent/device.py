"""The whole agent on a device of its own: enrolled and run by its own commands, seen by the Toktra server."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from e2e.agent.office import Desk, Office
from e2e.agent.tapped import Tapped
from e2e.agent.world import World, wait_until
from toktra_agent.store import keys, status

Tap = Literal["proxy", "transparent"]
PORT = 7557
LOG = "said.log"
_AGENT = (sys.executable, "-m", "toktra_agent.cli")


def enrolled(office: Office, world: World, email: str = "") -> Desk:
    """Someone whose device has just been enrolled, over the line."""
    email, user_id = office.person(email)
    folder = office.folder / email
    words = ("enroll", office.running.url, "--token", office.token(), "--email", email)
    world.run(*_AGENT, *words, environment={"TOKTRA_AGENT_DIR": str(folder)})
    return Desk(office, email, user_id, folder, keys.load(folder))


@contextmanager
def running(desk: Desk, world: World, tap: Tap) -> Iterator[Tapped]:
    """The agent runs with this tap, for the first time. Told to stop it ends well, and everything it saw has
    been sent.
    """
    world.forget()
    (desk.folder / status.FILE).unlink(missing_ok=True)
    words = world.on_device(*_AGENT, "run", "--tap", tap, "--listen", f"127.0.0.1:{PORT}")
    with (desk.folder / LOG).open("ab") as log:
        agent = subprocess.Popen(
            words,
            env={**os.environ, "TOKTRA_AGENT_DIR": str(desk.folder)},
            stdout=log,
            stderr=log,
            text=True,
        )
    try:
        wait_until(lambda: agent.poll() is not None or _stands(world, tap))
        yield Tapped(world, desk.folder, PORT if tap == "proxy" else 0, agent)
    finally:
        agent.send_signal(signal.SIGTERM)
        code = agent.wait(20)
    assert code == 0, (desk.folder / LOG).read_text()


def _stands(world: World, tap: Tap) -> bool:
    if tap == "transparent":
        return "redirect to" in world.run("nft", "list", "ruleset").stdout
    pac = world.run("curl", "--silent", f"http://127.0.0.1:{PORT}/proxy.pac", check=False)
    return "api.openai.com" in pac.stdout


def arrived(desk: Desk) -> list[dict[str, Any]]:
    """What the Toktra server has from this person's device, in the form of `tapped.seen`."""
    rows = desk.office.rows(
        "SELECT provider_host, request_bytes, response_bytes FROM usage_events "
        "WHERE user_id = %s AND source = 'agent'",
        desk.user_id,
    )
    return [dict(zip(("host", "got", "sent"), row, strict=True)) for row in rows]
