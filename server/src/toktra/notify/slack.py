"""Messages as Slack takes them, by incoming webhook and by `chat.postMessage`. Pure.

Z1: what someone named is plain text, never markup: no mention, no link, nothing that looks like ours.
Z2: no part is longer than Slack takes.
"""

from typing import Any

import msgspec

from toktra.notify.wording import Fact

_HEADER, _FIELD, _FIELDS, _TEXT, _ERROR = 150, 2000, 10, 3000, 100
_MARKS = {"critical": ":red_circle:", "warning": ":large_yellow_circle:", "info": ":white_circle:"}


def message(title: str, *, lead: str, severity: str, facts: list[Fact], see: str) -> bytes:
    """The body of one message. `lead` and `see`, an address of this installation, are our own words."""
    fields = [_plain(f"{name}\n{value}", _FIELD) for name, value in facts][:_FIELDS]
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": _plain(title, _HEADER)},
        {"type": "context", "elements": [_mrkdwn(f"{_MARKS[severity]} {lead}")]},
        *([{"type": "section", "fields": fields}] if fields else []),
        {"type": "section", "text": _mrkdwn(f"<{see}|See it in Toktra>")},
    ]
    return msgspec.json.encode({"text": _escaped(_cut(f"{lead}: {title}", _TEXT)), "blocks": blocks})


def into_channel(body: bytes, channel: str) -> bytes:
    """The same message as `chat.postMessage` takes it."""
    return msgspec.json.encode({"channel": channel, "unfurl_links": False, **msgspec.json.decode(body)})


class _Answer(msgspec.Struct):
    ok: bool
    error: str = ""


def refusal(answer: bytes) -> str | None:
    """Slack's word for why it took no message; None if it took it. It says so in the body, not the status."""
    try:
        said = msgspec.json.decode(answer, type=_Answer)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return "no_answer_of_slack"
    return None if said.ok else (said.error[:_ERROR] or "unknown_error")


def _plain(text: str, most: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": _cut(text, most), "emoji": False}


def _mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _escaped(text: str) -> str:
    """Z1, where Slack knows no plain text: the three characters that it gives a meaning."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _cut(text: str, most: int) -> str:
    """Z2."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
