"""What the employee chose on this device: Privacy Hours, and whose ledger usage goes to. One file, theirs.

C1: this file is the only place Privacy Hours come from; no setting and no server's answer is asked.
C2: a file that cannot be read counts as Privacy Hours in force until they are chosen anew: privacy first.
C3: asking again costs one look at the file's stamp.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from toktra_agent.core.mode import Mode
from toktra_agent.core.privacy_hours import MOST_WINDOWS, UNTIL_CHOSEN_ANEW, PrivacyHours
from toktra_agent.core.windows import NotAWindow, parse_window
from toktra_agent.store.writing import Stamp, stamp_of, write_whole
from toktra_agent.store.zone import local_zone

FILE = "choices.json"
DAMAGED = (
    "The file with your choices cannot be read. Privacy Hours are in force until you choose anew, "
    'for instance with "toktra-agent privacy-hours off" or "toktra-agent privacy-hours add".'
)


@dataclass(frozen=True, slots=True)
class Choices:
    """`damaged`: a sentence for the employee where the file could not be read."""

    privacy_hours: PrivacyHours = field(default=PrivacyHours())
    mode: Mode = "corporate"
    damaged: str | None = None


class _Written(Struct, frozen=True, forbid_unknown_fields=True):
    """The file. Windows stand in it as the employee reads and writes them."""

    privacy_windows: Annotated[list[str], Meta(max_length=MOST_WINDOWS)] = []
    privacy_until: Annotated[datetime, Meta(tz=True)] | None = None
    mode: Mode = "corporate"


_known: list[tuple[Path, Stamp, Choices]] = []
_FROM_DAMAGED = Choices(PrivacyHours(until=UNTIL_CHOSEN_ANEW), damaged=DAMAGED)


def load(folder: Path) -> Choices:
    """What is chosen now, in the zone the device is in now (C2, C3)."""
    path = folder / FILE
    try:
        stamp = stamp_of(path)
        if not _known or _known[0][:2] != (path, stamp):
            _known[:] = [(path, stamp, _read(path) if stamp else Choices())]
    except (OSError, msgspec.MsgspecError, NotAWindow, UnicodeDecodeError):
        return _FROM_DAMAGED
    chosen, zone = _known[0][2], local_zone()
    if chosen.privacy_hours.zone is zone:
        return chosen
    return replace(chosen, privacy_hours=replace(chosen.privacy_hours, zone=zone))


def save(folder: Path, choices: Choices) -> None:
    """Written whole, 0600. OSError where the folder cannot be written."""
    hours = choices.privacy_hours
    written = _Written([str(window) for window in hours.windows], hours.until, choices.mode)
    content = msgspec.json.format(msgspec.json.encode(written), indent=2)
    write_whole(folder / FILE, content + b"\n")
    _known.clear()


def _read(path: Path) -> Choices:
    written = msgspec.json.decode(path.read_bytes(), type=_Written)
    windows = tuple(parse_window(text) for text in written.privacy_windows)
    return Choices(PrivacyHours(windows, written.privacy_until, local_zone()), written.mode)
