"""One world for each file of tests."""

import os
from collections.abc import Iterator

import pytest

from e2e.agent.world import World, world


@pytest.fixture(scope="module")
def the_world() -> Iterator[World]:
    """Needs network namespaces, so Linux and root; CI has both."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("a device with its own network needs Linux and root: sudo make test")
    with world() as made:
        yield made
