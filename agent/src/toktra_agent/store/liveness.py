"""Signs of life of the browser extensions: one small file for each browser, written by its native host."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from toktra_agent.core.browsers import Browser, SignOfLife, browser_of, covers
from toktra_agent.store.writing import Stamp, stamp_of, write_whole

MOST_HOSTS = 200
NATIVE_HOST = "native-host"
"""The folder of the programs that browsers start; it is there where an extension may come."""
_SIGNS = "extensions"


class _Written(Struct, frozen=True, forbid_unknown_fields=True):
    at: Annotated[datetime, Meta(tz=True)]
    hosts: list[str]


_known: dict[Browser, tuple[Path, Stamp, SignOfLife | None]] = {}


def beat(folder: Path, browser: Browser, hosts: Iterable[str], now: datetime) -> None:
    """The extension in this browser is alive and covers these hosts."""
    written = _Written(now, list(hosts)[:MOST_HOSTS])
    write_whole(_path(folder, browser), msgspec.json.encode(written))


def extension_covers(folder: Path, application: str | None, host: str, now: datetime) -> bool:
    """Whether a flow of this program to this host is left to the browser's extension."""
    browser = browser_of(application)
    return browser is not None and covers(_last(folder, browser), host, now)


def is_expected(folder: Path) -> bool:
    """Whether it matters which program a flow belongs to: also before the first sign, since a browser's
    connections outlast it."""
    return any((folder / name).is_dir() for name in (NATIVE_HOST, _SIGNS))


def _last(folder: Path, browser: Browser) -> SignOfLife | None:
    """None for a file that is not there or damaged: the agent then watches the browser itself."""
    path, known = _path(folder, browser), _known.get(browser)
    try:
        stamp = stamp_of(path)
        if known is None or known[:2] != (path, stamp):
            known = _known[browser] = (path, stamp, _read(path) if stamp else None)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return known[2]


def _read(path: Path) -> SignOfLife:
    written = msgspec.json.decode(path.read_bytes(), type=_Written)
    return SignOfLife(written.at, tuple(written.hosts[:MOST_HOSTS]))


def _path(folder: Path, browser: Browser) -> Path:
    return folder / _SIGNS / f"{browser}.json"
