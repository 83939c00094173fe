"""The usage API: filters, reach, pages, dates (Q1), at a bounded number of queries."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import httpx2
import pytest
from litestar import Litestar
from sqlalchemy import event as on

from toktra_wire.ids import new_id

PATHS = ["", "/overview", "/providers", "/top-users", "/series", "/models"]
ASKED = [path for path in PATHS if path != "/overview"]
FILTERS = ("user_id", "model", "provider", "department_id")


@pytest.fixture
async def history(meter: Any, event: Any, organization: Any, now: datetime) -> list[dict[str, Any]]:
    """One event for each user, model and day, with tokens that tell them apart, as the answers show them."""
    users = {user.id: user for user in (organization.owner, organization.manager, organization.member)}
    kinds = [("gpt-4o", "api.openai.com", "openai"), ("claude-3-5-sonnet", "api.anthropic.com", "anthropic")]
    sent, expected = [], []
    for n, (user_id, (model, host, provider), days) in enumerate(product(users, kinds, (0, 1, 40))):
        tokens = 1 << n
        at = now - timedelta(days=min(days, 34))
        named = {"user_id": str(user_id), "model": model, "estimated_input_tokens": tokens}
        sent.append(event(occurred_at=at.isoformat(), provider_host=host, **named))
        department = str(users[user_id].department_id)
        expected.append(
            {**named, "provider": provider, "department_id": department, "day": at, "tokens": tokens}
        )
    assert (await meter.send(*sent))["accepted"] == len(sent)
    return expected


def tokens(items: list[dict[str, Any]], name: str = "total_input_tokens") -> int:
    return sum(item[name] for item in items)


async def test_filters_combine(
    meter: Any, history: list[dict[str, Any]], organization: Any, now: datetime
) -> None:
    """Every combination of filters answers exactly the events that meet them all."""
    root, engineering = str(organization.root_id), str(organization.member.department_id)
    choices = {
        "user_id": (None, str(organization.member.id)),
        "model": (None, "gpt-4o", "no-such-model"),
        "provider": (None, "anthropic"),
        "department_id": (None, engineering, root),
    }
    start = (now - timedelta(days=60)).date()
    for chosen in product(*choices.values()):
        asked = dict(zip(choices, chosen, strict=True))
        wanted = [
            one["tokens"]
            for one in history
            if all(
                value is None or one[name] == value or (name == "department_id" and value == root)
                for name, value in asked.items()
            )
        ]
        items = await meter.usage(start_date=start, **asked)
        assert sorted(item["total_input_tokens"] for item in items) == sorted(wanted), asked
        for path, items in (("providers", "providers"), ("models", "models"), ("top-users", "users")):
            sums = (await meter.get(f"/{path}", start_date=start, **asked))[items]
            assert tokens(sums, "input_tokens") == sum(wanted), (path, asked)
        for period in ("hourly", "daily", "weekly", "monthly"):
            charted = (await meter.get("/series", start_date=start, period=period, **asked))["items"]
            assert tokens(charted) == sum(wanted), (period, asked)


async def test_an_item_says_everything(meter: Any, event: Any, organization: Any, now: datetime) -> None:
    await meter.send(
        event(user_id=str(organization.member.id)), event(user_id=str(organization.member.id), model="x")
    )
    first, second = sorted(await meter.usage(), key=lambda item: item["model"])
    assert first == {
        "user_id": str(organization.member.id),
        "user_email": organization.member.email,
        "department_id": str(organization.member.department_id),
        "department": "Engineering",
        "model": "gpt-4o",
        "provider": "openai",
        "period": first["period"],
        "starts_at": first["starts_at"],
        "total_requests": 1,
        "total_input_tokens": 1000,
        "total_output_tokens": 100,
        "total_tokens": 1100,
        "estimated_cost_usd": 0.0035,
        "cost_micros": 3500,
        "unpriced_requests": 0,
        "basis": "estimated",
    }
    assert (second["model"], second["cost_micros"], second["unpriced_requests"]) == ("x", 0, 1)


class TestReach:
    async def test_each_role_sees_those_in_reach(
        self, meter: Any, history: list[dict[str, Any]], organization: Any
    ) -> None:
        everyone = {organization.owner.id, organization.manager.id, organization.member.id}
        seen = {
            "owner": everyone,
            "admin": everyone,
            "manager": {organization.manager.id, organization.member.id},
            "member": {organization.member.id},
        }
        for role, users in seen.items():
            headers = organization.as_(role)
            ids = {str(user) for user in users}
            items = await meter.usage(
                headers=headers, start_date=history[0]["day"].date() - timedelta(days=60)
            )
            assert {item["user_id"] for item in items} == ids, role
            ranked = (await meter.get("/top-users", headers=headers))["users"]
            assert {user["user_id"] for user in ranked} == ids, role
            by_model = (await meter.get("/top-users", headers=headers, model="gpt-4o"))["users"]
            assert {user["user_id"] for user in by_model} == ids, role
            overview = await meter.get("/overview", headers=headers)
            providers = (await meter.get("/providers", headers=headers))["providers"]
            recent = [
                o
                for o in history
                if o["user_id"] in ids and o["day"] > history[0]["day"] - timedelta(days=20)
            ]
            assert (
                overview["input_tokens"]
                == tokens(providers, "input_tokens")
                == sum(o["tokens"] for o in recent)
            )
            assert overview["active_users"] == len(ids), role
            assert overview["total_requests"] == len(recent), role

    @pytest.mark.parametrize("path", ASKED)
    @pytest.mark.parametrize(("role", "status"), [("owner", 200), ("manager", 404), ("member", 404)])
    async def test_asking_for_someone_out_of_reach_is_a_404(
        self, client: httpx2.AsyncClient, organization: Any, path: str, role: str, status: int
    ) -> None:
        query = {"user_id": str(organization.owner.id)}
        answer = await client.get(f"/v1/usage{path}", params=query, headers=organization.as_(role))
        assert answer.status_code == status

    @pytest.mark.parametrize("path", ASKED)
    async def test_the_root_shows_a_manager_their_own_departments_alone(
        self, meter: Any, history: list[dict[str, Any]], organization: Any, path: str
    ) -> None:
        headers, root = organization.as_("manager"), organization.root_id
        assert await meter.get(path, headers=headers, department_id=root) == await meter.get(
            path, headers=headers
        )

    @pytest.mark.parametrize("path", ASKED)
    async def test_another_organisation_s_are_not_found(
        self, client: httpx2.AsyncClient, organization: Any, other_organization: Any, path: str
    ) -> None:
        for name, there in (
            ("department_id", other_organization.root_id),
            ("department_id", new_id()),
            ("user_id", other_organization.member.id),
            ("user_id", new_id()),
        ):
            answer = await client.get(
                f"/v1/usage{path}", params={name: str(there)}, headers=organization.api_key
            )
            assert answer.status_code == 404, (path, name)

    async def test_another_organisation_s_usage_is_not_seen(
        self, meter_of: Any, history: list[dict[str, Any]], other_organization: Any
    ) -> None:
        other = meter_of(other_organization)
        assert await other.usage() == []
        assert (await other.get("/overview"))["total_requests"] == 0
        assert (await other.get("/providers"))["providers"] == []
        assert (await other.get("/top-users"))["users"] == []
        assert (await other.get("/models"))["models"] == []
        charted = (await other.get("/series"))["items"]
        assert [item["total_requests"] for item in charted] == [0] * 30


class TestPages:
    @pytest.mark.parametrize("limit", [1, 4, 7, 18, 100])
    @pytest.mark.parametrize("period", ["hourly", "daily", "weekly", "monthly"])
    async def test_walking_yields_each_item_once(
        self, meter: Any, history: list[dict[str, Any]], limit: int, period: str
    ) -> None:
        asked = {"period": period, "start_date": history[0]["day"].date() - timedelta(days=60)}
        items = await meter.usage(limit=limit, **asked)
        keys = [(item["starts_at"], item["user_id"], item["model"]) for item in items]
        assert len(set(keys)) == len(keys)
        assert tokens(items) == sum(one["tokens"] for one in history)
        assert [key[0] for key in keys] == sorted((key[0] for key in keys), reverse=True)
        assert (await meter.get("", limit=limit, **asked))["total_count"] == len(items)

    async def test_walking_goes_on_while_events_arrive(
        self, meter: Any, event: Any, history: list[dict[str, Any]]
    ) -> None:
        asked: dict[str, Any] = {"limit": 3, "start_date": history[0]["day"].date() - timedelta(days=60)}
        seen: Counter[tuple[str, str, str]] = Counter()
        while True:
            page = await meter.get("", **asked)
            seen.update((item["starts_at"], item["user_id"], item["model"]) for item in page["items"])
            if not page["has_more"]:
                break
            asked["cursor"] = page["next_cursor"]
            await meter.send(event(model=f"new-{new_id().hex}"))
        assert max(seen.values()) == 1
        days = {one["day"].date() for one in history}
        assert len([key for key in seen if not key[2].startswith("new-")]) == 6 * len(days)


class TestDates:
    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("start_date=2026-02-30", "start_date"),
            ("start_date=2026-1-1", "start_date"),
            ("start_date=20260101", "start_date"),
            ("start_date=", "start_date"),
            ("end_date=tomorrow", "end_date"),
            ("start_date=2026-01-02&end_date=2026-01-01", "start_date"),
            ("start_date=2020-01-01&end_date=2026-01-01", "start_date"),
            ("start_date=0001-01-01&end_date=0001-01-02", "start_date"),
            ("start_date=9999-12-30&end_date=9999-12-31", "start_date"),
            ("end_date=0001-01-01", "start_date"),
            ("start_date=10000-01-01", "start_date"),
        ],
    )
    @pytest.mark.parametrize("path", ASKED)
    async def test_an_impossible_range_is_a_422(
        self, client: httpx2.AsyncClient, organization: Any, path: str, query: str, field: str
    ) -> None:
        answer = await client.get(f"/v1/usage{path}?{query}", headers=organization.api_key)
        assert answer.status_code == 422, answer.text
        assert answer.json()["details"]["field"] == field

    @pytest.mark.parametrize(
        ("period", "days", "status"),
        [
            ("hourly", 62, 200),
            ("hourly", 63, 422),
            ("daily", 800, 200),
            ("daily", 801, 422),
            ("monthly", 800, 200),
        ],
    )
    async def test_a_range_is_bounded(
        self,
        client: httpx2.AsyncClient,
        organization: Any,
        now: datetime,
        period: str,
        days: int,
        status: int,
    ) -> None:
        last = now.date()
        query = {"period": period, "start_date": str(last - timedelta(days=days - 1)), "end_date": str(last)}
        answer = await client.get("/v1/usage", params=query, headers=organization.api_key)
        assert answer.status_code == status

    @pytest.mark.parametrize("query", ["days=1", "days=0", "days=-7", "days=x", "days=7.5", "period=daily"])
    @pytest.mark.parametrize("path", ["/providers", "/top-users"])
    async def test_days_are_7_30_or_90(
        self, client: httpx2.AsyncClient, organization: Any, path: str, query: str
    ) -> None:
        answer = await client.get(f"/v1/usage{path}?{query}", headers=organization.api_key)
        assert answer.status_code == 422

    @pytest.mark.parametrize("days", [7, 30, 90])
    async def test_days_end_today(self, meter: Any, clock: Any, days: int) -> None:
        """Berlin, where it is already the next day."""
        clock.now = clock.now.replace(hour=23, minute=30)
        answer = await meter.get("/providers", days=days)
        today = (clock.now + timedelta(days=1)).date()
        assert answer["end_date"] == str(today)
        assert answer["start_date"] == str(today - timedelta(days=days - 1))

    async def test_periods_are_written_as_documented(
        self, meter: Any, event: Any, make: Any, meter_of: Any
    ) -> None:
        kathmandu = meter_of(await make(time_zone="Asia/Kathmandu"))
        await kathmandu.send(event())
        written = {}
        for period in ("hourly", "daily", "weekly", "monthly"):
            (item,) = await kathmandu.usage(period=period)
            written[period] = item["period"]
        assert written["hourly"].endswith(":00:00+05:45")
        assert written["hourly"].startswith(written["daily"])
        assert written["daily"].startswith(written["monthly"])
        assert len(written["monthly"]) == 7
        assert datetime.fromisoformat(written["weekly"]).weekday() == 0


async def test_top_users_are_ranked_with_their_share(
    meter: Any, history: list[dict[str, Any]], organization: Any
) -> None:
    users = (await meter.get("/top-users"))["users"]
    assert [user["rank"] for user in users] == [1, 2, 3]
    totals = [user["total_tokens"] for user in users]
    assert totals == sorted(totals, reverse=True)
    assert [user["share_of_highest"] for user in users] == [round(total / totals[0], 4) for total in totals]
    assert users[0]["user_email"] == organization.member.email
    assert len((await meter.get("/top-users", limit=2))["users"]) == 2


async def test_a_range_of_months_weeks_and_days_ranks_as_its_days_do(
    meter: Any, history: list[dict[str, Any]], now: datetime
) -> None:
    """Top users read whole months and weeks where a range has them; the sums are those of its days."""
    for first, last in product((0, 1, 2, 8, 29, 34, 70, 95), (0, 1, 5)):
        if first < last:
            continue
        asked = {
            "start_date": (now - timedelta(days=first)).date(),
            "end_date": (now - timedelta(days=last)).date(),
        }
        ranked = (await meter.get("/top-users", **asked))["users"]
        assert tokens(ranked, "input_tokens") == tokens(await meter.usage(**asked)), asked


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("role", ["owner", "manager", "member"])
async def test_the_number_of_queries_does_not_grow_with_the_answer(
    app: Litestar, meter: Any, history: list[dict[str, Any]], organization: Any, path: str, role: str
) -> None:
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    engine = app.state.engine.sync_engine
    on.listen(engine, "before_cursor_execute", note)
    try:
        await meter.get(path, headers=organization.as_(role))
    finally:
        on.remove(engine, "before_cursor_execute", note)
    assert 3 <= len(statements) <= 10, statements
