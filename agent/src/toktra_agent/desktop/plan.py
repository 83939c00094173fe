"""What an installation writes and runs, before any of it is done: data, to be shown and tested."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePath
from typing import Literal

Platform = Literal["linux", "darwin", "win32"]
Command = tuple[str, ...]


class TapName(StrEnum):
    """The ways to see connections."""

    PROXY = "proxy"
    TRANSPARENT = "transparent"
    PASSIVE = "passive"


def clash(taps: Collection[TapName]) -> str | None:
    """Why these cannot run together, in a sentence; None where they can."""
    if TapName.PASSIVE not in taps or len(set(taps)) == 1:
        return None
    return "The passive tap sees what goes through the others too, and would count it twice. Use it alone."


@dataclass(frozen=True, slots=True)
class Site:
    """Where it is installed. `program`: the words that start `toktra-agent`. `user`, `uid`: whose it is."""

    platform: Platform
    program: Command
    folder: PurePath
    home: PurePath
    user: str
    uid: int
    listen: str
    taps: tuple[TapName, ...] = (TapName.PROXY,)

    @property
    def run(self) -> Command:
        """The command line that a service runs."""
        taps = [word for tap in self.taps for word in ("--tap", tap)]
        listen = ("--listen", self.listen) if TapName.PROXY in self.taps else ()
        return (*self.program, "run", *taps, *listen)

    @property
    def real_folder(self) -> Path:
        return Path(self.folder)

    @property
    def privileged(self) -> bool:
        """Whether a tap needs rights that a user does not have."""
        return any(tap is not TapName.PROXY for tap in self.taps)


@dataclass(frozen=True, slots=True)
class File:
    """A file that an installation writes and an uninstallation removes."""

    path: PurePath
    text: str
    mode: int = 0o644

    @property
    def real(self) -> Path:
        return Path(self.path)


@dataclass(frozen=True, slots=True)
class Plan:
    """`start` is run after the files are written, `stop` before they are removed."""

    files: tuple[File, ...]
    start: tuple[Command, ...] = ()
    stop: tuple[Command, ...] = ()
