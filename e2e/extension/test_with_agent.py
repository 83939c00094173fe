"""Agent and extension on one device, the same browsing: one event a request, whoever counts it."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from playwright.sync_api import Page, Playwright

from e2e.browser.chromium import found
from e2e.extension.browsing import until
from e2e.extension.conftest import started
from e2e.extension.device import Device, fixed_port
from e2e.extension.provider import Provider
from e2e.extension.scripts import BY_EVENTS, KEPT, SENT
from e2e.extension.someone import API, ASKING, OTHER, SITE, Someone, enrolled
from e2e.installation import Installation
from toktra_agent.core.browsers import ALIVE_FOR, Browser
from toktra_agent.store.liveness import beat

CHAT = f"https://{API}/v1/chat/completions?bytes=8000"
CONVERSATION = f"https://{SITE}{ASKING}?bytes=9000"


@pytest.fixture
def device(playwright: Playwright, services: Provider, tmp_path: Path) -> Device:
    name = "chromium" if Path(found(playwright)).name.startswith("chromium") else "chrome"
    return Device(tmp_path, name, fixed_port(), services)


@pytest.fixture
def person(
    playwright: Playwright, company: Installation, services: Provider, device: Device
) -> Iterator[Someone]:
    """At a browser with the extension, on a device with the agent; both are enrolled, and have met."""
    services.got.clear()
    device.let_browsers_in()
    through = f"--proxy-server={device.proxy}"
    with started(playwright, device.profile, services, through) as browser, enrolled(company, browser) as one:
        device.enrol(one)
        yield one


def test_each_request_is_one_event(person: Someone, device: Device, services: Provider) -> None:
    with device.running():
        greeted(person, device)
        page, elsewhere = person.browsing.open(SITE), person.browsing.open(OTHER)
        for _ in range(3):
            sent(page, CONVERSATION)
        assert page.evaluate(BY_EVENTS, [f"{ASKING}?events=5", 5]) == {"events": 5}
        sent(page, CHAT)
        sent(elsewhere, CHAT)
        device.curl(CHAT, "a question")
        device.curl(CONVERSATION, "a question")
        assert len(person.events(4)) >= 4
        person.browsing.context.close()
    kept = person.events()
    assert Counter((one["source"], one["provider_host"]) for one in kept) == {
        ("extension", SITE): 4,
        ("agent", API): 3,
        ("agent", SITE): 1,
    }
    assert len(kept) == len(services.got)
    programs = {one["application"] for one in kept if one["source"] == "agent"}
    assert programs == {device.browser, "curl"}


def test_a_request_under_way_when_the_extension_is_heard_of_is_its_own(
    person: Someone, device: Device
) -> None:
    """As when the browser has just started, on a connection that stays open."""
    with device.running():
        greeted(person, device)
        silent(device)
        page = person.browsing.open(SITE)
        slow = f"{ASKING}?bytes=60000&pieces=4&pause=0.5"
        page.evaluate(f"(given) => {{ window.slow = ({SENT})(given); }}", [slow, "a question"])
        greeted(person, device)
        assert page.evaluate("() => window.slow")["status"] == 200
        sent(page, f"{ASKING}?bytes=70000")
        assert len(large(person.events(2))) == 2
        person.browsing.context.close()
    assert [one["source"] for one in large(person.events())] == ["extension"] * 2


def test_without_the_extension_the_agent_counts_again(
    person: Someone, device: Device, playwright: Playwright, services: Provider
) -> None:
    with device.running():
        greeted(person, device)
        person.browsing.context.close()
        silent(device)
        through = f"--proxy-server={device.proxy}"
        with started(playwright, device.profile, services, through, loaded=False) as browser:
            sent(browser.open(SITE), f"{ASKING}?bytes=60000")
    (one,) = large(person.events())
    assert (one["source"], one["provider_host"], one["application"]) == ("agent", SITE, device.browser)


def test_in_privacy_hours_of_the_browser_nobody_counts_it(person: Someone, device: Device) -> None:
    with device.running():
        greeted(person, device)
        page = person.browsing.context.pages[0]
        page.evaluate("() => chrome.runtime.sendMessage({kind: 'choose', hours: " + FOR_AN_HOUR + "})")
        assert until(lambda: API in device.sign.read_text())
        site = person.browsing.open(SITE)
        sent(site, CONVERSATION)
        sent(site, CHAT)
        device.curl(CHAT, "a question")
        person.browsing.context.close()
    assert [(one["source"], one["application"]) for one in person.events(1)] == [("agent", "curl")]


def test_while_the_agent_is_stopped_the_extension_counts_all_but_in_its_privacy_hours(
    playwright: Playwright, company: Installation, services: Provider, device: Device
) -> None:
    device.let_browsers_in()
    with started(playwright, device.profile, services) as browser, enrolled(company, browser) as person:
        answered(person, device, private=False)
        page = browser.open(SITE)
        sent(page, CHAT)
        sent(page, CONVERSATION)
        assert [one["provider_host"] for one in person.events(2)] == [API, SITE]
        device.said("privacy-hours", "now", "1h")
        answered(person, device, private=True)
        sent(page, CONVERSATION)
        kept = json.loads(browser.worker.evaluate(KEPT))
    assert kept["queue"] == []
    assert [one["state"] for one in kept["told"]] == ["done", "done"]
    assert len(person.events()) == 2


FOR_AN_HOUR = "{windows: [], until: Date.now() + 3_600_000}"


def sent(page: Page, url: str) -> None:
    assert page.evaluate(SENT, [url, "a question"])["status"] == 200


def large(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without what loading a page takes, which the agent cannot tell from a question."""
    return [one for one in events if one["response_bytes"] > 50_000]


def greeted(person: Someone, device: Device) -> None:
    """The extension says now that it is alive, and hears that the agent runs."""
    answered(person, device, private=False)
    assert until(lambda: person.browsing.shown()["agent"])


def answered(person: Someone, device: Device, *, private: bool) -> None:
    """The extension says now that it is alive, and hears what of Privacy Hours."""
    device.sign.unlink(missing_ok=True)
    person.browsing.worker.evaluate("() => chrome.alarms.create('tick', {when: Date.now()})")
    assert until(device.sign.exists)
    heard = f'"privacyHours":{json.dumps(private)}'
    assert until(lambda: heard in person.browsing.worker.evaluate(KEPT))


def silent(device: Device) -> None:
    """Nothing was heard of the extension for as long as it takes to be taken for gone."""
    beat(device.folder, cast("Browser", device.browser), [SITE], datetime.now(UTC) - ALIVE_FOR)
