"""A group of decided requests, and what is written of it: rows, holds, draws, blocked counts."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from toktra.budgets import statements
from toktra.budgets.answers import PreflightAnswer, encode
from toktra.budgets.asks import Ask
from toktra.budgets.queries.book import Place
from toktra.budgets.rules import Admitted
from toktra.budgets.statements import Held


class Decided(Struct):
    """A request's answer, and the row that is kept of it."""

    ask: Ask
    id: UUID
    answer: PreflightAnswer
    expires_at: datetime
    places: Sequence[Place] = ()
    found: Admitted | None = None
    body: bytes = b""

    def __post_init__(self) -> None:
        self.body = encode(self.answer)


def held(decided: Iterable[Decided]) -> list[Held]:
    """What is newly held of each budget."""
    taken: dict[str, tuple[Place, int, int]] = {}
    for one in decided:
        for place, part in zip(one.places, one.found.parts if one.found else (), strict=True):
            _, amount, exempt = taken.get(place.name, (place, 0, 0))
            taken[place.name] = (place, amount + part.amount, exempt + part.exempt)
    return [
        Held(place.org_id, place.budget_id, place.starts_at, amount, exempt)
        for place, amount, exempt in taken.values()
    ]


def drawn(decided: Iterable[Decided]) -> dict[tuple[UUID, UUID], int]:
    """What is newly held of each exemption, in tokens."""
    tokens_of: dict[tuple[UUID, UUID], int] = {}
    for one in decided:
        for exemption_id, tokens in one.found.draws if one.found else ():
            key = (one.ask.org_id, exemption_id)
            tokens_of[key] = tokens_of.get(key, 0) + tokens
    return tokens_of


def blocked(decided: Iterable[Decided]) -> dict[tuple[UUID, UUID, UUID], int]:
    """How many requests were blocked, by organisation, user and budget."""
    requests: dict[tuple[UUID, UUID, UUID], int] = {}
    for one in decided:
        if one.found is None and one.answer.budget_id is not None:
            key = (one.ask.org_id, one.ask.user_id, one.answer.budget_id)
            requests[key] = requests.get(key, 0) + 1
    return requests


def row(one: Decided) -> statements.Row:
    ask, found = one.ask, one.found
    parts, draws = (found.parts, found.draws) if found else ((), ())
    return statements.Row(
        org_id=ask.org_id,
        id=one.id,
        user_id=ask.user_id,
        device_id=ask.device_id,
        key=ask.key,
        provider=ask.provider,
        model=ask.model,
        tokens=ask.tokens,
        answer=one.body,
        created_at=ask.now,
        expires_at=one.expires_at,
        ended_at=None if found else ask.now,
        outcome=None if found else "blocked",
        budget_ids=[place.budget_id for place in one.places],
        period_starts=[place.starts_at for place in one.places],
        amounts=[part.amount for part in parts],
        exempt_amounts=[part.exempt for part in parts],
        exemption_ids=[draw[0] for draw in draws],
        exemption_tokens=[draw[1] for draw in draws],
    )
