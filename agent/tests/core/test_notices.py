"""Nobody is told the same twice in a minute."""

from toktra_agent.core.notices import EVERY_SECONDS, Notices


def test_once_a_minute_for_each_thing() -> None:
    notices = Notices()
    told = [
        notices.is_due(thing, at) for thing, at in (("a", 0), ("a", 59.9), ("b", 59.9), ("a", 60), ("a", 61))
    ]
    assert told == [True, False, True, True, False]
    assert EVERY_SECONDS == 60


def test_what_was_said_long_ago_is_forgotten() -> None:
    notices = Notices()
    for number in range(1_000):
        notices.is_due(str(number), number * 10.0)
    assert len(notices._said_at) <= 7
