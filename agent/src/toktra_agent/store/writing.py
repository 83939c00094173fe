"""Small files, written whole or not at all, readable by their owner alone."""

import os
import tempfile
from pathlib import Path

Stamp = tuple[int, int, int] | None
"""Of a file's time, size and number; None where there is none."""


def write_whole(path: Path, content: bytes) -> None:
    """A reader sees the file before or the file after, also after a power cut; mode 0600."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def stamp_of(path: Path) -> Stamp:
    """Changes whenever the file is written anew. Cheap."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
