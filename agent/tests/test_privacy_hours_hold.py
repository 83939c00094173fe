"""Privacy Hours cannot be overridden or disabled: no configuration, no variable and no option does it."""

import copy
import io
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

import click
import httpx2
import msgspec
import pytest
import typer.main

from toktra_agent import cli
from toktra_agent.agent import put_together
from toktra_agent.cli import app
from toktra_agent.core.privacy_hours import PrivacyHours
from toktra_agent.core.watching import Request
from toktra_agent.core.windows import parse_window
from toktra_agent.server.configuring import Kept
from toktra_agent.server.contact import Contact
from toktra_agent.store import choices
from toktra_agent.store.choices import Choices
from toktra_agent.watch import Watch
from toktra_wire import WIRE_VERSION, estimator
from toktra_wire.config import DeviceConfig, Enforcement, Intervals, ProviderHost

HOST = "api.openai.com"
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
ALWAYS = Choices(PrivacyHours((parse_window("daily 00:00-24:00"),)))
CONFIG = DeviceConfig(
    wire_version=WIRE_VERSION,
    hosts=[ProviderHost(HOST, "openai")],
    estimator=estimator.load(),
    intervals=Intervals(),
    enforcement=Enforcement(preflight=True, when_unsure="block"),
    certificate_not_after="2027-01-01T00:00:00Z",
)
_ROOT = Path(__file__).parents[2]
_VARIABLE = re.compile(r"TOKTRA_[A-Z_]+")
VALUES = ("", "0", "1", "off", "false", "disabled", "never")


def watch_of(folder: Path, config: DeviceConfig) -> Watch:
    kept = Kept('"etag"', NOW.isoformat(), config)
    return put_together(folder, httpx2.AsyncClient(), Contact(lambda: NOW), kept)


def captures(watch: Watch) -> bool:
    """Whether anything is seen or kept of a request now."""
    watched = watch.watches(HOST)
    watch.keep(Request(HOST, NOW, 100, 2_000, 8_000, 4))
    return watched or len(watch.spool) > 0 or watch.uses_privacy_hours() is False


def variants(document: Any) -> Iterator[Any]:
    """The document with each of its fields in turn set to something else, added to, and taken away."""
    for place, before in _leaves(document, ()):
        for value in _others(before):
            changed = copy.deepcopy(document)
            inner = changed
            for step in place[:-1]:
                inner = inner[step]
            inner[place[-1]] = value
            yield changed
    for name in ("privacy_hours", "privacy_until", "override_privacy_hours", "in_use", "private"):
        yield {**document, name: False}


def _leaves(value: Any, place: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, (*place, name))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        yield from _leaves(value[0], (*place, 0))
    elif place:
        yield place, value


def _others(value: Any) -> tuple[Any, ...]:
    if isinstance(value, bool):
        return (not value,)
    if isinstance(value, int | float):
        return (0, 1, -1, 10**9)
    if isinstance(value, str):
        return ("", "allow", "warn", "block", "*", "privacy-hours=off")
    return ([],) if isinstance(value, list) else (None,)


def test_without_privacy_hours_the_same_request_is_kept(tmp_path: Path) -> None:
    """So that the tests below can fail."""
    watch = watch_of(tmp_path, CONFIG)
    assert watch.watches(HOST)
    assert captures(watch)
    assert len(watch.spool) == 1


async def test_no_field_of_the_configuration_overrides_them(tmp_path: Path) -> None:
    choices.save(tmp_path, ALWAYS)
    watch, taken = watch_of(tmp_path, CONFIG), 0
    for document in variants(msgspec.to_builtins(CONFIG)):
        try:
            config = msgspec.convert(document, DeviceConfig)
        except msgspec.ValidationError:
            continue
        watch.use(Kept('"etag"', NOW.isoformat(), config))
        assert not captures(watch), document
        taken += 1
    assert taken > 40


def test_no_variable_overrides_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    choices.save(tmp_path, ALWAYS)
    sources = [file for part in ("agent", "server", "wire") for file in (_ROOT / part / "src").rglob("*.py")]
    named = {name for file in sources for name in _VARIABLE.findall(file.read_text())}
    guessed = {"TOKTRA_PRIVACY_HOURS", "TOKTRA_NO_PRIVACY_HOURS", "TOKTRA_FORCE", "TOKTRA_MODE"}
    assert "TOKTRA_AGENT_DIR" in named
    for value in VALUES:
        for name in named | guessed:
            monkeypatch.setenv(name, value)
        choices._known.clear()
        assert not captures(watch_of(tmp_path, CONFIG)), value


def commands() -> Iterator[tuple[list[str], click.Command]]:
    group = typer.main.get_command(app)
    assert isinstance(group, click.Group | typer.core.TyperGroup)
    for name, command in group.commands.items():
        inner = getattr(command, "commands", None)
        if inner is None:
            yield [name], command
        else:
            yield from (([name, each], one) for each, one in inner.items())


def test_no_option_of_any_command_is_about_them() -> None:
    """Only `privacy-hours` says anything of them, and its commands take a window, a number or a length."""
    found = {" ".join(words): [param.name for param in command.params] for words, command in commands()}
    assert len(found) > 12
    about = {words: params for words, params in found.items() if words.startswith("privacy-hours")}
    assert about == {
        "privacy-hours show": [],
        "privacy-hours add": ["window"],
        "privacy-hours remove": ["number"],
        "privacy-hours now": ["length"],
        "privacy-hours off": [],
    }
    others = [name for words, params in found.items() if words not in about for name in params if name]
    assert [name for name in others if re.search("priva|hour|overrid|force|captur", name)] == []


@pytest.mark.parametrize(
    "words",
    [
        ["mode", "corporate"],
        ["status", "--json"],
        ["sent", "--json"],
        ["doctor"],
        ["install", "--tap", "proxy"],
        ["enroll", "http://127.0.0.1:1", "--token", "t", "--email", "a@example.com", "--insecure"],
        ["native-host", "chrome"],
        ["privacy-hours", "off"],
        ["privacy-hours", "now", "1m"],
        ["privacy-hours", "remove", "2"],
    ],
)
def test_no_command_with_its_options_overrides_a_window(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.setenv("TOKTRA_AGENT_DIR", str(tmp_path))
    choices.save(tmp_path, ALWAYS)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO()))
    with pytest.raises(SystemExit):
        cli.main(words)
    assert not captures(watch_of(tmp_path, CONFIG))


@pytest.mark.parametrize("words", [["--tap", "proxy", "--listen", "127.0.0.1:7557"], ["--tap", "passive"]])
def test_running_with_its_options_does_not_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    """A process of its own: `run` becomes another program."""
    monkeypatch.setenv("TOKTRA_AGENT_DIR", str(tmp_path))
    choices.save(tmp_path, ALWAYS)
    ended = subprocess.run([sys.executable, "-m", "toktra_agent.cli", "run", *words], check=False, timeout=30)
    assert ended.returncode == 1
    assert not captures(watch_of(tmp_path, CONFIG))


def test_what_the_server_answers_to_a_device_says_nothing_of_them() -> None:
    """The shapes a device reads have no field that could."""
    names = set(re.findall(r'"(\w+)":', msgspec.json.encode(CONFIG).decode()))
    assert [name for name in names if re.search("priva|hour|captur", name)] == []


def test_a_request_of_which_any_time_was_in_them_is_not_kept(tmp_path: Path) -> None:
    hours = PrivacyHours((parse_window("daily 12:00-13:00"),))
    choices.save(tmp_path, Choices(hours))
    monday = NOW.replace(hour=13, minute=0)
    with patch.object(choices, "local_zone", lambda: UTC):
        choices._known.clear()
        for began, ended in (
            (timedelta(minutes=-90), timedelta(minutes=-30)),
            (timedelta(minutes=-30), timedelta(minutes=30)),
            (timedelta(minutes=-59), timedelta(minutes=-1)),
            (timedelta(minutes=-90), timedelta(minutes=30)),
        ):
            watch = watch_of(tmp_path, CONFIG)
            lasted = (ended - began) // timedelta(milliseconds=1)
            watch.contact.clock = lambda ended=ended: monday + ended
            watch.note(Request(HOST, monday + began, lasted, 2_000, 8_000, 4))
            watch.keep(Request(HOST, monday + began, lasted, 2_000, 8_000, 4))
            assert len(watch.spool) == 0


def test_a_request_that_went_on_in_them_is_not_kept_though_they_were_ended_before_it_was(
    tmp_path: Path,
) -> None:
    watch = watch_of(tmp_path, CONFIG)
    began = watch.contact.clock()
    request = Request(HOST, began, 100, 2_000, 8_000, 4, id=UUID(int=1))
    watch.note(request)
    choices.save(tmp_path, Choices(PrivacyHours(until=began + timedelta(hours=1))))
    watch.note(request)
    choices.save(tmp_path, Choices())
    watch.note(request)
    watch.keep(request)
    assert (len(watch.spool), len(watch_of(tmp_path, CONFIG).spool)) == (0, 0)
    watch.keep(Request(HOST, began, 100, 2_000, 8_000, 4, id=UUID(int=2)))
    assert len(watch.spool) == 1
