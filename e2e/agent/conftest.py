"""One installation for the tests of this folder; each brings people of its own."""

from collections.abc import Iterator

import pytest

from e2e.agent.office import Office, office


@pytest.fixture(scope="package")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office that is open."""
    with office(tmp_path_factory.mktemp("devices")) as opened:
        yield opened
