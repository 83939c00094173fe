"""From a caller's question to the desk: whose request it is, what it costs, which budgets stand above."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from toktra.access.rules import Actor
from toktra.budgets.asks import Ask
from toktra.budgets.book import Books
from toktra.budgets.desk import Desk
from toktra.kit.errors import Forbidden, Invalid
from toktra.metering.catalog import PROVIDERS, Recognized, cost_micros, recognize_at
from toktra.people import queries as people


class Question(Struct, frozen=True):
    """What a caller asks. Of `tokens`, `output_tokens` are expected in the answer, where that is known."""

    key: str
    provider: str
    model: str | None
    tokens: int
    output_tokens: int | None
    user_id: UUID | None


async def preflight(
    desk: Desk,
    books: Books,
    sessions: async_sessionmaker[AsyncSession],
    *,
    actor: Actor,
    question: Question,
    now: datetime,
) -> bytes:
    """The encoded PreflightAnswer."""
    recognized = recognize_at(question.provider, question.model)
    if recognized is None:
        raise Invalid(
            "This is not a provider Toktra knows.", field="provider", known=[one.id for one in PROVIDERS]
        )
    user_id, department_id = await _whose(sessions, actor, question.user_id)
    book = await books.of(actor.org_id)
    chain = book.above(user_id, department_id, now)
    ask = Ask(
        org_id=actor.org_id,
        user_id=user_id,
        device_id=actor.device_id,
        key=question.key,
        provider=recognized.provider,
        model=recognized.model,
        tokens=question.tokens,
        cost_micros=_cost(recognized, question, now) if chain.has_money else None,
        now=now,
        book=book,
        chain=chain,
    )
    return await desk.ask(ask)


async def _whose(
    sessions: async_sessionmaker[AsyncSession], actor: Actor, user_id: UUID | None
) -> tuple[UUID, UUID]:
    """The caller's own request, or for programs that of any user within their reach."""
    if user_id is None or user_id == actor.user_id:
        return actor.user_id, actor.department_id
    if actor.kind == "device":
        raise Forbidden("A device asks for its own user. Leave user_id out.")
    async with sessions() as session:
        user = await people.user_within_reach(session, actor=actor, user_id=user_id)
    return user.id, user.department_id


def _cost(recognized: Recognized, question: Question, now: datetime) -> int | None:
    """What it costs at most: where the two kinds of tokens are not told apart, all at the dearer price."""
    total, output = question.tokens, question.output_tokens
    if output is not None:
        return cost_micros(recognized, input_tokens=total - output, output_tokens=output, at=now)
    costs = [
        cost_micros(recognized, input_tokens=total - out, output_tokens=out, at=now) for out in (0, total)
    ]
    return None if None in costs else max(cost for cost in costs if cost is not None)
