"""The same extension in Firefox: it counts, asks, blocks, says why, and its own pages work."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from e2e.browser.api import Api
from e2e.extension.browsing import until
from e2e.extension.firefox import Firefox, NoFirefox, firefox
from e2e.extension.line import Line, line
from e2e.extension.provider import MARKER, Provider
from e2e.extension.scripts import BY_EVENTS, BY_SOCKET, BY_XHR, SENT
from e2e.extension.someone import ASKING, BUDGET, OTHER, SITE, kept_of
from e2e.installation import Installation
from toktra_wire.ids import new_id

ENROL = """async ([server, token, email]) => {
    const form = document.querySelector("#enrol");
    Object.assign(form.elements.server, {value: server});
    Object.assign(form.elements.token, {value: token});
    Object.assign(form.elements.email, {value: email});
    form.requestSubmit();
}"""
SHOWN = "async () => (await browser.runtime.sendMessage({kind: 'state'})).shown"
ALARM = "(name) => browser.alarms.create(name, {when: Date.now()})"
MESSAGE = "() => document.documentElement.lastElementChild.localName"
RULES = "async () => (await browser.declarativeNetRequest.getDynamicRules()).length"


@dataclass
class Person:
    """Somebody at a Firefox that is enrolled."""

    running: Installation
    api: Api
    line: Line
    browser: Firefox
    user_id: str
    email: str
    department: str

    def events(self, many: int) -> list[dict[str, Any]]:
        until(lambda: len(kept_of(self.running, self.user_id)) >= many, 20)
        return kept_of(self.running, self.user_id)


@pytest.fixture(scope="module")
def person(
    company: Installation, services: Provider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Person]:
    group = new_id().hex[-8:]
    email, department = f"fox@{group}.example.net", f"Foxes {group}"
    profile = tmp_path_factory.mktemp("firefox") / "profile"
    try:
        with Api(company) as api, line(company.port) as wire, firefox(profile, services) as browser:
            user = api.person("Fox", email, department=department)
            token = api.post("/v1/enrollment-tokens", {})["id"]
            code = api.post(f"/v1/enrollment-tokens/{token}/code", {})["code"]
            settings = browser.own("options")
            settings.evaluate(ENROL, [wire.url, code, email])
            assert settings.says(f"Enrolled at {wire.url} for {email}")
            yield Person(company, api, wire, browser, user, email, department)
    except NoFirefox as missing:
        pytest.fail(str(missing), pytrace=False)


def test_firefox_counts_what_the_services_got_and_nothing_else(person: Person, services: Provider) -> None:
    services.got.clear()
    elsewhere = person.browser.open(f"https://{OTHER}/")
    assert elsewhere.evaluate(SENT, ["/v1/chat/completions", "a question"])["status"] == 200
    page = person.browser.open(f"https://{SITE}/")
    assert page.evaluate(SENT, [f"{ASKING}?bytes=5000&pieces=5", f"é{MARKER}"])["bytes"] == 5000
    assert page.evaluate(BY_XHR, [f"{ASKING}?bytes=2000", "x" * 50])["bytes"] == 2000
    assert page.evaluate(BY_EVENTS, [f"{ASKING}?events=7", 7]) == {"events": 7}
    assert page.evaluate(BY_SOCKET, [f"wss://{SITE}{ASKING}", "hello", 3])["bytes"] == 15
    kept = person.events(4)
    got = [one for one in services.got if one.host == SITE]
    assert sorted((one["request_bytes"], one["response_bytes"]) for one in kept) == sorted(
        (one.request_bytes, one.response_bytes) for one in got
    )
    assert {(one["source"], one["application"]) for one in kept} == {("extension", "Firefox")}
    assert MARKER.encode() not in person.line.said


def test_firefox_stops_what_does_not_fit_and_says_why(person: Person, services: Provider) -> None:
    budget = {
        "department": person.department,
        "name": BUDGET,
        "limit_tokens": 10,
        "hard_cap": True,
        "when_unsure": "block",  # an answer may come late on a busy machine
    }
    person.api.post("/v1/budgets", budget)
    own = person.browser.own("popup")
    own.evaluate(ALARM, "config")
    assert until(lambda: own.evaluate(SHOWN)["preflight"])
    page = person.browser.open(f"https://{SITE}/")
    services.got.clear()
    assert page.evaluate(SENT, [ASKING, "a question"])["failed"] == "TypeError"
    assert services.got == []
    assert until(lambda: page.evaluate(MESSAGE) == "toktra-message")
    assert until(lambda: own.evaluate(RULES))
    own.evaluate("() => location.reload()")
    assert own.says("requests are stopped")
    asked = {"user_id": person.user_id, "reason": "a sprint", "tokens": 100_000}
    made = person.api.post("/v1/budget-exemptions", asked)
    person.api.post(f"/v1/budget-exemptions/{made['id']}/approve", {})
    assert until(lambda: page.evaluate(SENT, [f"{ASKING}?bytes=700", "a question"]).get("status") == 200)
    assert 700 in [one["response_bytes"] for one in person.events(5)]
    own.evaluate("() => location.reload()")
    assert own.says("granted")
