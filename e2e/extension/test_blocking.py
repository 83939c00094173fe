"""A budget that is used up: nothing leaves the browser, people are told, and more is given."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Page

from e2e.browser.looking import ROOT
from e2e.extension.browsing import until
from e2e.extension.provider import Provider
from e2e.extension.scripts import BY_EVENTS, BY_SOCKET, BY_WORKER, BY_XHR, SENT
from e2e.extension.someone import ASKING, BUDGET, OTHER, SITE, Someone

REFUSED = "TypeError"
RULES = "async () => (await chrome.declarativeNetRequest.getDynamicRules()).length"
PICTURES = ROOT / "docs" / "pictures"
QUESTION = [f"{ASKING}?bytes=2000", "a question"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_blocked_request_never_leaves_and_an_exemption_lets_the_next_one_pass(
    someone: Someone, services: Provider, scheme: Literal["light", "dark"], tmp_path: Path
) -> None:
    someone.cap(10)
    page = someone.browsing.open(SITE)
    page.emulate_media(color_scheme=scheme)
    size = page.evaluate("() => [document.body.offsetHeight, document.documentElement.scrollWidth]")
    assert page.evaluate(SENT, QUESTION)["failed"] == REFUSED
    assert services.got == []
    said = until(lambda: message(page))
    assert said["alert"].startswith(f"Not sent: {BUDGET} has no room for it")
    assert "tokens are missing for this request" in said["alert"]
    assert "It resets in" in said["alert"]
    assert "owner@example.com can grant an exemption" in said["alert"]
    assert said["links"][0].startswith(
        f"{someone.running.url}/budget/exemptions/new?user_id={someone.user_id}"
    )
    assert page.evaluate("() => [document.body.offsetHeight, document.documentElement.scrollWidth]") == size
    folder = PICTURES if os.environ.get("TOKTRA_PICTURES") == "1" else tmp_path
    page.evaluate("() => { document.querySelector('p').textContent = 'Ask about anything.' }")
    page.screenshot(path=folder / f"extension-message-{scheme}.png", animations="disabled")
    someone.grant(100_000)
    assert page.evaluate(SENT, QUESTION)["status"] == 200
    assert len(services.got) == 1
    (kept,) = someone.events(1)
    assert kept["response_bytes"] == 2000


def test_every_way_to_ask_is_refused(someone: Someone, services: Provider) -> None:
    someone.cap(10)
    page = someone.browsing.open(SITE)
    assert page.evaluate(BY_XHR, QUESTION) == {"status": 0, "bytes": 0, "state": 4}
    assert page.evaluate(BY_SOCKET, ["wss://api.openai.com/v1/realtime", "hello", 3])["code"] == 1006
    assert page.evaluate(BY_EVENTS, [f"{ASKING}?events=3", 3]) == {"events": 0}
    assert services.got == []
    assert someone.events() == []


def test_nothing_slips_past_a_page_without_the_hook_until_there_is_room(
    someone: Someone, services: Provider
) -> None:
    budget = someone.cap(10)
    page, elsewhere = someone.browsing.open(SITE), someone.browsing.open(OTHER)
    assert page.evaluate(SENT, QUESTION)["failed"] == REFUSED
    until(
        lambda: someone.browsing.worker.evaluate(
            "async () => (await chrome.declarativeNetRequest.getDynamicRules()).length"
        )
    )
    assert page.evaluate(BY_WORKER, [f"https://{SITE}{ASKING}", "a question"]) == -1
    assert elsewhere.evaluate(SENT, [f"https://{SITE}{ASKING}", "a question"])["failed"] == REFUSED
    assert services.got == []
    someone.limit(budget, 1_000_000)
    popup = someone.browsing.own("popup")
    popup.get_by_text("requests are stopped").wait_for()
    popup.get_by_role("button", name="Check again").click()
    popup.get_by_text(f"left in {BUDGET}").wait_for()
    assert page.evaluate(BY_WORKER, [f"https://{SITE}{ASKING}?bytes=50", "a question"]) == 50


def test_the_message_can_be_dismissed(someone: Someone) -> None:
    someone.cap(10)
    page = someone.browsing.open(SITE)
    page.evaluate(SENT, QUESTION)
    x, y = until(lambda: message(page))["dismiss"]
    page.mouse.click(x, y)
    assert message(page) == {}


def message(page: Page) -> dict[str, Any]:
    """The message as a screen reader finds it, in its closed tree; empty when there is none."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("DOM.enable")
    nodes = {one["nodeId"]: one for one in cdp.send("Accessibility.getFullAXTree")["nodes"]}
    alert = next((one for one in nodes.values() if _role(one) == "alert"), None)
    if alert is None:
        return {}
    inside = list(_below(alert, nodes))
    button = [one for one in inside if _role(one) == "button"][-1]
    box = cdp.send("DOM.getBoxModel", {"backendNodeId": button["backendDOMNodeId"]})["model"]["border"]
    return {
        "alert": " ".join(one["name"]["value"] for one in inside if _role(one) == "StaticText"),
        "links": [_url(one) for one in inside if _role(one) == "link"],
        "dismiss": ((box[0] + box[2]) / 2, (box[1] + box[5]) / 2),
    }


def _below(node: dict[str, Any], nodes: dict[str, dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for child in node.get("childIds", []):
        yield nodes[child]
        yield from _below(nodes[child], nodes)


def _role(node: dict[str, Any]) -> str:
    return str(node.get("role", {}).get("value"))


def _url(node: dict[str, Any]) -> str:
    return next(str(one["value"]["value"]) for one in node["properties"] if one["name"] == "url")
