"""U1, U2, R4: what an organisation is told of a month, through the API and its own signature."""

from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from server.tests.personal.conftest import Company, Ledger, Person

from toktra.personal.app import keep_house
from toktra_wire.voucher import Asking, sign_asking


async def asked(ledger: Ledger, text: str, status: int = 200) -> Any:
    headers = {"Authorization": f"Bearer {text}"}
    answer = await ledger.client.get("/personal/v1/aggregates", headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json()


def question(
    ledger: Ledger, company: Company, *, key: Ed25519PrivateKey | None = None, minutes: int = 5
) -> str:
    asking = Asking(org_id=company.id, expires_at=ledger.now + timedelta(minutes=minutes))
    return sign_asking(asking, key or company.key)


async def told(ledger: Ledger, company: Company) -> Any:
    """The figures of the next day."""
    ledger.now += timedelta(days=1)
    await keep_house(ledger.app.state.engine, ledger.keys, now=ledger.now)
    return (await asked(ledger, question(ledger, company)))[0]


@pytest.fixture
async def seven(ledger: Ledger) -> list[Person]:
    """Seven people of one company and one tier, each of whom used 10,000 tokens."""
    company = ledger.company()
    people = [await ledger.opt_in(company) for _ in range(7)]
    for person in people:
        await person.use(10_000)
    return people


async def test_figures_are_of_many_and_rounded(ledger: Ledger, seven: list[Person]) -> None:
    await seven[0].use(1_499)
    found = await told(ledger, seven[0].company)
    figure = {"accounts": 7, "budget": 1_400_000, "used": 71_000}
    assert found == {
        "month": "2026-11",
        "published_on": "2026-11-11",
        "total": figure,
        "tiers": {"ic-engineer": figure},
    }


async def test_a_days_figures_are_made_once(ledger: Ledger, seven: list[Person]) -> None:
    """U1: repeated questions learn nothing of what happened in between."""
    first = await told(ledger, seven[0].company)
    for person in seven:
        await person.use(5_000)
    await keep_house(ledger.app.state.engine, ledger.keys, now=ledger.now)
    assert (await asked(ledger, question(ledger, seven[0].company)))[0] == first
    assert (await told(ledger, seven[0].company))["total"]["used"] == 105_000


async def test_what_one_person_does_moves_nothing(ledger: Ledger, seven: list[Person]) -> None:
    """R4: they use more, another joins, one leaves; and five make it move, leavers among them."""
    company = seven[0].company
    first = (await told(ledger, company))["total"]
    await seven[0].use(50_000)
    await ledger.opt_in(company)
    assert (await told(ledger, company))["total"] == first
    for person in seven[1:4]:
        await person.call("DELETE", "account", status=204)
    assert (await told(ledger, company))["total"] == first
    await seven[4].use(1_000)
    assert (await told(ledger, company))["total"] == {
        "accounts": 5,
        "budget": 1_000_000,
        "used": 60_000 + 30_000 + 1_000,
    }


async def test_of_four_nothing_is_told(ledger: Ledger) -> None:
    company = ledger.company()
    for _ in range(4):
        await (await ledger.opt_in(company)).use(10_000)
    found = await told(ledger, company)
    assert (found["total"], found["tiers"]) == (None, {})


async def test_only_the_organisation_itself_is_told(ledger: Ledger, seven: list[Person]) -> None:
    """U2: not another one, not with another's key, not later, and not with a voucher or a credential."""
    company, other = seven[0].company, ledger.company()
    await told(ledger, company)
    assert await asked(ledger, question(ledger, other)) == []
    wrong = (
        question(ledger, company, key=other.key),
        question(ledger, company, minutes=-1),
        question(ledger, Company()),
        company.voucher(),
        seven[0].credential,
        "",
    )
    for text in wrong:
        refused = await asked(ledger, text, 401)
        assert "Only an organisation's own server" in refused["message"]
