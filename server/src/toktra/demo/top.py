"""`toktra top`: an organisation's usage, live in the terminal, over the public API.

Z1: a server that goes away is waited for; the last figures stay, and are said to be the last.
"""

import asyncio
from collections.abc import Callable
from typing import Annotated, TypeVar

import httpx2
import msgspec
import typer
from msgspec import Struct
from rich.console import Console, RenderableType
from rich.live import Live
from rich.text import Text

from toktra.demo.replay import DEFAULT_URL
from toktra.demo.retries import Refused, Unreachable, as_key, check, client_for, explain, reach
from toktra.demo.screen import Budget, Overview, Provider, Reading, User, draw
from toktra.demo.terminal import fail
from toktra.kit.clock import utc_now

_DAYS = 30
_ROWS_BESIDE = 22
_MOST_BUDGETS = 8
_PAGES_OF_BUDGETS = 5
T = TypeVar("T", bound=Struct)


class _Caller(Struct):
    organization: str


class _Providers(Struct):
    providers: list[Provider]


class _Users(Struct):
    users: list[User]


class _Budgets(Struct):
    items: list[Budget]
    next_cursor: str | None


def top(
    url: Annotated[str, typer.Option(help="The server's address.")] = DEFAULT_URL,
    api_key: Annotated[
        str | None,
        typer.Option(
            envvar="TOKTRA_API_KEY", help="API key with usage:read, and budgets:read to see budgets."
        ),
    ] = None,
    interval: Annotated[float, typer.Option(min=0.5, max=3600, help="Seconds between two looks.")] = 2,
    once: Annotated[bool, typer.Option("--once", help="Look once, print, and end.")] = False,
) -> None:
    """Show an organisation's usage live: tiles, providers, top users, budgets nearest their limit."""
    if api_key is None:
        fail("Give an API key with --api-key or TOKTRA_API_KEY. `toktra demo` prints one.")
    try:
        asyncio.run(_top(Console(), url, as_key(api_key), interval=interval, once=once))
    except Unreachable as away:
        fail(str(away), status=1)
    except Refused as refused:
        fail(_what_to_do(refused))
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


def _what_to_do(refused: Refused) -> str:
    if refused.status == 401:
        return f"{refused} Give a good API key with --api-key or TOKTRA_API_KEY."
    if refused.status == 403:
        return f"{refused} The API key needs the scope usage:read."
    return str(refused)


async def _top(console: Console, url: str, key: str, *, interval: float, once: bool) -> None:
    async with client_for(url) as client:
        client.headers["Authorization"] = f"Bearer {key}"
        await reach(client)
        if once:
            console.print(draw(await _read(client), width=console.width))
        elif console.is_terminal:
            with Live(console=console, screen=True, auto_refresh=False) as live:
                await _follow(console, client, interval, lambda picture: live.update(picture, refresh=True))
        else:
            await _follow(console, client, interval, console.print)


async def _follow(
    console: Console, client: httpx2.AsyncClient, interval: float, show: Callable[[RenderableType], None]
) -> None:
    """Look again and again (Z1)."""
    last: Reading | None = None
    while True:
        trouble = None
        try:
            users, budgets = _shares(console.height - _ROWS_BESIDE)
            last = await _read(client, users=users, budgets=budgets)
        except Unreachable as away:
            trouble = f"The server is away ({away}). Trying on."
        if last is None:
            show(Text(trouble or "", style="yellow"))
        else:
            show(draw(last, width=console.width, trouble=trouble))
        await asyncio.sleep(interval)


def _shares(rows: int) -> tuple[int, int]:
    """How many users, and how many budgets, so many rows are for."""
    users = max(3, min(10, rows // 2))
    return users, max(3, min(_MOST_BUDGETS, rows - users))


async def _read(client: httpx2.AsyncClient, *, users: int = 10, budgets: int = _MOST_BUDGETS) -> Reading:
    return Reading(
        organization=(await _get(client, "/v1/session", _Caller)).organization,
        at=utc_now(),
        overview=await _get(client, "/v1/usage/overview", Overview),
        providers=(await _get(client, f"/v1/usage/providers?days={_DAYS}", _Providers)).providers,
        users=(await _get(client, f"/v1/usage/top-users?days={_DAYS}&limit={users}", _Users)).users,
        budgets=await _budgets(client, budgets),
    )


async def _budgets(client: httpx2.AsyncClient, most: int, *, per_page: int = 100) -> list[Budget]:
    """Those nearest their limit; none from a server without budgets, or for a key that may not see them."""
    found: list[Budget] = []
    cursor = ""
    try:
        for _ in range(_PAGES_OF_BUDGETS):
            page = await _get(client, f"/v1/budgets?limit={per_page}{cursor}", _Budgets)
            found += page.items
            if page.next_cursor is None:
                break
            cursor = f"&cursor={page.next_cursor}"
    except Refused as refused:
        if refused.status not in (403, 404):
            raise
    return sorted(found, key=lambda budget: (-budget.used_percent, budget.name))[:most]


async def _get(client: httpx2.AsyncClient, path: str, kind: type[T]) -> T:
    try:
        response = await client.get(path)
    except httpx2.TransportError as lost:
        raise Unreachable(type(lost).__name__) from lost
    if response.status_code == 429 or response.status_code >= 500:
        raise Unreachable(explain(response))
    try:
        return msgspec.json.decode(check(response).content, type=kind)
    except msgspec.MsgspecError as wrong:
        raise Refused(
            response.status_code, f"{response.url} does not answer as Toktra does. Check --url."
        ) from wrong
