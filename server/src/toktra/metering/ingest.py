"""From a request's events to their fates, in named steps: judge, recognise, attribute, keep, answer."""

from collections import Counter as Tally
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from toktra.access.rules import Actor
from toktra.metering import staging
from toktra.metering.catalog import recognize
from toktra.metering.rules import MESSAGES, Judge, Reason
from toktra.metering.writer import EVENTS, Batch, Kept, Sender, Writer
from toktra.people import queries as people
from toktra_wire.event import EventsAnswer, Refusal, Unsettled, UsageEvent

_CONFLICT_STATUS, _INVALID_STATUS = 409, 422


async def ingest(
    writer: Writer,
    sessions: async_sessionmaker[AsyncSession],
    *,
    actor: Actor,
    events: list[UsageEvent],
    now: datetime,
) -> EventsAnswer:
    """Keep what can be kept of these events, durably and once, and say what became of each."""
    judge = Judge(now)
    senders = await _senders(sessions, actor, events)
    refused: dict[int, Reason] = {}
    rows: dict[int, tuple[Sender, staging.Row]] = {}
    first_with_id: dict[UUID, int] = {}
    repeats: dict[int, int] = {}
    for index, event in enumerate(events):
        reason = judge.refusal(event)
        recognized = recognize(event.provider_host, event.model) if reason is None else None
        sender = senders.get(event.user_id)
        if reason is None and recognized is None:
            reason = Reason.UNKNOWN_HOST
        if reason is None and sender is None:
            reason = Reason.NOT_YOUR_USER if actor.kind == "device" else Reason.UNKNOWN_USER
        if reason is not None or recognized is None or sender is None:
            refused[index] = reason or Reason.UNKNOWN_HOST
            continue
        first = first_with_id.setdefault(event.id, index)
        row = (sender, staging.row_of(event, recognized))
        if first == index:
            rows[index] = row
        elif rows[first] == row:
            repeats[index] = first
        else:
            refused[index] = Reason.CONFLICT
    return await _keep(writer, actor, events, rows, refused, repeats)


async def _senders(
    sessions: async_sessionmaker[AsyncSession], actor: Actor, events: list[UsageEvent]
) -> dict[UUID | None, Sender]:
    """Whose usage it is: the credential's own user, or for programs any user within their reach."""
    own = (actor.org_id, actor.user_id, actor.department_id, actor.device_id)
    senders: dict[UUID | None, Sender] = {None: own, actor.user_id: own}
    named = {event.user_id for event in events if event.user_id is not None} - {actor.user_id}
    if not named or actor.kind == "device":
        return senders
    async with sessions() as session:
        for user in await people.users_by_id(session, org_id=actor.org_id, user_ids=named):
            if actor.reach.covers(user_id=user.id, department_id=user.department_id):
                senders[user.id] = (actor.org_id, user.id, user.department_id, None)
    return senders


async def _keep(
    writer: Writer,
    actor: Actor,
    events: list[UsageEvent],
    rows: dict[int, tuple[Sender, staging.Row]],
    refused: dict[int, Reason],
    repeats: dict[int, int],
) -> EventsAnswer:
    """`repeats`: events that are the same as an earlier one of the request, and share its fate."""
    kept = Kept()
    counted: Tally[str] = Tally(reason for reason in refused.values() if reason is not Reason.PERSONAL)
    if rows or counted:
        batch = Batch(
            actor.org_id,
            list(rows.values()),
            dict(counted),
            frozenset((actor.org_id, events[i].id) for i in rows),
        )
        kept = await writer.keep(batch)
    indexes = list(rows)
    for position, same in kept.before.items():
        if not same:
            refused[indexes[position]] = Reason.CONFLICT
    if late := [index for index, first in repeats.items() if first in refused]:
        refused |= dict.fromkeys(late, Reason.CONFLICT)
        await writer.keep(Batch(actor.org_id, [], {Reason.CONFLICT: len(late)}, frozenset()))
    repeated = len(repeats) - len(late)
    EVENTS.labels("duplicate").inc(repeated)
    for reason in refused.values():
        EVENTS.labels(f"refused_{reason}").inc()
    duplicates = sum(kept.before.values()) + repeated
    accepted = len(events) - duplicates - len(refused)
    refusals = [_refusal(i, events[i], refused[i]) for i in sorted(refused)]
    unsettled = [Unsettled(indexes[i], reason) for i, reason in sorted(kept.unsettled.items())]
    return EventsAnswer(accepted, duplicates, refusals, unsettled)


def _refusal(index: int, event: UsageEvent, reason: Reason) -> Refusal:
    status = _CONFLICT_STATUS if reason is Reason.CONFLICT else _INVALID_STATUS
    return Refusal(index, event.id, reason, status, MESSAGES[reason])
