"""The worker stopped at random, the server down for part of the time: what pages did is what is counted."""

from random import Random

from e2e.extension.provider import Provider
from e2e.extension.scripts import MANY
from e2e.extension.someone import ASKING, SITE, Someone

REQUESTS = 300
EACH = 20
DOWN = range(100, 180)
BODY = "a question of some length"


def test_nothing_is_lost_and_nothing_counted_twice(alone: Someone, services: Provider) -> None:
    page, draw = alone.browsing.open(SITE), Random(7)
    stopped = 0
    for begun in range(0, REQUESTS, EACH):
        alone.line.quality = "gone" if begun in DOWN else "good"
        page.evaluate(f"(given) => {{ window.all = ({MANY})(given); }}", [ASKING, begun, begun + EACH, BODY])
        page.wait_for_timeout(draw.uniform(0, 150))
        stopped += alone.browsing.stop_worker()
        assert page.evaluate("() => window.all") == 0
    assert stopped >= REQUESTS // EACH // 2
    assert len(services.got) == REQUESTS
    for later in range(1, 6):
        alone.browsing.wake(seconds=6 * later)
    kept = alone.events(REQUESTS, seconds=60)
    assert sorted(one["response_bytes"] for one in kept) == [1000 + number for number in range(REQUESTS)]
    assert {one["request_bytes"] for one in kept} == {len(BODY)}
