"""What the local provider answers: the shapes of OpenAI's and Anthropic's APIs, so many bytes, what came."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

JSON, EVENTS, HTML, BINARY = "application/json", "text/event-stream", "text/html", "application/octet-stream"
_WORDS = ("tokens", "are", "counted", "and", "nothing", "is", "read")
PAGE = """<!doctype html><title>waiting</title><body>waiting<script>
(async () => {
  for (const size of [300, 100000]) {
    const answer = await fetch("/bytes/" + size, {method: "POST", body: "x".repeat(size)});
    await answer.arrayBuffer();
  }
  document.body.textContent = "all was answered";
})();
</script>"""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer; `streamed` in these pieces, or whole."""

    kind: str
    pieces: list[bytes]
    streamed: bool = False

    @property
    def body(self) -> bytes:
        return b"".join(self.pieces)


def answer(path: str, body: bytes) -> Answer:
    """To a request of this path."""
    if path.startswith("/bytes/"):
        return Answer(BINARY, [b"b" * int(path.rpartition("/")[2])])
    if path.startswith("/reversed/"):
        return Answer(BINARY, [body[::-1]])
    if path == "/v1/chat/completions":
        asked = json.loads(body)
        return _streamed(_openai_events()) if asked.get("stream") else _whole(_openai())
    if path == "/v1/messages":
        asked = json.loads(body)
        return _streamed(_anthropic_events()) if asked.get("stream") else _whole(_anthropic())
    return Answer(HTML, [PAGE.encode()])


def _whole(shape: dict[str, Any]) -> Answer:
    return Answer(JSON, [json.dumps(shape).encode()])


def _streamed(events: Iterator[str]) -> Answer:
    return Answer(EVENTS, [one.encode() for one in events], streamed=True)


def _text() -> str:
    return " ".join(_WORDS * 40)


def _openai() -> dict[str, Any]:
    message = {"role": "assistant", "content": _text()}
    return _openai_shape("chat.completion", {"message": message, "finish_reason": "stop"})


def _openai_shape(kind: str, choice: dict[str, Any]) -> dict[str, Any]:
    return {"id": "c1", "object": kind, "created": 1, "model": "gpt-4o", "choices": [{"index": 0, **choice}]}


def _openai_events() -> Iterator[str]:
    for word in _text().split():
        choice = {"delta": {"role": "assistant", "content": word + " "}, "finish_reason": None}
        yield f"data: {json.dumps(_openai_shape('chat.completion.chunk', choice))}\n\n"
    yield "data: [DONE]\n\n"


def _anthropic() -> dict[str, Any]:
    return {
        "id": "m1",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-4",
        "content": [{"type": "text", "text": _text()}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 1, "output_tokens": 280},
    }


def _anthropic_events() -> Iterator[str]:
    start = {**_anthropic(), "content": [], "stop_reason": None}
    yield _event("message_start", message=start)
    yield _event("content_block_start", index=0, content_block={"type": "text", "text": ""})
    for word in _text().split():
        yield _event("content_block_delta", index=0, delta={"type": "text_delta", "text": word + " "})
    yield _event("content_block_stop", index=0)
    stop = {"stop_reason": "end_turn", "stop_sequence": None}
    yield _event("message_delta", delta=stop, usage={"output_tokens": 280})
    yield _event("message_stop")


def _event(name: str, **fields: Any) -> str:
    return f"event: {name}\ndata: {json.dumps({'type': name, **fields})}\n\n"
