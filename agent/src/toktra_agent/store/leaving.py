"""Leaving a device: everything the agent keeps, and nothing else that may lie in its folder."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from toktra_agent.store import keys

_JSON: Final = ("choices", "config", "identity", "status")
_OURS: Final = (
    *(f"{name}.json" for name in _JSON),
    "spool.sqlite*",
    "agent.lock",
    "device.key",
    "extensions",
    "native-host",
    *(f".{name}.json.*" for name in _JSON),
    ".device.key.*",
    "toktra-agent.xml",
)


def remove_everything(folder: Path) -> Iterator[Path]:
    """The key first, in the key store too. The folder itself goes when nothing is left in it."""
    keys.remove(folder)
    for path in sorted({path for pattern in _OURS for path in folder.glob(pattern)}):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        yield path
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        yield folder
