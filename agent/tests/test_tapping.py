"""Taps by their names."""

import pytest

from toktra_agent.core.watching import Watcher
from toktra_agent.desktop.plan import TapName
from toktra_agent.tapping import taps
from toktra_agent.taps.passive import NoCapture


@pytest.mark.parametrize("other", [TapName.PROXY, TapName.TRANSPARENT])
async def test_the_passive_tap_runs_alone_so_that_nothing_is_counted_twice(
    other: TapName, watcher: Watcher
) -> None:
    [tap] = taps([TapName.PASSIVE, other], "127.0.0.1", 7557)
    with pytest.raises(NoCapture, match="would count it twice"):
        await tap(watcher)


def test_others_run_together_and_one_named_twice_runs_once() -> None:
    both = [TapName.PROXY, TapName.TRANSPARENT]
    assert len(taps([*both, *both], "127.0.0.1", 7557)) == 2
    assert len(taps([TapName.PASSIVE] * 2, "127.0.0.1", 7557)) == 1


@pytest.fixture
def watcher() -> None:
    """Nobody is asked."""
