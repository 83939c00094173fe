"""`toktra replay`: sends a real trace through the public API, as a device does.

Tokens are exactly the trace's. The trace knows no bytes: they follow from the tokens (`sizes.py` says how).
"""

import asyncio
import heapq
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Annotated

import httpx2
import msgspec
import typer
from rich.console import Console

from toktra.demo import trace
from toktra.demo.device import Device, enroll, enroll_with_key, user_of
from toktra.demo.retries import Refused, Told, Unreachable, as_key, client_for, reach
from toktra.demo.sending import Plan, Totals, answers
from toktra.demo.terminal import fail, progress
from toktra.demo.trace import Entry, TraceError

DEFAULT_URL = "http://localhost:8000"
_SLOWEST, _FASTEST = 0.001, 1_000_000


def replay(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE", help=f"CSV files with the columns {', '.join(trace.COLUMNS)}; merged by time."
        ),
    ],
    speed: Annotated[
        float,
        typer.Option(help="Times the trace's own pace. 0: as fast as it goes, as if within the last hour."),
    ] = 60,
    url: Annotated[str, typer.Option(help="The server's address.")] = DEFAULT_URL,
    api_key: Annotated[
        str | None,
        typer.Option(envvar="TOKTRA_API_KEY", help="API key with devices:write; makes the enrolment token."),
    ] = None,
    enrollment_token: Annotated[
        str | None, typer.Option(help="Enrol with this token instead of an API key.")
    ] = None,
    user: Annotated[
        str | None, typer.Option(metavar="EMAIL", help="Whose device it is. Default: the API key's own user.")
    ] = None,
    batch: Annotated[int, typer.Option(min=1, max=500, help="Events in one request.")] = 50,
    model: Annotated[str, typer.Option(help="The model every request names.")] = "gpt-4o",
    host: Annotated[
        str, typer.Option(help="The host every request goes to. Azure served these traces.")
    ] = "replay.openai.azure.com",
    as_json: Annotated[bool, typer.Option("--json", help="Print the totals as JSON.")] = False,
) -> None:
    """Send the requests of real traces through the public API, as a device of one user.

    Token counts are exactly the trace's; bytes follow from them.

    What is not answered is sent again with the same ids, for as long as
    it takes: the server may be stopped and started in between.
    """
    totals = Totals()
    console = Console(stderr=True)
    if not (speed == 0 or _SLOWEST <= speed <= _FASTEST):
        fail(f"--speed is 0, or from {_SLOWEST:g} to {_FASTEST:,}.")
    try:
        plan = Plan(_merged(files), speed, batch, model, host)
        asyncio.run(_replay(plan, totals, console, url, api_key, enrollment_token, user))
    except (TraceError, Unreachable, Refused) as wrong:
        fail(str(wrong))
    except KeyboardInterrupt:
        console.print("Stopped. What was answered until now is kept:")
        _show(totals, as_json)
        raise typer.Exit(130) from None
    _show(totals, as_json)
    if totals.refused:
        raise typer.Exit(1)


def _merged(files: Sequence[Path]) -> list[Entry]:
    return list(heapq.merge(*(trace.read(file) for file in files), key=lambda entry: entry.at))


async def _replay(
    plan: Plan,
    totals: Totals,
    console: Console,
    url: str,
    api_key: str | None,
    token: str | None,
    user: str | None,
) -> None:
    told: set[str] = set()

    def tell(why: str) -> None:
        """Once per reason: a server that is away for long would fill the screen."""
        if why not in told:
            told.add(why)
            console.print(f"Not answered yet: {why}. Trying on, with the same ids.", highlight=False)

    async with client_for(url) as client:
        await reach(client)
        device = await _device(client, api_key, token, user, tell)
        began = perf_counter()
        with progress("Replaying", console) as advance:
            try:
                async for events, answer in answers(device, plan):
                    totals.add(events, answer)
                    advance(totals.sent / len(plan.entries))
            finally:
                totals.seconds = perf_counter() - began


async def _device(
    client: httpx2.AsyncClient, api_key: str | None, token: str | None, user: str | None, tell: Told
) -> Device:
    if token is not None:
        if user is None:
            raise Refused(422, "With --enrollment-token say whose device it is: --user EMAIL.")
        device = await enroll(client, token=token, user_email=user, hostname="replay")
    elif api_key is not None:
        key = as_key(api_key)
        email = user or await user_of(client, key)
        device = await enroll_with_key(client, api_key=key, user_email=email, hostname="replay", tell=tell)
    else:
        raise Refused(
            401, "Give an API key with --api-key or TOKTRA_API_KEY, or a token with --enrollment-token."
        )
    device.tell = tell
    return device


def _show(totals: Totals, as_json: bool) -> None:
    shown = totals.as_dict()
    if as_json:
        sys.stdout.write(msgspec.json.encode(shown).decode() + "\n")
        return
    reasons = shown.pop("refused_by_reason")
    for name, value in shown.items():
        sys.stdout.write(f"{name.replace('_', ' '):14}{value:>14,}\n")
    for reason, number in reasons.items():
        sys.stdout.write(f"  refused, {reason}: {number:,}\n")
