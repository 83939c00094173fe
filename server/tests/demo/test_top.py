"""`toktra top`: what it shows, at any width, and what it says when it cannot."""

import io
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from rich.console import Console
from typer import Typer
from typer.testing import CliRunner

from toktra.demo import top as tops
from toktra.demo.retries import Refused, Unreachable
from toktra.demo.screen import Budget, Overview, Provider, Reading, User, draw, tokens
from toktra.demo.top import top
from toktra.kit.clock import utc_now

commands = Typer()
commands.command()(top)


def reading(**changes: Any) -> Reading:
    usual = {
        "organization": "Acme [bold]",
        "at": utc_now(),
        "overview": Overview(30, 12, 34, 5_600_000, 789, True),
        "providers": [Provider("OpenAI", "estimated", 4_000_000, 1_600_000, 5_600_000, 789, 12.5)],
        "users": [
            User("a@example.com", "Ada", 4_000_000, 500, 1.0),
            User("b@example.com", "", 1_600_000, 289, 0.4),
        ],
    }
    return Reading(**{**usual, **changes})


def budget(name: str, percent: int, **changes: Any) -> Budget:
    usual = {
        "name": name,
        "period": "monthly",
        "unit": "tokens",
        "limit": 800_000,
        "rolled_over": 200_000,
        "used": percent * 10_000 + 5_000,
        "exempt_used": 5_000,
        "used_percent": percent,
        "resets_at": datetime(2026, 12, 1, 9, tzinfo=UTC),
    }
    return Budget(**{**usual, **changes})


def shown(what: Reading, width: int = 100, **how: Any) -> str:
    console = Console(file=io.StringIO(), width=width)
    console.print(draw(what, width=width, **how))
    return console.file.getvalue()  # type: ignore[attr-defined,no-any-return]


def test_it_shows_tiles_providers_and_users_relative_to_the_highest() -> None:
    picture = shown(reading())
    for part in ("Acme [bold]", "12", "34", "5.60 M", "yes", "OpenAI", "12.50", "Ada", "b@example.com"):
        assert part in picture
    bars = [line.count("█") for line in picture.splitlines() if "█" in line]
    assert bars == [24, 10]
    assert "Budgets" not in picture


@pytest.mark.parametrize("width", [20, 40, 56, 76, 100, 200])
def test_it_fits_every_width(width: int) -> None:
    full = reading(budgets=[budget("A very long name of a budget [bold]" * 3, 100)])
    lines = shown(full, width).splitlines()
    assert max(map(len, lines)) <= width
    assert any("100" in line for line in lines)


def test_an_organisation_without_usage_has_a_picture_too() -> None:
    assert "no" in shown(reading(providers=[], users=[], overview=Overview(30, 0, 0, 0, 0, False)))


def test_budgets_show_how_far_they_are_used() -> None:
    money = budget("Finance", 51, unit="micros", limit=57_000_000, rolled_over=0, used=29_231_902)
    picture = shown(reading(users=[], budgets=[budget("Sales", 130), budget("Data", 50), money]), 120)
    rows = {line.split()[0]: line for line in picture.splitlines() if "█" in line}
    assert [rows[name].count("█") for name in ("Sales", "Data", "Finance")] == [24, 12, 12]
    assert [rows[name].count("·") for name in ("Sales", "Data", "Finance")] == [0, 12, 12]
    assert "500.00 k of 1.00 M" in rows["Data"]
    assert "29.23 of 57.00 USD" in rows["Finance"]
    for part in ("monthly", " 50 ", "2026-12-01 09:00"):
        assert part in rows["Data"]


def test_the_last_figures_are_said_to_be_the_last() -> None:
    assert "As of" in shown(reading(), trouble="The server is away.")
    assert "The server is away." in shown(reading(), trouble="The server is away.")


@pytest.mark.parametrize(
    ("number", "written"),
    [(0, "0"), (999, "999"), (1000, "1.00 k"), (1_240_000, "1.24 M"), (2 * 10**9, "2.00 G")],
)
def test_tokens_are_written_as_people_read_them(number: int, written: str) -> None:
    assert tokens(number) == written


async def test_it_reads_the_real_api(client: httpx2.AsyncClient, organization: Any, event: Any) -> None:
    await client.post("/v1/events", json={"events": [event()]}, headers=organization.api_key)
    client.headers.update(organization.api_key)
    for department, limit in (("Sales", 5_000), ("Engineering", 5_000), (None, 1_500)):
        body = {"limit_tokens": limit} | ({"department": department} if department else {})
        assert (await client.post("/v1/budgets", json=body)).status_code == 201
    read = await tops._read(client, budgets=2)
    assert (read.organization, read.overview.total_tokens) == ("Acme", 1100)
    assert [provider.provider_name for provider in read.providers] == ["OpenAI"]
    assert [user.user_email for user in read.users] == [organization.owner.email]
    assert [(one.name, one.used_percent) for one in read.budgets] == [("Acme", 73), ("Engineering", 0)]


async def test_every_page_of_budgets_is_looked_at(
    client: httpx2.AsyncClient, organization: Any, event: Any
) -> None:
    client.headers.update(organization.api_key)
    await client.post("/v1/events", json={"events": [event()]})
    for department in (None, "Sales", "Engineering"):
        body = {"limit_tokens": 5_000} | ({"department": department} if department else {})
        assert (await client.post("/v1/budgets", json=body)).status_code == 201
    assert [one.name for one in await tops._budgets(client, 2, per_page=1)] == ["Acme", "Engineering"]


async def test_a_key_that_may_not_see_budgets_sees_the_rest(
    client: httpx2.AsyncClient, organization: Any
) -> None:
    asked = {"name": "usage", "scopes": ["usage:read"]}
    made = await client.post("/v1/api-keys", json=asked, headers=organization.api_key)
    client.headers["Authorization"] = f"Bearer {made.json()['key']}"
    assert (await tops._read(client)).budgets == []


@pytest.mark.parametrize(("rows", "shares"), [(-5, (3, 3)), (2, (3, 3)), (12, (6, 6)), (40, (10, 8))])
def test_users_and_budgets_share_the_rows(rows: int, shares: tuple[int, int]) -> None:
    assert tops._shares(rows) == shares


async def test_a_key_that_is_not_good_is_refused_and_a_server_away_is_waited_for(
    client: httpx2.AsyncClient,
) -> None:
    client.headers["Authorization"] = "Bearer tk_key_wrong"
    with pytest.raises(Refused) as refused:
        await tops._read(client)
    assert "--api-key" in tops._what_to_do(refused.value)
    away = httpx2.AsyncClient(
        transport=httpx2.MockTransport(lambda _: httpx2.Response(503)), base_url="http://a"
    )
    with pytest.raises(Unreachable):
        await tops._read(away)


@pytest.mark.parametrize(
    ("arguments", "says", "status"),
    [
        ([], "Give an API key", 2),
        (["--api-key", "k", "--url", "nowhere"], "it must look like", 1),
        (["--api-key", "k", "--url", "http://127.0.0.1:1"], "Nobody answers", 1),
        (["--api-key", "k", "--interval", "0"], "greater than or equal to 0.5", 2),
    ],
)
def test_the_command_says_what_is_wrong(arguments: list[str], says: str, status: int) -> None:
    result = CliRunner().invoke(commands, arguments, env={"TOKTRA_API_KEY": ""})
    assert result.exit_code == status
    assert says in result.output
