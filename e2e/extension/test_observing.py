"""What is seen of a browser's requests, and what is not."""

import json
from typing import Any

from e2e.extension.browsing import until
from e2e.extension.provider import Provider
from e2e.extension.scripts import BY_EVENTS, BY_SOCKET, BY_WORKER, BY_XHR, KEPT, SENT
from e2e.extension.someone import ANOTHER, API, ASKING, OTHER, SITE, Someone

CHAT = f"https://{API}/v1/chat/completions"
SLOW = f"{ASKING}?bytes=1000&pieces=4&pause=0.3"
CHOSEN = """(now) => chrome.runtime.sendMessage(
    {kind: "choose", hours: {windows: [], until: now ? Date.now() + 3600000 : null}})"""
CLAUDE = "/api/organizations/7f3a-secret/chat_conversations/91bc-secret/completion"


def test_each_way_to_ask_is_counted_with_what_the_service_got(someone: Someone, services: Provider) -> None:
    page = someone.browsing.open(SITE)
    assert page.evaluate(SENT, [f"{ASKING}?bytes=5000&pieces=5&pause=0.02", "é" * 300])["bytes"] == 5000
    assert page.evaluate(SENT, [f"{CHAT}?bytes=3000", "a question"])["bytes"] == 3000
    assert page.evaluate(BY_XHR, [f"{ASKING}?bytes=2000", "x" * 50])["bytes"] == 2000
    assert page.evaluate(BY_EVENTS, [f"{ASKING}?events=7", 7]) == {"events": 7}
    assert page.evaluate(BY_SOCKET, [f"wss://{API}/v1/realtime", "hello", 3])["bytes"] == 15
    kept = someone.events(5)
    assert _figures(kept) == sorted(
        (one.host, one.path, one.request_bytes, one.response_bytes) for one in services.got
    )
    assert {(one["source"], one["application"]) for one in kept} == {("extension", "Chrome")}
    assert [one["streaming"] for one in kept] == [True, False, False, True, True]
    assert all(one["input_tokens"] + one["output_tokens"] > 0 for one in kept)


def test_ids_in_an_address_do_not_leave_the_page(someone: Someone) -> None:
    page = someone.browsing.open(ANOTHER)
    page.evaluate(SENT, [f"{CLAUDE}?bytes=900&note=secret", "a question"])
    (kept,) = someone.events(1)
    assert kept["endpoint"] == "/api/organizations/{id}/chat_conversations/{id}/completion"
    assert "secret" not in someone.browsing.worker.evaluate(KEPT)


def test_what_the_hook_cannot_see_is_counted_by_the_browser(someone: Someone) -> None:
    page = someone.browsing.open(SITE)
    assert page.evaluate(BY_WORKER, [f"https://{SITE}{ASKING}?bytes=4321", "a question"]) == 4321
    someone.browsing.wake(seconds=6)
    (kept,) = someone.events(1)
    assert (kept["endpoint"], kept["response_bytes"]) == (ASKING, 4321)


def test_other_sites_and_other_requests_leave_no_trace(someone: Someone, services: Provider) -> None:
    elsewhere = someone.browsing.open(OTHER)
    assert elsewhere.evaluate(SENT, ["/v1/chat/completions", "a question"])["status"] == 200
    assert elsewhere.evaluate(BY_SOCKET, [f"wss://{OTHER}/v1/realtime", "hello", 3])["bytes"] == 15
    page = someone.browsing.open(SITE)
    assert page.evaluate(SENT, ["/backend-api/settings", "light"])["status"] == 200
    assert page.evaluate(SENT, [f"{ASKING}?bytes=100", "a question"])["status"] == 200
    assert len(someone.events(1)) == 1
    assert len(services.got) == 4
    kept = someone.browsing.worker.evaluate(KEPT)
    assert f"https://{OTHER}" not in kept
    assert f'"{OTHER}"' not in kept
    assert "settings" not in kept
    assert OTHER.encode() not in bytes(someone.line.said).replace(f"@{OTHER}".encode(), b"")


def test_in_privacy_hours_nothing_is_seen_asked_or_sent(someone: Someone) -> None:
    someone.cap(10, when_unsure="block")
    popup = someone.browsing.own("popup")
    popup.get_by_role("button", name="For the next hour").click()
    popup.get_by_text("In force until").wait_for()
    said = len(someone.line.said)
    page = someone.browsing.open(SITE)
    assert page.evaluate(SENT, [f"{ASKING}?bytes=700", "a question"])["status"] == 200
    assert page.evaluate(BY_WORKER, [f"https://{SITE}{ASKING}?bytes=700", "a question"]) == 700
    assert '"told":[],"seen":[],"queue":[]' in _ordered(someone.browsing.worker.evaluate(KEPT))
    assert b"/v1/preflight" not in someone.line.said[said:]
    assert b"/v1/events" not in someone.line.said[said:]
    popup.get_by_role("button", name="End now").click()
    popup.get_by_text("Not in use.").wait_for()
    assert page.evaluate(SENT, [f"{ASKING}?bytes=700", "a question"])["failed"] == "TypeError"
    assert someone.events() == []


def test_a_request_that_privacy_hours_begin_in_is_not_counted(someone: Someone) -> None:
    page, settings = someone.browsing.open(SITE), someone.browsing.own("options")
    page.evaluate(f"(given) => {{ window.asked = ({SENT})(given); }}", [SLOW, "a question"])
    settings.evaluate(CHOSEN, True)
    assert page.evaluate("() => window.asked")["bytes"] == 1000
    settings.evaluate(CHOSEN, False)
    assert page.evaluate(SENT, [f"{ASKING}?bytes=77", "a question"])["status"] == 200
    assert [one["response_bytes"] for one in someone.events(1)] == [77]
    until(lambda: json.loads(someone.browsing.worker.evaluate(KEPT))["queue"] == [])
    kept = json.loads(someone.browsing.worker.evaluate(KEPT))
    assert (kept["seen"], kept["queue"], len(kept["told"])) == ([], [], 1)


def _figures(kept: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return sorted(
        (one["provider_host"], one["endpoint"], one["request_bytes"], one["response_bytes"]) for one in kept
    )


def _ordered(kept: str) -> str:
    said = json.loads(kept)
    return json.dumps({name: said[name] for name in ("told", "seen", "queue")}, separators=(",", ":"))
