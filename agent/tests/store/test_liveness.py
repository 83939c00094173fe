"""Signs of life of browser extensions, as the agent finds them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from toktra_agent.core.browsers import ALIVE_FOR
from toktra_agent.store.liveness import MOST_HOSTS, NATIVE_HOST, beat, extension_covers, is_expected

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def test_a_browser_whose_extension_is_alive_is_left_to_it(tmp_path: Path) -> None:
    beat(tmp_path, "chrome", ["chatgpt.com"], NOW)
    assert extension_covers(tmp_path, "chrome", "chatgpt.com", NOW)


def test_nothing_else_is(tmp_path: Path) -> None:
    beat(tmp_path, "chrome", ["chatgpt.com"], NOW)
    assert not extension_covers(tmp_path, "chrome", "claude.ai", NOW)
    assert not extension_covers(tmp_path, "firefox", "chatgpt.com", NOW)
    assert not extension_covers(tmp_path, "curl", "chatgpt.com", NOW)
    assert not extension_covers(tmp_path, None, "chatgpt.com", NOW)
    assert not extension_covers(tmp_path, "chrome", "chatgpt.com", NOW + ALIVE_FOR)


def test_without_signs_every_browser_is_watched(tmp_path: Path) -> None:
    assert not extension_covers(tmp_path, "chrome", "chatgpt.com", NOW)


@pytest.mark.parametrize("name", [NATIVE_HOST, "extensions"])
def test_programs_matter_where_an_extension_may_come(tmp_path: Path, name: str) -> None:
    assert not is_expected(tmp_path)
    (tmp_path / name).mkdir()
    assert is_expected(tmp_path)


def test_a_later_sign_replaces_the_one_before(tmp_path: Path) -> None:
    beat(tmp_path, "edge", ["chatgpt.com"], NOW)
    assert extension_covers(tmp_path, "msedge", "chatgpt.com", NOW)
    later = NOW + timedelta(seconds=60)
    beat(tmp_path, "edge", ["claude.ai"], later)
    assert extension_covers(tmp_path, "msedge", "claude.ai", later + timedelta(seconds=60))
    assert not extension_covers(tmp_path, "msedge", "chatgpt.com", later)


@pytest.mark.parametrize("content", [b"", b"{}", b'{"at": "2026-11-26T12:00:00", "hosts": ["chatgpt.com"]}'])
def test_a_damaged_sign_is_none(tmp_path: Path, content: bytes) -> None:
    beat(tmp_path, "chrome", ["chatgpt.com"], NOW)
    (tmp_path / "extensions" / "chrome.json").write_bytes(content)
    assert not extension_covers(tmp_path, "chrome", "chatgpt.com", NOW)


def test_hosts_are_bounded(tmp_path: Path) -> None:
    beat(tmp_path, "chrome", [f"h{number}.example" for number in range(MOST_HOSTS + 1)], NOW)
    assert extension_covers(tmp_path, "chrome", f"h{MOST_HOSTS - 1}.example", NOW)
    assert not extension_covers(tmp_path, "chrome", f"h{MOST_HOSTS}.example", NOW)
