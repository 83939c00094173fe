"""The employee's choices: kept, cheap to ask, privacy first when damaged (C1, C2, C3)."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from toktra_agent.core.privacy_hours import PrivacyHours
from toktra_agent.core.windows import parse_window
from toktra_agent.store import zone
from toktra_agent.store.choices import DAMAGED, FILE, Choices, load, save

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
HOURS = PrivacyHours((parse_window("Mon-Fri 12:00-13:00"), parse_window("Sat,Sun 00:00-24:00")), NOW)


def test_nothing_chosen_is_corporate_without_privacy_hours(tmp_path: Path) -> None:
    chosen = load(tmp_path)
    assert (chosen.privacy_hours.windows, chosen.privacy_hours.until) == ((), None)
    assert (chosen.mode, chosen.damaged) == ("corporate", None)


def test_what_was_saved_is_loaded_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    save(tmp_path / "agent", Choices(HOURS, "personal"))
    chosen = load(tmp_path / "agent")
    assert (chosen.privacy_hours.windows, chosen.privacy_hours.until) == (HOURS.windows, HOURS.until)
    assert chosen.mode == "personal"
    assert stat.S_IMODE((tmp_path / "agent" / FILE).stat().st_mode) == 0o600
    assert [file.name for file in (tmp_path / "agent").iterdir()] == [FILE]


def test_a_change_by_another_program_is_seen_at_once(tmp_path: Path) -> None:
    save(tmp_path, Choices())
    assert load(tmp_path).privacy_hours.windows == ()
    draft = tmp_path / "draft"
    draft.write_text('{"privacy_windows": ["daily 00:00-24:00"]}')
    draft.replace(tmp_path / FILE)
    assert load(tmp_path).privacy_hours.covers(NOW)
    (tmp_path / FILE).unlink()
    assert not load(tmp_path).privacy_hours.covers(NOW)


def test_unchanged_it_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """C3: the file is opened once for two questions."""
    save(tmp_path, Choices(HOURS))
    opened = []
    read = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: (opened.append(path.name), read(path))[1])
    assert load(tmp_path) == load(tmp_path)
    assert opened == [FILE]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"privacy_windows": ["lunch"]}',
        b'{"privacy_windows": [1]}',
        b'{"privacy_until": "2026-11-26T12:00:00"}',
        b'{"mode": "both"}',
        b'{"privacy_hours": "off"}',
    ],
)
def test_a_damaged_file_is_privacy_hours_until_chosen_anew(tmp_path: Path, content: bytes) -> None:
    """C2."""
    (tmp_path / FILE).write_bytes(content)
    for now in (NOW, NOW + timedelta(days=36_500)):
        assert load(tmp_path).privacy_hours.covers(now)
    assert load(tmp_path).damaged == DAMAGED
    save(tmp_path, Choices())
    assert not load(tmp_path).privacy_hours.covers(NOW)
    assert load(tmp_path).damaged is None


def test_a_folder_in_the_file_s_place_is_a_damaged_file(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    assert load(tmp_path).privacy_hours.covers(NOW)


def test_the_schedule_is_in_the_zone_the_device_is_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(tmp_path, Choices(PrivacyHours((parse_window("daily 12:00-13:00"),))))
    for name in ("Asia/Tokyo", "America/New_York"):
        monkeypatch.setenv("TZ", name)
        zone._known.clear()
        noon = datetime(2026, 11, 26, 12, tzinfo=ZoneInfo(name))
        assert load(tmp_path).privacy_hours.covers(noon)
        assert not load(tmp_path).privacy_hours.covers(noon - timedelta(seconds=1))
    zone._known.clear()


def test_a_save_that_fails_leaves_no_draft_behind(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    with pytest.raises(OSError, match="directory"):
        save(tmp_path, Choices(HOURS))
    assert [file.name for file in tmp_path.iterdir()] == [FILE]
