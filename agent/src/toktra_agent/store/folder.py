"""The agent's folder on this device: where it is, whose it is, and that one agent runs on it."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import platformdirs

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

SETTING = "TOKTRA_AGENT_DIR"
_LOCK = "agent.lock"
_WAITS = (0, 0.05, 0.2)  # who only asks holds the lock for a moment


class FolderUnusable(Exception):
    """The folder cannot be used; the message says which, why, and what to do."""


class AlreadyRunning(Exception):
    """Another agent runs on this folder."""


def locate() -> Path:
    """TOKTRA_AGENT_DIR, or the platform's place for a user's application data."""
    given = os.environ.get(SETTING)
    return Path(given) if given else platformdirs.user_data_path("toktra-agent", appauthor=False)


def prepare(folder: Path) -> Path:
    """Made where it is missing, and closed to everyone but its owner."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    except OSError as wrong:
        raise FolderUnusable(
            f"The agent's folder {folder} cannot be used ({wrong.strerror or wrong}). "
            f"Make it yours, or name another one in {SETTING}."
        ) from wrong
    return folder


@contextmanager
def sole_agent(folder: Path) -> Iterator[None]:
    """While this is held no other agent runs on the folder. It ends with the process, however that ends."""
    with (folder / _LOCK).open("ab") as file:
        if not any(_takes(file, wait) for wait in _WAITS):
            raise AlreadyRunning(
                "The agent already runs on this device. `toktra-agent status` shows what it does."
            )
        yield


def is_running(folder: Path) -> bool:
    """Whether an agent runs on the folder now."""
    if not (folder / _LOCK).exists():
        return False
    with (folder / _LOCK).open("ab") as file:
        return not _takes(file, 0)


def _takes(file: IO[bytes], wait: float) -> bool:
    """Whether the file is this process's now; closing it lets it go."""
    time.sleep(wait)
    try:
        if sys.platform == "win32":
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
