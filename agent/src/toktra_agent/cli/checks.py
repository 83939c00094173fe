"""The doctor's checks. Each looks at one thing, and knows what to do about it."""

import os
import shutil
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx2

from toktra_agent.desktop.notify import command
from toktra_agent.store import choices, keys
from toktra_agent.store import status as kept
from toktra_agent.store.folder import is_running
from toktra_agent.store.keys import Identity, NotEnrolled

PATIENCE_SECONDS = 5
CLOCK_TOLERANCE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at. `advice`: what to do; None where all is well."""

    what: str
    advice: str | None = None


def run(folder: Path, now: datetime) -> Iterator[Check]:
    """Everything that can be looked at from here."""
    try:
        identity = keys.load(folder)
    except NotEnrolled as none:
        yield Check("This device is enrolled", str(none))
        return
    yield Check(f"This device is enrolled for {identity.user_email}")
    yield from _files(folder)
    yield from _server(identity, now)
    yield _key(folder, identity)
    yield _running(folder)
    yield _choices(folder)
    yield _notices()


def _files(folder: Path) -> Iterator[Check]:
    writable = os.access(folder, os.W_OK)
    advice = None if writable else f"Make {folder} yours again: the agent keeps its files there."
    yield Check("The agent's folder can be written", advice)
    if sys.platform != "win32":
        others = stat.S_IMODE(folder.stat().st_mode) & 0o077
        yield Check("Nobody else can read it", f"Run: chmod 700 '{folder}'" if others else None)


def _server(identity: Identity, now: datetime) -> Iterator[Check]:
    what = f"The server answers at {identity.server}"
    try:
        answer = httpx2.get(f"{identity.server}/v1/health", timeout=PATIENCE_SECONDS)
    except httpx2.TransportError as failure:
        reason = type(failure).__name__
        yield Check(what, f"{reason}: check the network and any VPN. Events wait on this device meanwhile.")
        return
    ready = None if answer.is_success else f"It says {answer.status_code}: wait, or tell your admin."
    yield Check(what, ready)
    yield _clock(answer, now)


def _clock(answer: httpx2.Response, now: datetime) -> Check:
    what = "This device's clock agrees with the server's"
    try:
        off = abs(parsedate_to_datetime(answer.headers["date"]) - now)
    except (KeyError, ValueError, TypeError):
        return Check(what)
    wrong = f"It is off by {int(off.total_seconds())} s. Let the system set the time from the network."
    return Check(what, wrong if off > CLOCK_TOLERANCE else None)


def _key(folder: Path, identity: Identity) -> Check:
    try:
        keys.load_key(folder, identity)
    except NotEnrolled as gone:
        return Check("The device's key is there", str(gone))
    return Check("The device's key is there")


def _running(folder: Path) -> Check:
    if not is_running(folder):
        return Check(
            "The agent is running", "Run `toktra-agent install`, or `toktra-agent run` to see why not."
        )
    found = kept.read(folder)
    return Check("The agent is running without trouble", (found.error or None) if found else None)


def _choices(folder: Path) -> Check:
    return Check("Your choices can be read", choices.load(folder).damaged)


def _notices() -> Check:
    program = command(sys.platform, "", "")[0]
    missing = f"Install {program} (on Debian and Ubuntu: apt-get install libnotify-bin)."
    return Check("Notices can be shown on the desktop", None if shutil.which(program) else missing)
