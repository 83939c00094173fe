"""A policy tried on history: it finds what live evaluation found (H1), and changes nothing (T1)."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from toktra.kit.database import raw_connection
from toktra.policies.queries.rulebook import content_of, rulebook_of
from toktra.policies.rules.judging import Rule
from toktra.policies.service.hits import subject_of
from toktra.policies.trial import try_out
from toktra.worker import make_jobs
from toktra_wire.ids import new_id

MODELS = ("gpt-4o", "gpt-4o-mini", "o3")
START = datetime(2026, 5, 4, 6, 0, tzinfo=UTC)
numbers = st.integers(0, 3_000)
requests = st.tuples(
    st.integers(0, 2), st.sampled_from(MODELS), numbers, st.integers(0, 3 * 24 * 60)
)  # whose, model, tokens, minute
leaf = st.one_of(
    st.builds(
        lambda operator, value: {"match": "token_count", "operator": operator, "value": value},
        st.sampled_from(["equals", "greater", "less"]),
        numbers,
    ),
    st.builds(
        lambda operator, value: {"match": "model", "operator": operator, "value": value},
        st.sampled_from(["in", "not_in"]),
        st.lists(st.sampled_from((*MODELS, "gpt-*")), min_size=1, max_size=2),
    ),
    st.builds(
        lambda start, end: {
            "match": "time_of_day",
            "operator": "within_hours",
            "value": {"start": f"{start:02}:30", "end": f"{end:02}:00"},
        },
        st.integers(0, 23),
        st.integers(0, 23),
    ),
)
conditions = st.recursive(
    leaf,
    lambda inner: st.builds(
        lambda match, nodes: {"match": match, "conditions": nodes},
        st.sampled_from(["all", "any"]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=4,
)
triggers = st.one_of(
    st.builds(lambda percent: {"type": "token_budget_exceeded", "percent": percent}, st.integers(1, 150)),
    st.builds(
        lambda limit, period: {"type": "department_threshold", "limit_tokens": limit, "period": period},
        st.integers(1, 6_000),
        st.sampled_from(["daily", "weekly", "monthly"]),
    ),
)


@given(
    trigger=triggers,
    tree=conditions,
    used=st.lists(requests, min_size=1, max_size=25),
    sizes=st.lists(st.integers(1, 9), min_size=25, max_size=25),
    limit=st.integers(1, 4_000),
)
@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_history_finds_what_live_evaluation_found(
    office_of: Any,
    make: Any,
    at: Any,
    engine: AsyncEngine,
    sessions: Any,
    trigger: dict[str, Any],
    tree: dict[str, Any],
    used: list[tuple[int, str, int, int]],
    sizes: list[int],
    limit: int,
) -> None:
    """H1, J2: random policies, random events, in batches of random sizes."""
    await at(START)
    office = office_of(await make())
    await office.budget(limit_tokens=limit, period="daily")
    await office.call("POST", "/v1/budgets", {"limit_tokens": 2 * limit, "period": "weekly"}, status=201)
    made = await office.policy(trigger=trigger, conditions=tree)
    await send(office, at, used, sizes)
    await at(START + timedelta(days=4))
    live = {
        (one["subject_id"], one["window_starts_at"], one["events"], one["tokens"])
        for one in await office.firings(limit=100)
    }
    org_id = office.organization.id
    async with sessions() as session:
        rule = Rule(new_id(), 1, "", content_of({name: made[name] for name in CONTENT}))
        book = await rulebook_of(session, org_id=org_id, rules=[rule])
    async with raw_connection(engine) as connection, connection.transaction():
        trial = await try_out(
            connection, book=book, days=30, now=office.clock.now, progress=lambda _: asyncio.sleep(0)
        )
    tried = {
        (
            str(subject_of(book, meter)[1]),
            meter.starts_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            found.events,
            found.tokens,
        )
        for meter, found in trial.firings.items()
    }
    assert tried == live
    assert trial.events == len(used)
    assert sum(trial.days.values()) == trial.matched == sum(found.events for found in trial.firings.values())


CONTENT = ("trigger", "conditions", "actions", "severity")


async def send(office: Any, at: Any, used: list[tuple[int, str, int, int]], sizes: list[int]) -> None:
    """In the order of their time, since history is looked at in that order."""
    users = [office.organization.member, office.organization.manager, office.organization.admin]
    batch: list[dict[str, Any]] = []
    rest = iter(sizes)
    size = next(rest)
    ordered = sorted(used, key=lambda one: one[3])
    for number, (whose, model, tokens, minute) in enumerate(ordered):
        await at(START + timedelta(minutes=minute, seconds=number))
        batch.append(office.request(tokens, model=model, user_id=str(users[whose].id)))
        if len(batch) >= size or number == len(ordered) - 1:
            await office.call("POST", "/v1/events", {"events": batch})
            batch, size = [], next(rest)


async def test_a_test_says_how_often_for_whom_when_and_what_a_block_would_have_refused(
    office: Any, settings: Any
) -> None:
    office.clock.advance(minutes=-5)
    await office.budget()
    before = await office.firings()
    for tokens in (900, 100, 7, 8):
        await office.use(tokens)
        office.clock.advance(seconds=1)
    made = await office.policy(status="draft", actions=[{"type": "block", "models": ["gpt-*"]}])
    asked = await office.call("POST", f"/v1/policies/{made['id']}/test", {"days": 7}, status=202)
    assert (asked["status"], asked["result"]) == ("waiting", None)
    await work(settings)
    done = await office.call("GET", f"/v1/policy-tests/{asked['id']}")
    result = done["result"]
    assert (done["status"], done["events_done"], done["events_all"]) == ("done", 4, 4)
    assert (result["events_looked_at"], result["events_matched"], result["firings"]) == (4, 3, 1)
    assert (result["refused_requests"], result["refused_tokens"]) == (2, 15)
    assert [(one["email"], one["firings"]) for one in result["people"]] == [
        (office.organization.member.email, 1)
    ]
    assert len(result["days"]) == 7
    assert sum(one["events"] for one in result["days"]) == 3
    assert result["latest"][0]["subject"] == office.organization.member.email
    assert await office.firings() == before
    assert await office.listed("/v1/blocks") == []


async def test_a_draft_is_tried_without_being_kept(office: Any, settings: Any) -> None:
    office.clock.advance(minutes=-5)
    await office.budget()
    await office.use(1_000)
    draft = {
        "trigger": {"type": "token_budget_exceeded", "percent": 50},
        "actions": [{"type": "email_user"}],
        "days": 30,
    }
    asked = await office.call("POST", "/v1/policy-tests", draft, status=202)
    await work(settings)
    done = await office.call("GET", f"/v1/policy-tests/{asked['id']}")
    assert (done["result"]["firings"], done["policy_id"]) == (1, None)
    assert await office.listed("/v1/policies") == []
    await office.call("POST", "/v1/policy-tests", {**draft, "days": 8}, status=422)


async def test_periods_that_began_before_the_days_looked_at_count_from_their_start(
    office: Any, at: Any, engine: AsyncEngine, sessions: Any
) -> None:
    await at(START)
    made = await office.policy(
        status="draft", trigger={"type": "department_threshold", "limit_tokens": 1_000, "period": "monthly"}
    )
    await office.use(999)
    await at(START + timedelta(days=20))
    await office.use(1)
    later = office.clock.now + timedelta(minutes=1)
    async with sessions() as session:
        rule = Rule(new_id(), 1, "", content_of({name: made[name] for name in CONTENT}))
        book = await rulebook_of(session, org_id=office.organization.id, rules=[rule])
    async with raw_connection(engine) as connection, connection.transaction():
        trial = await try_out(connection, book=book, days=7, now=later, progress=lambda _: asyncio.sleep(0))
    assert {book.departments[meter.id] for meter in trial.firings} == {"Acme", "Engineering"}
    assert trial.events == 1


async def work(settings: Any) -> None:
    """Let the worker try what is waiting."""
    jobs, engine = make_jobs(settings)
    async with jobs.open_async():
        await jobs.run_worker_async(queues=["trials"], wait=False, install_signal_handlers=False)
    await engine.dispose()
