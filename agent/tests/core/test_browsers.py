"""What is left to a browser's extension, and what is not (X1)."""

from datetime import UTC, datetime, timedelta

import pytest

from toktra_agent.core.browsers import ALIVE_FOR, SignOfLife, alive, browser_of, covers

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
SIGN = SignOfLife(NOW, ("chatgpt.com", "*.openai.com"))


@pytest.mark.parametrize(
    ("application", "browser"),
    [
        ("chrome", "chrome"),
        ("chrome.exe", "chrome"),
        ("Google Chrome Helper", "chrome"),
        ("google-chrome-stable", "chrome"),
        ("chromium", "chromium"),
        ("chromium-browser", "chromium"),
        ("msedge.exe", "edge"),
        ("Microsoft Edge Helper", "edge"),
        ("firefox-esr", "firefox"),
        ("curl", None),
        ("python3.11", None),
        ("", None),
        (None, None),
    ],
)
def test_browsers_are_known_by_their_programs_names(application: str | None, browser: str | None) -> None:
    assert browser_of(application) == browser


@pytest.mark.parametrize(
    ("host", "covered"),
    [
        ("chatgpt.com", True),
        ("ChatGPT.com", True),
        ("api.openai.com", True),
        ("a.b.openai.com", True),
        (".openai.com", False),
        ("openai.com", False),
        ("notchatgpt.com", False),
        ("chatgpt.com.example", False),
    ],
)
def test_only_the_hosts_it_names_are_left_to_an_extension(host: str, covered: bool) -> None:
    assert covers(SIGN, host, NOW) is covered


def test_an_extension_is_alive_for_a_while_after_each_sign() -> None:
    moment = timedelta(microseconds=1)
    assert alive(SIGN, NOW)
    assert alive(SIGN, NOW + ALIVE_FOR - moment)
    assert not alive(SIGN, NOW + ALIVE_FOR)
    assert not covers(SIGN, "chatgpt.com", NOW + ALIVE_FOR)


def test_without_a_sign_or_with_one_from_the_future_it_is_not() -> None:
    assert not alive(None, NOW)
    assert not covers(None, "chatgpt.com", NOW)
    assert not alive(SIGN, NOW - timedelta(microseconds=1))
