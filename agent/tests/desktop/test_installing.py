"""Plans are carried out and undone, with real files and real commands."""

import stat
from pathlib import Path

import pytest

from toktra_agent.desktop.installing import NotInstalled, carry_out, failure_of, run_all, undo
from toktra_agent.desktop.plan import File, Plan


def test_files_are_written_and_commands_run_and_both_undone(tmp_path: Path) -> None:
    file, mark = tmp_path / "a" / "b.service", tmp_path / "mark"
    plan = Plan((File(file, "text\n", 0o700),), (("touch", str(mark)),), (("rm", str(mark)),))
    assert list(carry_out(plan)) == [f"wrote {file}", f"ran touch {mark}"]
    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode), mark.exists()) == ("text\n", 0o700, True)
    assert list(undo(plan)) == [f"ran rm {mark}", f"removed {file}"]
    assert (file.exists(), mark.exists()) == (False, False)
    assert list(undo(plan)) == []


def test_a_command_that_fails_is_said_with_its_own_words(tmp_path: Path) -> None:
    plan = Plan((), (("ls", str(tmp_path / "nowhere")),))
    with pytest.raises(NotInstalled, match=r"`ls .*nowhere` did not work: .*No such file"):
        list(carry_out(plan))
    with pytest.raises(NotInstalled, match="there is no no-such-program"):
        run_all([("true",), ("no-such-program", "x")])
    assert failure_of(("true",)) is None
    assert failure_of(("false",)) == "it ended with status 1"


def test_undoing_goes_on_when_a_command_fails(tmp_path: Path) -> None:
    file = tmp_path / "unit"
    file.write_text("")
    steps = list(undo(Plan((File(file, ""),), (), (("false",),))))
    assert steps == ["left out false (it ended with status 1)", f"removed {file}"]


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotInstalled, match="cannot be written"):
        list(carry_out(Plan((File(tmp_path / "file" / "unit", ""),))))
