"""Z1, Z2: messages as Slack takes them, checked by its published rules."""

import html
from collections.abc import Set
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toktra.notify import slack

TEXTS = {"plain_text": {"type", "text", "emoji"}, "mrkdwn": {"type", "text", "verbatim"}}
NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=4_000)
FACTS = st.lists(st.tuples(NAMES, NAMES), max_size=14)


def check(body: bytes, *, also: Set[str] = frozenset()) -> dict[str, Any]:
    """What Slack's reference says of messages and blocks; an invalid one is refused."""
    said = msgspec.json.decode(body)
    assert set(said) <= {"text", "blocks", *also}
    assert 0 < len(said["text"]) <= 40_000
    assert len(said.get("blocks", [])) <= 50
    for block in said.get("blocks", []):
        match block["type"]:
            case "header":
                check_text(block["text"], 150, kinds={"plain_text"})
            case "context":
                assert 1 <= len(block["elements"]) <= 10
                for element in block["elements"]:
                    check_text(element, 3_000)
            case "section":
                assert "text" in block or "fields" in block
                if "text" in block:
                    check_text(block["text"], 3_000)
                assert 1 <= len(block.get("fields", ["none"])) <= 10
                for one in block.get("fields", []):
                    check_text(one, 2_000)
            case other:
                pytest.fail(f"no such block: {other}")
    return dict(said)


def check_text(text: dict[str, Any], most: int, kinds: set[str] | None = None) -> None:
    assert text["type"] in (kinds or set(TEXTS))
    assert set(text) <= TEXTS[text["type"]]
    assert 1 <= len(text["text"]) <= most


@given(title=NAMES, facts=FACTS, severity=st.sampled_from(["info", "warning", "critical"]))
def test_every_message_is_one_that_slack_takes(
    title: str, facts: list[tuple[str, str]], severity: str
) -> None:
    check(slack.message(title, lead="New alert", severity=severity, facts=facts, see="https://t.example"))


@given(name=NAMES)
def test_what_someone_named_is_no_markup(name: str) -> None:
    """Only what we say ourselves is markup; the text for notifications has no plain kind, and is escaped."""
    for given_name in (f"<!channel> {name}", f"<https://evil.example|{name}> &"):
        facts = [("About", given_name)]
        said = check(slack.message(given_name, lead="New", severity="info", facts=facts, see="https://t"))
        header, lead, section, see = said["blocks"]
        assert [header["text"]["type"], section["fields"][0]["type"]] == ["plain_text"] * 2
        assert lead["elements"][0]["text"] == ":white_circle: New"
        assert see["text"]["text"] == "<https://t|See it in Toktra>"
        assert not set("<>") & set(said["text"])
        assert html.unescape(said["text"]).startswith(f"New: {given_name[:10]}")


@pytest.mark.usefixtures("to_private")
async def test_an_alert_and_its_end_arrive_in_slack(hooks: Any, receiver: Any) -> None:
    receiver.answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
    made = await hooks.make(receiver.url, kind="slack", events=["alert.created", "alert.resolved"])
    assert made["webhook"]["kind"] == "slack"
    await hooks.call("POST", f"/v1/webhooks/{made['id']}/test", status=201)
    alert = await hooks.alert()
    await hooks.work()
    await hooks.call("POST", f"/v1/alerts/{alert['id']}/resolve")
    await hooks.work()
    said = sorted(check(got.body)["text"] for got in receiver.got)
    title = alert["title"]
    assert said == sorted(
        [f"New alert: {title}", f"Resolved: {title}", "Toktra can write here. This is a test."]
    )
    created = next(check(got.body) for got in receiver.got if b"New alert" in got.body)
    shown = " ".join(field["text"] for field in created["blocks"][2]["fields"])
    assert "1,100 tokens" in shown
    assert "http://localhost:8000/alerts" in created["blocks"][3]["text"]["text"]
    assert {one["status"] for one in await hooks.deliveries(made["id"])} == {"delivered"}


TOKEN = "xoxb-1234567890-abcdefghij"


@dataclass
class SlackApi:
    """`chat.postMessage` as Slack documents it: it answers 200 to what it refuses, too, and says why."""

    channels: set[str] = field(default_factory=lambda: {"#budgets", "C0123456789"})
    messages: list[dict[str, Any]] = field(default_factory=list)
    busy: int = 0

    def __call__(self, got: Any) -> bytes:
        if self.busy:
            self.busy -= 1
            return b"HTTP/1.1 429 Too Many Requests\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n"
        error = self._refusal(got)
        said = msgspec.json.encode({"ok": False, "error": error} if error else {"ok": True, "ts": "1.2"})
        return b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(said), said)

    def _refusal(self, got: Any) -> str | None:
        if got.line != "POST /hook/chat.postMessage HTTP/1.1":
            return "unknown_method"
        if got.headers.get("authorization") != f"Bearer {TOKEN}":
            return "invalid_auth"
        if got.headers.get("content-type") != "application/json; charset=utf-8":
            return "invalid_post_type"
        try:
            said = check(got.body, also={"channel", "unfurl_links"})
        except AssertionError:
            return "invalid_blocks"
        if said["channel"] not in self.channels:
            return "channel_not_found"
        self.messages.append(said)
        return None


@pytest.fixture
async def slack_api(hooks: Any, receiver: Any) -> SlackApi:
    receiver.answer = SlackApi()
    hooks.settings = replace(hooks.settings, slack_api_url=receiver.url)
    return receiver.answer


async def connected(hooks: Any, channel: str, **given: Any) -> str:
    await hooks.call("PUT", "/v1/integrations/slack", {"token": TOKEN})
    wanted = {"name": "Slack", "kind": "slack_app", "channel": channel, "events": ["alert.created"], **given}
    return str((await hooks.call("POST", "/v1/webhooks", wanted, status=201))["id"])


async def test_the_app_writes_into_its_channel(hooks: Any, slack_api: SlackApi) -> None:
    made = await connected(hooks, "#budgets")
    await hooks.call("POST", f"/v1/webhooks/{made}/test", status=201)
    alert = await hooks.alert()
    await hooks.work()
    assert [one["channel"] for one in slack_api.messages] == ["#budgets"] * 2
    assert {one["text"] for one in slack_api.messages} == {
        f"New alert: {alert['title']}",
        "Toktra can write here. This is a test.",
    }
    assert {one["status"] for one in await hooks.deliveries(made)} == {"delivered"}


async def test_each_kind_of_alert_and_each_band_has_its_channel(hooks: Any, slack_api: SlackApi) -> None:
    """A budget of 2,000 tokens with thresholds at 10% and 50%, of which 1,100 are used at once."""
    slack_api.channels = {"#low", "#high", "#over", "#rest"}
    await connected(hooks, "#low", below_percent=50)
    await connected(hooks, "#high", from_percent=50)
    await connected(hooks, "#over", alert_kinds=["budget_exceeded"])
    await connected(hooks, "#rest", alert_kinds=["webhook_disabled", "policy_fired"])
    await hooks.call(
        "POST",
        "/v1/budgets",
        {"limit_tokens": 2_000, "thresholds": [10, 50], "period": "monthly"},
        status=201,
    )
    sent = hooks.make_event(user_id=str(hooks.organization.member.id))
    await hooks.call("POST", "/v1/events", {"events": [sent]})
    await hooks.work()
    told = sorted((one["channel"], one["text"].rpartition(": ")[2]) for one in slack_api.messages)
    assert told == [
        ("#high", "50% of the monthly budget is used"),
        ("#low", "10% of the monthly budget is used"),
    ]


async def test_what_slack_refuses_is_tried_again_and_says_why(hooks: Any, slack_api: SlackApi) -> None:
    made = await connected(hooks, "#nowhere")
    await hooks.alert()
    await hooks.work()
    (waiting,) = await hooks.deliveries(made)
    assert waiting["status"] == "waiting"
    assert [waiting["last_answer"], waiting["last_failure"]] == [200, "slack"]
    assert waiting["last_error"] == "channel_not_found"
    slack_api.channels.add("#nowhere")
    slack_api.busy = 1
    await hooks.work(rounds=3)
    (taken,) = await hooks.deliveries(made)
    assert [taken["status"], taken["last_error"]] == ["delivered", None]
    assert len(slack_api.messages) == 1


async def test_the_token_is_never_shown_and_goes_when_no_channel_needs_it(
    hooks: Any, slack_api: SlackApi
) -> None:
    refused = {"name": "S", "kind": "slack_app", "channel": "#a", "events": ["alert.created"]}
    await hooks.call("POST", "/v1/webhooks", refused, status=409)
    made = await connected(hooks, "C0123456789")
    said = await hooks.call("GET", "/v1/integrations/slack")
    assert set(said) == {"connected", "connected_by", "connected_at"}
    log = await hooks.call("GET", "/v1/audit-log", params={"limit": 50})
    assert TOKEN not in msgspec.json.encode(log).decode()
    await hooks.call("DELETE", "/v1/integrations/slack", status=409)
    await hooks.call("DELETE", f"/v1/webhooks/{made}", status=204)
    await hooks.call("DELETE", "/v1/integrations/slack", status=204)
    await hooks.call("DELETE", "/v1/integrations/slack", status=204)
    assert not (await hooks.call("GET", "/v1/integrations/slack"))["connected"]
    assert not slack_api.messages


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "slack_app"}, "channel"),
        ({"kind": "slack_app", "channel": "#a", "url": "https://a.example"}, "url"),
        ({"channel": "#a", "url": "https://a.example"}, "channel"),
        ({}, "url"),
        ({"url": "https://a.example", "from_percent": 80, "below_percent": 80}, "below_percent"),
        ({"kind": "slack_app", "channel": "no channel"}, "channel"),
    ],
)
async def test_a_destination_that_makes_no_sense_says_which_field(
    hooks: Any, given: dict[str, Any], field: str
) -> None:
    await hooks.call("PUT", "/v1/integrations/slack", {"token": TOKEN})
    wanted = {"name": "S", "events": ["alert.created"], **given}
    refused = await hooks.call("POST", "/v1/webhooks", wanted, status=422)
    assert field in str(refused)
