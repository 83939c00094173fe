"""A server that hangs, is slow or is gone: nobody waits longer than the rule says, and the budget decides."""

import pytest

from e2e.extension.browsing import until
from e2e.extension.line import Quality
from e2e.extension.provider import Provider
from e2e.extension.scripts import SENT
from e2e.extension.someone import ASKING, SITE, Someone
from e2e.extension.test_blocking import message

# A busy machine wakes late. That it is 200 ms is measured: `python -m bench extension`.
LIMIT_MS = 1_000
BAD: tuple[Quality, ...] = ("slow", "hanging", "gone")
SAID = {"warn": "Your budget could not be checked", "block": "This request was not sent"}
QUESTION = [f"{ASKING}?bytes=500", "a question"]


@pytest.mark.parametrize("when_unsure", ["allow", "warn", "block"])
def test_without_an_answer_in_time_the_budget_decides(
    someone: Someone, services: Provider, when_unsure: str
) -> None:
    someone.cap(1_000_000_000, when_unsure=when_unsure)
    page = someone.browsing.open(SITE)
    assert until(lambda: page.evaluate(SENT, QUESTION).get("status")) == 200
    said = {}
    for quality in BAD:
        someone.line.quality = quality
        someone.forget_answer()
        said[quality] = page.evaluate(SENT, QUESTION)
    assert max(one["waited"] for one in said.values()) <= LIMIT_MS, said
    went = [one for one in said.values() if one.get("status") == 200]
    assert len(went) == (0 if when_unsure == "block" else 3)
    assert len(services.got) == 1 + len(went)
    if when_unsure != "allow":
        assert SAID[when_unsure] in until(lambda: message(page))["alert"]
    someone.line.quality = "good"
    assert until(lambda: page.evaluate(SENT, QUESTION).get("status")) == 200
