"""Notices: texts reach the platform's own program as words, never as code (O1)."""

import sys
from pathlib import Path

import pytest

from toktra_agent.desktop.notify import LONGEST, command, notify

NASTY = '"; rm -rf ~; $(x) `y`\n<b>&\x1b[31m' + "z" * LONGEST


@pytest.fixture
def shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A notify-send that writes its words down, a line each."""
    program = tmp_path / "notify-send"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {tmp_path}/shown\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path / "shown"


@pytest.mark.skipif(sys.platform != "linux", reason="notify-send is Linux")
def test_a_notice_is_two_plain_bounded_lines(shown: Path) -> None:
    assert notify("This AI request was not sent", NASTY)
    *options, title, text = shown.read_text().splitlines()
    assert options[-1] == "--"
    assert title == "This AI request was not sent"
    assert text.startswith('"; rm -rf ~; $(x) `y` ‹b›and [31mz')
    assert len(text) <= LONGEST + 2


@pytest.mark.skipif(sys.platform != "linux", reason="notify-send is Linux")
def test_one_that_cannot_be_shown_is_no_trouble(shown: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (shown.parent / "notify-send").write_text("#!/bin/sh\nexit 1\n")
    assert not notify("a", "b")
    monkeypatch.setenv("PATH", str(shown.parent / "empty"))
    assert not notify("a", "b")


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_no_text_is_part_of_a_script(platform: str) -> None:
    words = command(platform, "TITLE", "TEXT")
    scripts = [word for word in words if word not in ("TITLE", "TEXT")]
    assert not any(
        "TITLE" in word or "TEXT" in word.replace("TOKTRA_NOTICE_TEXT", "")
        for word in scripts
        if "env:" not in word
    )
    if platform != "win32":
        assert words[-3:] == ["--", "TITLE", "TEXT"]


def test_the_programs_of_each_platform() -> None:
    assert command("linux", "t", "x")[0] == "notify-send"
    assert command("darwin", "t", "x")[0] == "osascript"
    assert command("win32", "t", "x")[0] == "powershell"
    assert "$env:TOKTRA_NOTICE_TEXT" in command("win32", "t", "x")[-1]
