"""What the local proxy says: answers in HTTP and in SOCKS5, and the file that leads browsers to it."""

import json
from collections.abc import Sequence
from http import HTTPStatus

from toktra_agent.core.watching import Admission
from toktra_wire.config import ProviderHost

ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
SOCKS_METHOD = b"\x05\x00"
SOCKS_NO_METHOD = b"\x05\xff"

NOT_ALLOWED, FAILED, UNREACHABLE, REFUSED, EXPIRED, NO_COMMAND, NO_ADDRESS = 2, 1, 4, 5, 6, 7, 8

_PAC = """var hosts = %s;
function FindProxyForURL(url, host) {
  for (var i = 0; i < hosts.length; i++) {
    if (shExpMatch(host, hosts[i])) return "PROXY 127.0.0.1:%d; DIRECT";
  }
  return "DIRECT";
}
"""


def http_answer(status: int, text: str, kind: str = "text/plain; charset=utf-8") -> bytes:
    """A whole answer, after which the connection closes."""
    body = text.encode()
    head = (
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body


def socks_answer(code: int = 0) -> bytes:
    """SOCKS5's reply; 0 is success (RFC 1928, 6)."""
    return bytes([5, code, 0, 1, 0, 0, 0, 0, 0, 0])


def pac(patterns: Sequence[ProviderHost], port: int) -> str:
    """Sends watched hosts to the proxy, all else directly; directly too where the proxy does not run."""
    return _PAC % (json.dumps([one.pattern for one in patterns]), port)


def refusal(admission: Admission) -> str:
    """Why a request may not go out, when that changes, and where to ask."""
    lines = [admission.message or "The budget for AI requests is used up."]
    if admission.resets_at:
        lines.append(f"The budget resets at {admission.resets_at}.")
    if admission.exemption_url:
        lines.append(f"Ask for more here: {admission.exemption_url}")
    return "\n".join(lines) + "\n"
