"""The agent's folder: where it is, and whose."""

from pathlib import Path

import pytest

from toktra_agent.store.folder import SETTING, FolderUnusable, is_running, locate, prepare


def test_it_is_where_the_setting_says_or_where_the_platform_keeps_such_things(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(SETTING, str(tmp_path / "here"))
    assert locate() == tmp_path / "here"
    monkeypatch.delenv(SETTING)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    assert locate().is_relative_to(tmp_path)
    assert locate().name == "toktra-agent"


def test_it_is_closed_to_everyone_but_its_owner(tmp_path: Path) -> None:
    open_to_all = tmp_path / "open"
    open_to_all.mkdir(mode=0o777)
    for folder in (open_to_all, tmp_path / "a" / "new" / "one"):
        assert prepare(folder).stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_made_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderUnusable, match=f"Make it yours, or name another one in {SETTING}"):
        prepare(tmp_path / "file" / "folder")


def test_where_no_agent_ever_ran_none_runs(tmp_path: Path) -> None:
    assert not is_running(tmp_path)
    assert list(tmp_path.iterdir()) == []
