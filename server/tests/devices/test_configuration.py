"""A device's configuration: its ETag changes when any of it does, and only then."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec

from toktra.devices.configuration import ConfigParts, render
from toktra_wire import estimator
from toktra_wire.config import DeviceConfig, Enforcement, ProviderHost

NOW = datetime(2026, 3, 4, 10, 30, 15, tzinfo=UTC)
HOSTS = [ProviderHost("api.openai.com", "openai")]
UNCAPPED = Enforcement(preflight=False, when_unsure="allow")


def parts() -> ConfigParts:
    return ConfigParts(HOSTS, estimator.load(), UNCAPPED)


def test_equal_configurations_have_equal_tags() -> None:
    assert render(parts(), NOW) == render(replace(parts(), hosts=list(HOSTS)), NOW)


def test_any_change_changes_the_tag() -> None:
    another = msgspec.structs.replace(estimator.load(), version="another")
    rendered = [
        render(parts(), NOW),
        render(replace(parts(), hosts=[]), NOW),
        render(parts(), NOW + timedelta(seconds=1)),
        render(replace(parts(), estimator=another), NOW),
        render(replace(parts(), enforcement=Enforcement(preflight=True, when_unsure="allow")), NOW),
        render(replace(parts(), enforcement=Enforcement(preflight=True, when_unsure="block")), NOW),
    ]
    assert len({each.etag for each in rendered}) == len(rendered)


def test_the_configuration_reads_back() -> None:
    config = msgspec.json.decode(render(parts(), NOW).body, type=DeviceConfig)
    assert config.hosts == HOSTS
    assert config.estimator == estimator.load()
    assert config.enforcement == UNCAPPED
    assert datetime.fromisoformat(config.certificate_not_after) == NOW
