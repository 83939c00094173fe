"""A device's configuration: its ETag changes when any of it does, and only then."""

from datetime import UTC, datetime, timedelta

import msgspec

from toktra.devices.configuration import render
from toktra_wire import estimator
from toktra_wire.config import DeviceConfig, ProviderHost

NOW = datetime(2026, 3, 4, 10, 30, 15, tzinfo=UTC)
HOSTS = [ProviderHost("api.openai.com", "openai")]


def test_equal_configurations_have_equal_tags() -> None:
    parameters = estimator.load()
    assert render(HOSTS, parameters, NOW) == render(list(HOSTS), estimator.load(), NOW)


def test_any_change_changes_the_tag() -> None:
    parameters = estimator.load()
    rendered = [
        render(HOSTS, parameters, NOW),
        render([], parameters, NOW),
        render(HOSTS, parameters, NOW + timedelta(seconds=1)),
        render(HOSTS, msgspec.structs.replace(parameters, version="another"), NOW),
    ]
    assert len({each.etag for each in rendered}) == len(rendered)


def test_the_configuration_reads_back() -> None:
    config = msgspec.json.decode(render(HOSTS, estimator.load(), NOW).body, type=DeviceConfig)
    assert config.hosts == HOSTS
    assert config.estimator == estimator.load()
    assert datetime.fromisoformat(config.certificate_not_after) == NOW
