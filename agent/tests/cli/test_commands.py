"""What a person types, and what they read (Q1). Each case is its own device: a fresh folder."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from toktra_agent import cli
from toktra_agent.core.mode import NOT_SET_UP
from toktra_agent.desktop.plan import TapName, clash
from toktra_agent.store import choices, keys, status
from toktra_agent.store.choices import DAMAGED
from toktra_agent.store.keys import Identity
from toktra_agent.store.spool import Spool
from toktra_agent.store.status import Status
from toktra_wire.event import UsageEvent
from toktra_wire.identity import new_key

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
ENROLLED = Identity("https://toktra.example.com", "device-7", "i", "ada@example.com", "c", "ca")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TOKTRA_AGENT_DIR", str(tmp_path / "agent"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DISPLAY", raising=False)
    return tmp_path / "agent"


class Said:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def say(folder: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def say(*words: str) -> Said:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main(words)
        out, err = capsys.readouterr()
        return Said(int(ended.value.code or 0), out, err)

    return say


@contextmanager
def another_agent(folder: Path) -> Iterator[None]:
    """A process that runs on the folder: locks do not keep a process from itself."""
    holding = (
        "import sys, pathlib; from toktra_agent.store.folder import sole_agent\n"
        "with sole_agent(pathlib.Path(sys.argv[1])): print(flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holding, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        running.stdout.readline()
        yield


def enrolled(folder: Path) -> None:
    keys.save(folder, ENROLLED, new_key())


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["status"], "This device is not enrolled."),
        (["install"], "This device is not enrolled."),
        (["run", "--listen", "0.0.0.0:7557"], "The proxy serves this device only"),
        (["run", "--listen", "127.0.0.1:0"], "The proxy serves this device only"),
        (["install", "--listen", "localhost"], "The proxy serves this device only"),
        (["enroll", "nowhere", "--token", "t", "--email", "e"], '"nowhere" is not the address of a server.'),
        (["enroll", "http://toktra.example.com", "--token", "t", "--email", "e"], "Over http://"),
        (["enroll", "http://127.0.0.1:9", "--token", "t", "--email", "e"], "Nobody answers at 127.0.0.1"),
        (["mode", "personal"], NOT_SET_UP),
        (["privacy-hours", "add", "lunch"], '"lunch" is not a window of time.'),
        (["privacy-hours", "now", "soon"], '"soon" is not a length of time.'),
        (["privacy-hours", "remove", "1"], "There is no window 1."),
        (["browsers", "x"], '"x" is not the id of an extension.'),
        (["tray"], "There is no desktop here"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(say: Any, words: list[str], sentence: str) -> None:
    said = say(*words)
    assert said.code == 1
    assert said.err.startswith(sentence) or sentence in said.err
    assert len(said.err.strip().splitlines()) == 1
    assert "Traceback" not in said.err


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux")
def test_a_folder_that_cannot_be_made_is_a_sentence(say: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKTRA_AGENT_DIR", "/proc/agent")
    said = say("privacy-hours", "now")
    assert (said.code, len(said.err.strip().splitlines())) == (1, 1)
    assert "/proc/agent cannot be used" in said.err


def test_privacy_hours_are_added_shown_and_removed(say: Any, folder: Path) -> None:
    assert say("privacy-hours", "add", "mon-fri 12:00-13:00").code == 0
    say("privacy-hours", "add", "Sat,Sun 00:00-24:00")
    say("privacy-hours", "add", "Mon-Fri 12:00-13:00")
    shown = say("privacy-hours")
    assert shown.out.splitlines()[1:] == ["1  Mon-Fri 12:00-13:00", "2  Sat-Sun 00:00-24:00"]
    assert say("privacy-hours", "remove", "3").code == 1
    say("privacy-hours", "remove", "1")
    assert [str(window) for window in choices.load(folder).privacy_hours.windows] == ["Sat-Sun 00:00-24:00"]


def test_privacy_hours_begin_now_and_end(say: Any, folder: Path) -> None:
    before = datetime.now(UTC)
    say("privacy-hours", "add", "Mon 03:00-03:01")
    begun = say("privacy-hours", "now", "2h")
    assert begun.out.startswith("Privacy Hours until ")
    until = choices.load(folder).privacy_hours.until
    assert until is not None
    assert timedelta(hours=2) <= until - before <= timedelta(hours=2, minutes=5)
    say("privacy-hours", "off")
    assert choices.load(folder).privacy_hours.until is None
    assert len(choices.load(folder).privacy_hours.windows) == 1


def test_no_more_windows_than_can_be_kept(say: Any, folder: Path) -> None:
    windows = [f"Mon {hour:02}:{minute:02}-24:00" for hour in range(5) for minute in range(10)]
    folder.mkdir()
    (folder / choices.FILE).write_text(json.dumps({"privacy_windows": windows}))
    assert "50 windows already" in say("privacy-hours", "add", "Tue 12:00-13:00").err
    assert len(choices.load(folder).privacy_hours.windows) == 50


def test_a_damaged_file_is_said_and_choosing_anew_ends_it(say: Any, folder: Path) -> None:
    folder.mkdir()
    (folder / choices.FILE).write_text("{")
    assert say("privacy-hours").out.strip() == DAMAGED
    assert say("mode", "corporate").code == 0
    assert say("privacy-hours").out.strip() == DAMAGED
    assert say("privacy-hours", "add", "Mon 03:00-03:01").code == 0
    assert choices.load(folder).damaged is None
    assert [str(window) for window in choices.load(folder).privacy_hours.windows] == ["Mon 03:00-03:01"]


def test_the_mode_is_shown_and_corporate_can_be_chosen(say: Any, folder: Path) -> None:
    assert say("mode").out.startswith("corporate: ")
    assert not (folder / choices.FILE).exists()
    assert say("mode", "corporate").code == 0
    assert choices.load(folder).mode == "corporate"


def test_status_in_words_and_as_json(say: Any, folder: Path) -> None:
    enrolled(folder)
    assert "The agent is not running." in say("status").out
    known = Status(
        7,
        "0.1.0",
        "",
        "s",
        "d",
        spooled=3,
        sent={"accepted": 12},
        dropped={"dropped_too_old": 2},
        last_contact_at="x",
    )
    status.write(folder, known)
    with another_agent(folder):
        lines = say("status").out.splitlines()
        document = json.loads(say("status", "--json").out)
    assert lines[:2] == ["Counting.", "Enrolled at https://toktra.example.com for ada@example.com."]
    assert "Last contact: x. Waiting to be sent: 3." in lines
    assert "Sent: 12 accepted" in lines
    assert "Not sent: 2 dropped too old" in lines
    assert (document["running"], document["private"], document["mode"]) == (True, False, "corporate")
    assert document["agent"]["spooled"] == 3


def test_what_is_sent_is_shown_as_it_left(say: Any, folder: Path) -> None:
    assert say("sent").out.strip() == "Nothing has been sent yet."
    folder.mkdir(exist_ok=True)
    spool = Spool(folder)
    spool.keep(UsageEvent(UUID(int=7), NOW, "api.openai.com", 2_000, 8_000, 410, 1_190))
    waiting = spool.waiting(1)
    spool.forget(waiting, {"accepted": 1})
    spool.close()
    assert "26 Nov 12:00:00 api.openai.com, about 1.60 k tokens" in say("sent").out
    (event,) = json.loads(say("sent", "--json").out)
    assert event == json.loads(waiting[0].body)


def test_the_doctor_says_what_to_do(say: Any, folder: Path) -> None:
    assert "no  This device is enrolled" in say("doctor").out
    keys.save(folder, Identity("http://127.0.0.1:9", "d", "i", "ada@example.com", "c", "ca"), new_key())
    folder.chmod(0o755)
    (folder / choices.FILE).write_text("{")
    said = say("doctor")
    assert said.code == 1
    lines = said.out.splitlines()
    assert "ok  This device is enrolled for ada@example.com" in lines
    assert f"    Run: chmod 700 '{folder}'" in lines
    assert "no  The server answers at http://127.0.0.1:9" in lines
    assert "ok  The device's key is there" in lines
    assert "no  The agent is running" in lines
    assert f"    {DAMAGED}" in lines


def test_the_passive_tap_is_not_installed_with_another(say: Any, folder: Path) -> None:
    enrolled(folder)
    said = say("install", "--tap", "passive", "--tap", "transparent")
    assert (said.code, said.err.strip()) == (1, clash(list(TapName)))


def test_last_events_that_cannot_be_read_are_a_sentence(say: Any, folder: Path) -> None:
    enrolled(folder)
    (folder / "spool.sqlite").write_bytes(b"no database at all" * 500)
    assert say("sent").err.startswith(
        "The file with the last events cannot be read (file is not a database)."
    )


def test_uninstall_asks_first_and_leaves_what_is_not_ours(
    say: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrolled(folder)
    choices.save(folder, choices.Choices())
    (folder / "extensions").mkdir()
    others = ("package.json", "thesis.txt")
    for name in others:
        (folder / name).write_text("mine")
    monkeypatch.setattr("builtins.input", lambda *_: "n")
    assert say("uninstall").code == 1
    assert (folder / keys.FILE).exists()
    said = say("uninstall", "--yes")
    assert said.code == 0
    assert sorted(path.name for path in folder.iterdir()) == [*others]
    for name in others:
        (folder / name).unlink()
    enrolled(folder)
    say("uninstall", "--yes")
    assert not folder.exists()


def test_every_command_has_help(say: Any) -> None:
    help_text = say("--help").out
    for name in (
        "enroll",
        "run",
        "status",
        "sent",
        "doctor",
        "mode",
        "privacy-hours",
        "proxy",
        "install",
        "uninstall",
    ):
        assert name in help_text
        assert say(name, "--help").code == 0
