"""The usage API on a large organisation: 20,000 users and 10 million events, kept by the real statement."""

import asyncio
import random
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx2
import psycopg
from e2e.installation import Installation, installation
from rich.progress import Progress
from sqlalchemy import TextClause, text

from toktra.kit.database import connection_options, conninfo, locate, make_engine
from toktra.metering.queries import DayRange, Filters
from toktra.metering.rankings import top_users

USERS = 20_000
DEPARTMENTS = 60
DAYS = 90
ROUNDS = 100
# As fast as the rate limit of 1,000 requests a minute allows.
PACE = 0.063

_PEOPLE = """
    INSERT INTO departments (org_id, id, parent_id, name, created_at)
    SELECT %(org)s, gen_random_uuid(), d.id, 'Department ' || n, now()
    FROM generate_series(1, %(departments)s) n, departments d WHERE d.org_id = %(org)s AND d.parent_id IS NULL;
"""
_USERS = """
    INSERT INTO users (org_id, id, email, name, department_id, role, status, created_at)
    SELECT %(org)s, gen_random_uuid(), 'user' || n || '@example.com', 'User ' || n, d.ids[1 + n %% %(departments)s],
           'member', 'active', now()
    FROM generate_series(1, %(users)s) n,
         (SELECT array_agg(id) AS ids FROM departments WHERE org_id = %(org)s AND parent_id IS NOT NULL) d
"""
# Events: few people use much, most use little; four providers, eight models; working hours.
_EVENTS = """
    INSERT INTO usage_events (org_id, id, user_id, department_id, occurred_at, received_at, source, provider,
        provider_host, model, request_bytes, response_bytes, input_tokens, output_tokens, cost_micros)
    SELECT %(org)s, uuidv7(at - now()), u.id, u.department_id, at, at, 'agent', m.provider, m.host, m.model,
           inputs * 5, outputs * 300, inputs, outputs, inputs * 3 + outputs * 12
    FROM (
        SELECT %(day)s::timestamptz + make_interval(secs => 86399 * (random() + random() + random()) / 3) AS at,
               floor(%(users)s * power(random(), 2.2))::int AS n,
               (20 + 4000 * power(random(), 3))::bigint AS inputs, (5 + 900 * power(random(), 2))::bigint AS outputs,
               1 + floor(8 * power(random(), 1.5))::int AS pick
        FROM generate_series(1, %(events)s)) e
    JOIN numbered u USING (n)
    JOIN (VALUES
        (1, 'openai', 'api.openai.com', 'gpt-4o'), (2, 'anthropic', 'api.anthropic.com', 'claude-sonnet-4-5'),
        (3, 'azure', 'acme.openai.azure.com', 'gpt-4o-mini'), (4, 'openai', 'api.openai.com', 'gpt-4.1'),
        (5, 'vertex', 'aiplatform.googleapis.com', 'gemini-2.5-pro'), (6, 'azure', 'acme.openai.azure.com', 'o3'),
        (7, 'anthropic', 'api.anthropic.com', 'claude-3-5-haiku'), (8, 'openai', 'api.openai.com', 'o4-mini')
    ) m (pick, provider, host, model) USING (pick)
"""
_SUMS = (
    "sum(requests), sum(input_tokens), sum(output_tokens), sum(cost_micros)",
    "requests, input_tokens, output_tokens, cost_micros",
)
# The roll-ups are caches of the events: here they are made from them, coarse from fine, and laid down in the order
# of time, as they are when events come in day by day.
_ROLL_UP = (
    """INSERT INTO usage_hourly SELECT 'hour', org_id, date_trunc('hour', occurred_at), user_id, department_id,
       provider, model, source, count(*), sum(input_tokens), sum(output_tokens), sum(cost_micros), 0
       FROM usage_events GROUP BY 2, 3, 4, 5, 6, 7, 8 ORDER BY 3""",
    *(
        f"""INSERT INTO {table} SELECT '{span}', org_id, date_trunc('{span}', starts_at), user_id, department_id,
            provider, model, source, {_SUMS[0]}, 0 FROM {finer} GROUP BY 2, 3, 4, 5, 6, 7, 8 ORDER BY 3"""
        for table, span, finer in (
            ("usage_daily", "day", "usage_hourly"),
            ("usage_weekly", "week", "usage_daily"),
            ("usage_monthly", "month", "usage_daily"),
        )
    ),
    *(
        f"""INSERT INTO usage_totals SELECT span, org_id, starts_at, department_id, provider, model, source,
            {_SUMS[0]}, 0 FROM {table} GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 3"""
        for table in ("usage_daily", "usage_weekly", "usage_monthly")
    ),
    *(
        f"""INSERT INTO usage_by_user (span, org_id, starts_at, user_id, department_id, {_SUMS[1]})
            SELECT span, org_id, starts_at, user_id, department_id, {_SUMS[0]}
            FROM {table} GROUP BY 1, 2, 3, 4, 5 ORDER BY 3"""
        for table in ("usage_daily", "usage_weekly", "usage_monthly")
    ),
    """INSERT INTO user_activity SELECT org_id, user_id, max(occurred_at) FROM usage_events GROUP BY 1, 2""",
)
_INDEXES = """
    SELECT indexname, indexdef FROM pg_indexes
    WHERE schemaname = 'corporate'
      AND indexname ~ '^usage_(rollups_by_user|(daily|weekly|monthly)_by_(department|model|provider))$'
"""


def run(events: int = 10_000_000, *, explain: bool = True) -> dict[str, Any]:
    """Fill, ask, and answer the latencies per kind of question and per route, and the heaviest plan."""
    with installation() as running:
        began = time.perf_counter()
        fill(running, events)
        filled = time.perf_counter() - began
        asked = ask(running)
        routes: dict[str, list[float]] = {}
        for (_, path), times in asked.items():
            routes.setdefault(path, []).extend(times)
        return {
            "users": USERS,
            "events": events,
            "rounds": ROUNDS,
            "fill_seconds": round(filled),
            "all": figures([ms for times in asked.values() for ms in times]),
            "bare_route_ms": quantile(bare(running), 50),
            "routes": {path: figures(times) for path, times in sorted(routes.items())},
            "questions": {name: figures(times) for (name, _), times in sorted(asked.items())},
            "plan": asyncio.run(plan(running)) if explain else [],
        }


def figures(times: list[float]) -> dict[str, float]:
    """Of these times, the first ones among them: median, 95th percentile, slowest."""
    return {"p50_ms": quantile(times, 50), "p95_ms": quantile(times, 95), "slowest_ms": round(max(times), 2)}


def quantile(times: list[float], percent: int) -> float:
    """A percentile in milliseconds, to the hundredth."""
    return round(statistics.quantiles(times, n=100, method="inclusive")[percent - 1], 2)


def owner(running: Installation) -> "psycopg.Connection[tuple[Any, ...]]":
    """A connection as the owner, for filling and for plans."""
    options = (
        connection_options().replace("-c role=toktra_corporate ", "").replace("=30s", "=30min")
        + " -c work_mem=1GB"
    )
    return psycopg.connect(conninfo(locate(running.settings).owner), options=options, autocommit=True)


def fill(running: Installation, events: int) -> None:
    """People, then events day by day, then the roll-ups from the events, then the secondary indexes."""
    named = {"org": running.made["org_id"], "departments": DEPARTMENTS, "users": USERS}
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    with owner(running) as connection, Progress() as progress:
        connection.execute(_PEOPLE, named)
        connection.execute(_USERS, named)
        connection.execute(
            "CREATE TEMP TABLE numbered AS SELECT (row_number() OVER (ORDER BY id))::int - 1 AS n, id, department_id "
            "FROM users WHERE org_id = %(org)s LIMIT %(users)s",
            named,
        )
        connection.execute("ANALYZE numbered")
        indexes = connection.execute(_INDEXES).fetchall()
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}")
        connection.execute(
            "SELECT make_event_partitions(%s, %s)", [midnight.date() - timedelta(DAYS), midnight.date()]
        )
        work = progress.add_task("Filling", total=DAYS + len(_ROLL_UP) * 10)
        for day in range(DAYS, 0, -1):
            values = {**named, "day": midnight - timedelta(days=day - 1), "events": events // DAYS}
            connection.execute(_EVENTS, values)
            progress.advance(work)
        for statement in _ROLL_UP:
            connection.execute(statement)
            progress.advance(work, 10)
        for _, definition in indexes:
            connection.execute(definition.replace(" ON ONLY ", " ON "))  # of every partition
        connection.execute("VACUUM ANALYZE")


def questions(running: Installation, api: httpx2.Client) -> Iterator[tuple[str, str, dict[str, str]]]:
    """What screens ask, each with its own random filters."""
    draw = random.Random(5)
    users = api.get("/v1/users", params={"limit": "100"}).json()["items"]
    departments = [node["id"] for node in api.get("/v1/departments").json()["root"]["children"]]
    while True:
        for days in ("7", "30", "90"):
            yield f"providers {days}d", "/v1/usage/providers", {"days": days}
            yield f"top-users {days}d", "/v1/usage/top-users", {"days": days, "limit": "10"}
        yield "overview", "/v1/usage/overview", {}
        yield (
            "top-users 30d by department",
            "/v1/usage/top-users",
            {"department_id": draw.choice(departments)},
        )
        yield "top-users 30d by model", "/v1/usage/top-users", {"model": draw.choice(["o3", "gpt-4o"])}
        for period in ("hourly", "daily", "weekly", "monthly"):
            yield f"usage {period}", "/v1/usage", {"period": period}
        yield "usage by user", "/v1/usage", {"user_id": draw.choice(users)["id"]}
        yield "usage by model", "/v1/usage", {"model": draw.choice(["o3", "gpt-4o", "claude-3-5-haiku"])}
        yield "usage by unknown model", "/v1/usage", {"model": "no-such-model"}
        yield "usage by provider", "/v1/usage", {"provider": draw.choice(["openai", "vertex"])}
        yield "usage by department", "/v1/usage", {"department_id": draw.choice(departments)}
        yield (
            "usage by all four",
            "/v1/usage",
            {
                "user_id": draw.choice(users)["id"],
                "department_id": draw.choice(departments),
                "provider": "openai",
                "model": "gpt-4o",
            },
        )


def ask(running: Installation) -> dict[tuple[str, str], list[float]]:
    """Ask each question ROUNDS times over one connection; milliseconds by question and route.

    Nothing is asked beforehand: the first answer to each question counts as every other does.
    """
    latencies: dict[tuple[str, str], list[float]] = {}
    headers = {"Authorization": f"Bearer {running.api_key}"}
    with httpx2.Client(base_url=running.url, headers=headers, timeout=60) as api:
        for name, path, parameters in questions(running, api):
            times = latencies.setdefault((name, path), [])
            if len(times) == ROUNDS:
                return latencies
            began = time.perf_counter()
            answer = api.get(path, params=parameters)
            took = time.perf_counter() - began
            answer.raise_for_status()
            times.append(took * 1000)
            time.sleep(max(0.0, PACE - took))
    return latencies


def bare(running: Installation) -> list[float]:
    """The same client asking a route that reads nothing, for the ratio."""
    with httpx2.Client(base_url=running.url) as api:
        times = []
        for _ in range(200):
            began = time.perf_counter()
            api.get("/v1/no-such-route")
            times.append((time.perf_counter() - began) * 1000)
        return times


class Noting:
    """In a session's place: notes what would be asked, and asks nothing."""

    statement: TextClause
    parameters: dict[str, Any]

    async def execute(self, statement: TextClause, parameters: dict[str, Any]) -> "Noting":
        self.statement, self.parameters = statement, parameters
        return self

    def all(self) -> list[Any]:
        return []


async def plan(running: Installation) -> list[str]:
    """The plan of the heaviest read: the ranking of all users over 90 days."""
    today = datetime.now(UTC).date()
    noting, days = Noting(), DayRange(today - timedelta(89), today, ZoneInfo("UTC"))
    org_id = UUID(running.made["org_id"])
    await top_users(noting, org_id=org_id, days=days, filters=Filters(), limit=10)  # type: ignore[arg-type]
    engine = make_engine(locate(running.settings).corporate, pool_size=1)
    async with engine.connect() as connection:
        explained = text(f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) {noting.statement.text}")
        rows = [str(row[0]) for row in await connection.execute(explained, noting.parameters)]
    await engine.dispose()
    return rows
