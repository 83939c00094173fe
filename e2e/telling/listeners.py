"""Who is told: a mail server, a program that takes webhooks, and Slack, each on a socket of its own."""

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from standardwebhooks import Webhook

from e2e.installation import free_port

BOT_TOKEN = "xoxb-0123456789-only-for-a-test"
CHANNEL = "#ai-alerts"


@dataclass
class Listeners:
    """What arrived so far. `secret`: the webhook's, by which each of its messages is verified."""

    mail_url: str
    http_url: str
    secret: str = ""
    mails: list[tuple[str, EmailMessage]] = field(default_factory=list)
    webhooks: list[dict[str, Any]] = field(default_factory=list)
    slack: list[dict[str, Any]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @property
    def readers(self) -> set[str]:
        return {to for to, _ in self.mails}

    @property
    def told(self) -> set[str]:
        """The types of what the program was told."""
        return {str(one["type"]) for one in self.webhooks}

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802
        parsed = message_from_bytes(envelope.original_content or b"", policy=default)
        self.mails += [(to, parsed) for to in envelope.rcpt_tos]
        return "250 OK"

    def take(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        """The status and body that a request is answered with."""
        if path == "/hook":
            self.webhooks.append(Webhook(self.secret).verify(body, headers))
            return 204, b""
        error = _slack_error(path, headers, json.loads(body))
        if error:
            self.refused.append(error)
            return 200, json.dumps({"ok": False, "error": error}).encode()
        self.slack.append(json.loads(body))
        return 200, b'{"ok": true, "ts": "1.2"}'


def _slack_error(path: str, headers: dict[str, str], said: dict[str, Any]) -> str | None:
    """Slack's word for what breaks the rules of `chat.postMessage`."""
    if path != "/slack/chat.postMessage":
        return "unknown_method"
    if headers.get("authorization") != f"Bearer {BOT_TOKEN}":
        return "invalid_auth"
    if said.get("channel") != CHANNEL:
        return "channel_not_found"
    if not said.get("text"):
        return "no_text"
    blocks = said.get("blocks", [])
    known = all(block["type"] in ("header", "context", "section") for block in blocks)
    return None if known and len(blocks) <= 50 else "invalid_blocks"


@contextmanager
def listening() -> Iterator[Listeners]:
    """All three, until the end."""
    mail_port = free_port()
    with ExitStack() as ends:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        listeners = Listeners(f"smtp://127.0.0.1:{mail_port}", f"http://127.0.0.1:{server.server_port}")
        _Handler.listeners = listeners
        threading.Thread(target=server.serve_forever, daemon=True).start()
        ends.callback(server.server_close)
        ends.callback(server.shutdown)
        mail = Controller(listeners, hostname="127.0.0.1", port=mail_port)
        mail.start()
        ends.callback(mail.stop)
        yield listeners


class _Handler(BaseHTTPRequestHandler):
    listeners: Listeners

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        status, answer = self.listeners.take(self.path, headers, body)
        self.send_response(status)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_said: Any) -> None:
        """Nothing."""
