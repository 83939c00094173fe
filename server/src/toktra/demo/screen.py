"""What `toktra top` shows, drawn from the answers of the usage API. Pure: answers in, a picture out."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

_WIDEST, _WIDE, _MEDIUM = 100, 76, 56
_BAR, _ROOM = "█", "·"
_BAR_CELLS = 24
_NEAR_PERCENT, _FULL_PERCENT = 90, 100


class Overview(Struct):
    """What is used of GET /v1/usage/overview."""

    days: int
    enrolled_devices: int
    active_users: int
    total_tokens: int
    total_requests: int
    protected: bool


class Provider(Struct):
    provider_name: str
    basis: str
    input_tokens: int
    output_tokens: int
    total_tokens: int
    total_requests: int
    estimated_cost_usd: float


class User(Struct):
    user_email: str
    user_name: str
    total_tokens: int
    total_requests: int
    share_of_highest: float


class Budget(Struct):
    """What is used of an item of GET /v1/budgets. Amounts are tokens, or micro-dollars."""

    name: str
    period: str
    unit: str
    limit: int
    rolled_over: int
    used: int
    exempt_used: int
    used_percent: int
    resets_at: datetime


class Reading(Struct):
    """One look at an organisation's usage. `budgets` are those nearest their limit, the nearest first."""

    organization: str
    at: datetime
    overview: Overview
    providers: list[Provider]
    users: list[User]
    budgets: list[Budget] = []


def tokens(number: int) -> str:
    """A number of tokens as people read it: 1.24 M."""
    for size, unit in ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")):
        if number >= size:
            return f"{number / size:.2f} {unit}"
    return str(number)


def draw(reading: Reading, *, width: int, trouble: str | None = None) -> RenderableType:
    """The whole screen. With `trouble` it says that the figures are the last ones known, and why."""
    title = Text(f"{reading.organization}, last {reading.overview.days} days", style="bold")
    parts: list[RenderableType] = [title, _tiles(reading, width), _providers(reading.providers, width)]
    parts.append(_users(reading.users, width))
    if reading.budgets:
        parts.append(_budgets(reading.budgets, width))
    seen = f"{reading.at:%H:%M:%S} UTC"
    state = f"As of {seen}. {trouble}" if trouble else f"{seen}  Ctrl-C ends"
    parts.append(Text(state, style="yellow" if trouble else "dim"))
    return Group(*parts)


def _tiles(reading: Reading, width: int) -> RenderableType:
    overview = reading.overview
    tiles = [
        _tile("Enrolled devices", f"{overview.enrolled_devices:,}"),
        _tile("Active users", f"{overview.active_users:,}"),
        _tile(f"Tokens ({overview.days}d)", tokens(overview.total_tokens)),
        _tile("Protected", "yes" if overview.protected else "no"),
    ]
    across = 4 if width >= _WIDE else 2
    grid = Table.grid(expand=True)
    for _ in range(across):
        grid.add_column(ratio=1)
    for start in range(0, len(tiles), across):
        grid.add_row(*tiles[start : start + across])
    return grid


def _tile(title: str, value: str) -> Panel:
    return Panel(Text(value, style="bold", justify="center"), title=title, border_style="dim")


def _providers(providers: Sequence[Provider], width: int) -> Table:
    table = _table("Tokens by provider")
    table.add_column("Provider", ratio=2, no_wrap=True)
    table.add_column("Tokens", justify="right", no_wrap=True)
    if width >= _MEDIUM:
        table.add_column("Input", justify="right", no_wrap=True)
        table.add_column("Output", justify="right", no_wrap=True)
    if width >= _WIDE:
        table.add_column("Requests", justify="right", no_wrap=True)
        table.add_column("Cost, USD", justify="right", no_wrap=True)
    for one in providers:
        name = one.provider_name + (" (reconciled)" if one.basis == "reconciled" else "")
        cells: list[RenderableType] = [
            Text(name),
            tokens(one.total_tokens),
            tokens(one.input_tokens),
            tokens(one.output_tokens),
            f"{one.total_requests:,}",
            f"{one.estimated_cost_usd:,.2f}",
        ]
        table.add_row(*cells[: len(table.columns)])
    return table


def _users(users: Sequence[User], width: int) -> Table:
    table = _table("Top users")
    table.add_column("User", ratio=2, no_wrap=True, overflow="ellipsis")
    table.add_column("Tokens", justify="right", no_wrap=True)
    if width >= _MEDIUM:
        table.add_column("Of the highest", no_wrap=True, width=_BAR_CELLS)
    if width >= _WIDE:
        table.add_column("Requests", justify="right", no_wrap=True)
    for one in users:
        bar = Text(_BAR * max(1, round(one.share_of_highest * _BAR_CELLS)), style="cyan")
        cells: list[RenderableType] = [
            Text(one.user_name or one.user_email),
            tokens(one.total_tokens),
            bar,
            f"{one.total_requests:,}",
        ]
        table.add_row(*cells[: len(table.columns)])
    return table


def _budgets(budgets: Sequence[Budget], width: int) -> Table:
    table = _table("Budgets nearest their limit")
    table.add_column("Budget", ratio=2, no_wrap=True, overflow="ellipsis")
    if width >= _WIDEST:
        table.add_column("Period", no_wrap=True)
    if width >= _MEDIUM:
        table.add_column("Used of limit", justify="right", no_wrap=True)
    if width >= _WIDE:
        table.add_column("", no_wrap=True, width=_BAR_CELLS)
    table.add_column("%", justify="right", no_wrap=True)
    if width >= _WIDEST:
        table.add_column("Resets, UTC", no_wrap=True)
    for one in budgets:
        cells: dict[str, RenderableType] = {
            "Budget": Text(one.name),
            "Period": one.period,
            "Used of limit": _used_of_limit(one),
            "": _gauge(one.used_percent),
            "%": f"{one.used_percent:,}",
            "Resets, UTC": f"{one.resets_at:%Y-%m-%d %H:%M}",
        }
        table.add_row(*(cells[str(column.header)] for column in table.columns))
    return table


def _used_of_limit(budget: Budget) -> str:
    """What counts against the limit, and the limit with what was rolled over."""
    used, limit = budget.used - budget.exempt_used, budget.limit + budget.rolled_over
    if budget.unit == "micros":
        return f"{used / 1e6:,.2f} of {limit / 1e6:,.2f} USD"
    return f"{tokens(used)} of {tokens(limit)}"


def _gauge(percent: int) -> Text:
    """How full a budget is. The figure stands beside it: nothing is said by colour alone."""
    style = "red" if percent >= _FULL_PERCENT else "yellow" if percent >= _NEAR_PERCENT else "cyan"
    full = min(_BAR_CELLS, percent * _BAR_CELLS // 100)
    return Text(_BAR * full, style=style).append(_ROOM * (_BAR_CELLS - full), style="dim")


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", box=None, expand=True, header_style="dim", padding=(0, 1))
