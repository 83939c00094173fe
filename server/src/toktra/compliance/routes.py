"""HTTP of compliance: the audit log."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar.params import Parameter
from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.guards import may
from toktra.access.rules import Actor, Scope
from toktra.compliance import queries
from toktra.compliance.model import AuditEntry
from toktra.kit.errors import Invalid
from toktra.kit.http import get
from toktra.kit.pages import DEFAULT_LIMIT, Cursor, Limit, Page
from toktra.people import queries as people

Action = Annotated[
    str | None,
    Parameter(max_length=120, description="`user.suspended`, or `user` for all that is done to users"),
]
Kind = Annotated[str | None, Parameter(max_length=120, description="What was changed, such as `api_key`")]
Target = Annotated[str | None, Parameter(max_length=200, description="The id of what was changed")]
Since = Annotated[datetime | None, Parameter(description="From this instant on, RFC 3339 with an offset")]
Until = Annotated[datetime | None, Parameter(description="Before this instant")]
_Part = dict[str, Any] | None


class AuditEntryAnswer(Struct, frozen=True):
    """One change. Secrets are `(hidden)`; of a changed thing only the fields that differ are shown."""

    seq: Annotated[int, Meta(description="Counts from 1 without a gap, in your organisation")]
    at: datetime
    actor_user_id: Annotated[UUID | None, Meta(description="Whose credential it was; null for commands")]
    actor_email: Annotated[str | None, Meta(description="Their e-mail today")]
    credential_kind: Annotated[str, Meta(description="session, api_key, client, device, public or command")]
    credential_id: UUID | None
    request_id: Annotated[str | None, Meta(description="The X-Request-Id of the request's answer")]
    action: Annotated[str, Meta(description="The target's kind and what was done, such as user.suspended")]
    target_kind: str
    target_id: str
    before: Annotated[_Part, Meta(description="null where it was created")]
    after: Annotated[_Part, Meta(description="null where it was deleted")]
    hash: Annotated[str, Meta(description="SHA-256 of the entry and of the hash before it, in hex")]


@get("/v1/audit-log", guards=[may(Scope.AUDIT_READ)])
async def list_audit_entries(
    actor: Actor,
    session: AsyncSession,
    action: Action = None,
    actor_user_id: UUID | None = None,
    target_kind: Kind = None,
    target_id: Target = None,
    since: Since = None,
    until: Until = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[AuditEntryAnswer]:
    """The organisation's audit entries that meet every filter, the newest first."""
    only = queries.EntryFilter(
        action=action,
        actor_user_id=actor_user_id,
        target_kind=target_kind,
        target_id=target_id,
        since=_instant(since, "since"),
        until=_instant(until, "until"),
    )
    page = await queries.entries(session, org_id=actor.org_id, only=only, cursor=cursor, limit=limit)
    who = {entry.actor_user_id for entry in page.items if entry.actor_user_id is not None}
    labels = await people.labels(session, org_id=actor.org_id, user_ids=who, department_ids=())
    items = [_answer(entry, labels) for entry in page.items]
    return Page(items, page.next_cursor, page.has_more, page.total_count)


def _instant(given: datetime | None, field: str) -> datetime | None:
    if given is not None and given.tzinfo is None:
        raise Invalid("A time needs an offset, such as 2026-11-21T09:00:00Z.", field=field)
    return given


def _answer(entry: AuditEntry, labels: people.Labels) -> AuditEntryAnswer:
    email = None if entry.actor_user_id is None else labels.user_emails.get(entry.actor_user_id)
    own: dict[str, Any] = {"actor_email": email, "hash": entry.hash.hex()}
    kept = {name: getattr(entry, name) for name in AuditEntryAnswer.__struct_fields__ if name not in own}
    return AuditEntryAnswer(**kept, **own)


ROUTES: Sequence[Any] = [list_audit_entries]
