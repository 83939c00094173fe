"""One installation for the tests of this folder; one world for each file that needs networks of its own."""

import os
from collections.abc import Iterator

import pytest

from e2e.agent.line import Line, line
from e2e.agent.office import Office, office
from e2e.agent.world import World, world


@pytest.fixture(scope="package")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office that is open."""
    with office(tmp_path_factory.mktemp("devices")) as opened:
        yield opened


@pytest.fixture(scope="module")
def the_line(there: Office, the_world: World) -> Iterator[Line]:
    """By which devices in the world reach the office."""
    with line(the_world.device, there.running.port) as stands:
        yield stands


@pytest.fixture(scope="module")
def the_world() -> Iterator[World]:
    """Needs network namespaces, so Linux and root; CI has both."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("a device with its own network needs Linux and root: sudo make test")
    with world() as made:
        yield made
