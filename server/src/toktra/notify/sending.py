"""One POST to a webhook's receiver.

W1: the name is looked up once, every address it has is checked, and the connection goes to one that was
    checked: a name that answers differently the next time leads nowhere else.
X1: no redirect is followed, no proxy asked, and nothing of an answer read but its status; of an answer of
    Slack's API its first part, which says whether the message was taken.
X2: all of it takes ten seconds at most. Names are looked up in threads of their own, so that a name server
    that hangs keeps nothing else waiting.
"""

import asyncio
import socket
import ssl
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from ipaddress import ip_address

import httpx2

from toktra import __version__
from toktra.notify import slack
from toktra.notify.rules import ANSWER_WITHIN, is_inside
from toktra.notify.service.tries import Outcome, Outgoing

_MOST_ADDRESSES = 3
_LOOKUPS = 16
_MOST_OF_SLACK = 64 * 1024


class _Refused(Exception):
    """The name leads inside (W1)."""


async def post(
    message: Outgoing, *, to_private: bool, within: float = ANSWER_WITHIN.total_seconds()
) -> Outcome:
    """Send it, and say what came of it. Only an answer from 200 to 299 means that it was taken."""
    try:
        async with asyncio.timeout(within):
            url = httpx2.URL(message.url)
            answer, body = await _post(message, url, await _addresses(url, to_private=to_private))
    except TimeoutError:
        return Outcome(None, "timeout")
    except _Refused:
        return Outcome(None, "refused_address")
    except (socket.gaierror, UnicodeError):
        return Outcome(None, "unknown_host")
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError):
        return Outcome(None, "unreachable")
    if not 200 <= answer < 300:
        return Outcome(answer, "status")
    error = slack.refusal(body) if message.slack_app else None
    return Outcome(answer, "slack" if error else None, error)


async def _addresses(url: httpx2.URL, *, to_private: bool) -> list[str]:
    found = await asyncio.get_running_loop().run_in_executor(_threads(), _look_up, url)
    if not to_private and any(is_inside(ip_address(one.partition("%")[0])) for one in found):
        raise _Refused
    return found[:_MOST_ADDRESSES]


def _look_up(url: httpx2.URL) -> list[str]:
    port = url.port or (443 if url.scheme == "https" else 80)
    found = socket.getaddrinfo(url.raw_host.decode(), port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


async def _post(message: Outgoing, url: httpx2.URL, addresses: Sequence[str]) -> tuple[int, bytes]:
    """The status that the first address that can be reached answers; and what Slack's API says (X1)."""
    headers = [
        ("host", url.netloc.decode()),
        ("content-type", f"application/json{'; charset=utf-8' if message.slack_app else ''}"),
        ("user-agent", f"toktra/{__version__}"),
        *message.headers,
    ]
    name = {"sni_hostname": url.raw_host.decode()}
    async with httpx2.AsyncClient(
        verify=_trust(), trust_env=False, follow_redirects=False, timeout=None
    ) as client:
        for place, address in enumerate(addresses, start=1):
            request = client.build_request(
                "POST", url.copy_with(host=address), headers=headers, content=message.body, extensions=name
            )
            try:
                answer = await client.send(request, stream=True)
            except httpx2.ConnectError:
                if place == len(addresses):
                    raise
                continue
            try:
                return answer.status_code, await _first_part(answer) if message.slack_app else b""
            finally:
                await answer.aclose()
    raise socket.gaierror("no address")


async def _first_part(answer: httpx2.Response) -> bytes:
    read = b""
    async for piece in answer.aiter_raw():
        read += piece
        if len(read) > _MOST_OF_SLACK:
            break
    return read[:_MOST_OF_SLACK]


@cache
def _trust() -> ssl.SSLContext:
    """The system's authorities, and those of SSL_CERT_FILE."""
    return ssl.create_default_context()


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_LOOKUPS, thread_name_prefix="lookup")
