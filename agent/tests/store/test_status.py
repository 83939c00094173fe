"""The status file: read back as written, and none where it cannot be read."""

from pathlib import Path

import pytest

from toktra_agent.store import status
from toktra_agent.store.status import FILE, Remaining, Status


def test_it_is_read_back_as_written(tmp_path: Path) -> None:
    remaining = Remaining("2026-11-02T09:30:00+00:00", "warn", "Team: 91%", "Team", 9_000, None)
    found = Status(1, "0.1.0", "2026-11-02T09:00:00+00:00", "https://t.example", "d", remaining=remaining)
    status.write(tmp_path, found)
    assert status.read(tmp_path) == found


@pytest.mark.parametrize("content", [None, b"", b"{}", b"\xff"])
def test_what_cannot_be_read_is_none(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / FILE).write_bytes(content)
    assert status.read(tmp_path) is None
