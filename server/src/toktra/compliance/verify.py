"""`toktra audit verify`: follows every organisation's chain, and says where the first break is.

V1: it sees one instant of the log, however long it takes.
V2: it finds a break as the role that reads; it changes nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from toktra.compliance.queries import AT_ONCE, heads, links
from toktra.compliance.rules import Chain, Head
from toktra.kit.errors import Invalid

Expected = Mapping[UUID, Mapping[int, bytes]]


class Verdict(Struct, frozen=True):
    """One organisation's chain: how far it is whole, and what is wrong after that."""

    org_id: UUID
    seq: int
    hash: str
    broken: str | None


async def verify(
    engine: AsyncEngine,
    *,
    expected: Expected,
    advance: Callable[[int, int], None] = lambda _total, _more: None,
) -> list[Verdict]:
    """A verdict on each chain. `advance` is told how many entries there are, and how many more are done."""
    async with engine.connect() as opened:
        connection = await opened.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        kept = {**dict.fromkeys(expected), **await heads(connection)}
        done = partial(advance, sum(head.seq for head in kept.values() if head))
        return [
            await _verdict(connection, org_id, head, expected.get(org_id, {}), done)
            for org_id, head in kept.items()
        ]


async def _verdict(
    connection: AsyncConnection,
    org_id: UUID,
    head: Head | None,
    expected: Mapping[int, bytes],
    done: Callable[[int], None],
) -> Verdict:
    chain = Chain(expected)
    async for link in links(connection, org_id=org_id):
        chain.follow(link)
        if link.seq % AT_ONCE == 0:
            done(AT_ONCE)
    chain.end(head)
    return Verdict(org_id, chain.last.seq, chain.last.hash.hex(), chain.broken)


def written_down(texts: Sequence[str]) -> Expected:
    """Heads as `verify` prints them, ORG_ID:SEQ:HASH."""
    expected: dict[UUID, dict[int, bytes]] = {}
    for written in texts:
        try:
            org_id, seq, hashed = written.split(":")
            known, number = bytes.fromhex(hashed), int(seq)
            if number < 1 or len(known) != 32:
                raise ValueError
            expected.setdefault(UUID(org_id), {})[number] = known
        except ValueError:
            raise Invalid(
                f"{written[:150]!r} is not a head. It must be ORG_ID:SEQ:HASH, as this command prints it."
            ) from None
    return expected
