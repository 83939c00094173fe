"""Z1, Z2: messages as Slack takes them, checked by its published rules."""

import html
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toktra.notify import slack

TEXTS = {"plain_text": {"type", "text", "emoji"}, "mrkdwn": {"type", "text", "verbatim"}}
NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=4_000)
FACTS = st.lists(st.tuples(NAMES, NAMES), max_size=14)


def check(body: bytes) -> dict[str, Any]:
    """What Slack's reference says of incoming webhooks and blocks; an invalid one is answered with 400."""
    said = msgspec.json.decode(body)
    assert set(said) <= {"text", "blocks"}
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
