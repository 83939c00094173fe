"""The tray's menu: what is shown follows from what is known and chosen (G1, G2)."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from toktra_agent.core.mode import NOT_SET_UP, NoPersonalLedger
from toktra_agent.core.privacy_hours import UNTIL_CHOSEN_ANEW, PrivacyHours
from toktra_agent.core.windows import parse_window
from toktra_agent.desktop.menu import OFFERED, SHOWN_SENT, Item, Known, menu
from toktra_agent.desktop.words import remaining_text, standing_text, tokens_text
from toktra_agent.store.choices import DAMAGED, Choices
from toktra_agent.store.status import Remaining, Status
from toktra_wire.event import UsageEvent, encode

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
LEFT = Remaining(NOW.isoformat(), "allow", "", "Engineering", 1_240_000, "2026-12-01T00:00:00+00:00")
STATUS = Status(
    1, "0.1.0", NOW.isoformat(), "https://toktra.example.com", "d", last_contact_at="now", remaining=LEFT
)
RUNNING = Known(STATUS, running=True)
NOBODY = NoPersonalLedger()
EVENT = UsageEvent(UUID(int=7), NOW, "api.openai.com", 2_000, 8_000, 410, 1_190)


def texts(items: Iterable[Item]) -> list[str]:
    return [item.text for item in items]


def item(items: Iterable[Item], text: str) -> Item:
    (found,) = [one for one in items if text in one.text]
    return found


def test_the_menu_of_an_ordinary_moment() -> None:
    shown = menu(RUNNING, Choices(), NOBODY, NOW)
    assert texts(shown) == [
        "Counting",
        "1.24 M tokens left in Engineering, until 01 Dec 00:00 UTC",
        "Privacy Hours are not in force",
        "Privacy Hours for the next hour",
        "Weekly Privacy Hours",
        "Personal mode",
        "What is sent",
    ]


def test_the_next_hour_begins_and_ends_in_the_menu() -> None:
    begun = item(menu(RUNNING, Choices(), NOBODY, NOW), "next hour").chooses
    assert begun == Choices(PrivacyHours(until=NOW + HOUR))
    assert begun is not None
    shown = menu(RUNNING, begun, NOBODY, NOW)
    assert texts(shown)[0] == "Private: nothing is captured"
    assert texts(shown)[2] == "Privacy Hours until 13:00"
    assert item(shown, "End the Privacy Hours").chooses == Choices()
    assert texts(menu(RUNNING, begun, NOBODY, NOW + HOUR))[3] == "Privacy Hours for the next hour"


def test_windows_are_switched_on_and_off() -> None:
    mine = parse_window("Wed 08:00-09:00")
    chosen = Choices(PrivacyHours((mine, OFFERED[0])))
    schedule = item(menu(RUNNING, chosen, NOBODY, NOW), "Weekly").items
    assert texts(schedule) == [str(mine), *(str(window) for window in OFFERED)]
    assert [one.checked for one in schedule] == [True, True, False, False]
    assert item(schedule, "Wed").chooses == Choices(PrivacyHours((OFFERED[0],)))
    assert schedule[2].chooses == Choices(PrivacyHours((mine, OFFERED[0], OFFERED[1])))


def test_personal_mode_is_shown_with_the_reason_why_not() -> None:
    personal = item(menu(RUNNING, Choices(), NOBODY, NOW), "Personal")
    assert (personal.chooses, personal.checked) == (None, False)
    assert texts(personal.items) == [NOT_SET_UP]


def test_personal_mode_can_be_chosen_where_the_ledger_is_ready_and_always_left() -> None:
    class Ready:
        def why_not_ready(self) -> str | None:
            return None

    assert item(menu(RUNNING, Choices(), Ready(), NOW), "Personal").chooses == Choices(mode="personal")
    left = item(menu(RUNNING, Choices(mode="personal"), NOBODY, NOW), "Personal")
    assert (left.chooses, left.checked) == (Choices(mode="corporate"), True)


def test_a_damaged_file_is_said_and_ends_by_choosing_anew() -> None:
    damaged = Choices(PrivacyHours(until=UNTIL_CHOSEN_ANEW), damaged=DAMAGED)
    shown = menu(RUNNING, damaged, NOBODY, NOW)
    assert texts(shown)[2] == "Privacy Hours are in force until you choose anew"
    assert item(shown, "End Privacy Hours").chooses == Choices()
    assert item(shown, "Weekly").items[0].chooses == Choices(PrivacyHours((OFFERED[0],)))


def test_what_is_sent_is_the_last_events_newest_first() -> None:
    bodies = [encode(replace_host(number)) for number in range(SHOWN_SENT + 3)]
    lines = texts(item(menu(replace(RUNNING, sent=bodies), Choices(), NOBODY, NOW), "sent").items)
    assert len(lines) == SHOWN_SENT
    assert lines[0] == "26 Nov 12:00:00 h12.example, about 1.60 k tokens"
    assert lines[-1].split()[3] == "h3.example,"
    assert texts(item(menu(RUNNING, Choices(), NOBODY, NOW), "sent").items) == ["Nothing has been sent yet."]


def replace_host(number: int) -> UsageEvent:
    return UsageEvent(UUID(int=number), NOW, f"h{number}.example", 2_000, 8_000, 410, 1_190)


@pytest.mark.parametrize(
    ("status", "running", "said"),
    [
        (STATUS, False, "The agent is not running"),
        (None, True, "Starting"),
        (Status(1, "", "", "", ""), True, "Starting"),
        (Status(1, "", "", "", "", error="Nobody answers."), True, "Nobody answers."),
        (Status(1, "", "", "", "", last_contact_at="x", error="It was revoked."), True, "It was revoked."),
    ],
)
def test_where_the_agent_stands(status: Status | None, running: bool, said: str) -> None:
    assert standing_text(status, running, Choices(), NOW) == said


@pytest.mark.parametrize(
    ("remaining", "said"),
    [
        (None, "No budget has been asked about yet"),
        (Remaining("", "allow", "", None, None, None), "No hard cap stands above you"),
        (Remaining("", "block", "", None, 0, None), "0 tokens left"),
        (Remaining("", "allow", "", "Team", 999, "soon"), "999 tokens left in Team, until soon"),
    ],
)
def test_what_is_left(remaining: Remaining | None, said: str) -> None:
    assert remaining_text(remaining) == said


@pytest.mark.parametrize(
    ("tokens", "said"),
    [
        (0, "0 tokens"),
        (999, "999 tokens"),
        (1_000, "1.00 k tokens"),
        (12_400, "12.4 k tokens"),
        (124_000, "124 k tokens"),
        (1_240_000, "1.24 M tokens"),
        (2_000_000_000, "2.00 G tokens"),
    ],
)
def test_tokens_in_three_digits(tokens: int, said: str) -> None:
    assert tokens_text(tokens) == said
