"""What can go wrong for a person, and in which words."""

from typing import Final

import typer

from toktra_agent.core.privacy_hours import NotADuration
from toktra_agent.core.windows import NotAWindow
from toktra_agent.desktop.installing import NotInstalled
from toktra_agent.desktop.manifests import NotAnExtension
from toktra_agent.desktop.tray import NoTray
from toktra_agent.store.folder import AlreadyRunning, FolderUnusable
from toktra_agent.store.keys import NotEnrolled


class CannotBe(Exception):
    """What was asked for cannot be done. The message says why, and what to do."""


SENTENCES: Final = (
    CannotBe,
    NotADuration,
    NotAWindow,
    NotInstalled,
    NotAnExtension,
    NoTray,
    AlreadyRunning,
    FolderUnusable,
    NotEnrolled,
    OSError,
)


def listen_address(text: str) -> tuple[str, int]:
    """`HOST:PORT` of this machine; CannotBe for anything else."""
    host, _, port = text.rpartition(":")
    if host not in ("127.0.0.1", "localhost", "[::1]") or not port.isdecimal() or not 0 < int(port) < 65_536:
        raise CannotBe(
            f'"{text}" is not an address of this machine. The proxy serves this device only: '
            "say 127.0.0.1 and a port, such as 127.0.0.1:7557."
        )
    return host.strip("[]"), int(port)


def say(text: str) -> None:
    typer.echo(text)
