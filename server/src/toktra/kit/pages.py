"""Lists are pages: a bounded number of items, and an opaque cursor to the next ones.

P1: walking `next_cursor` to the end yields every item that was there at the start exactly once.
P2: counting stops at COUNT_LIMIT, so that no list takes longer because an organisation is large.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import msgspec
from litestar.params import Parameter
from msgspec import Meta, Struct
from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from toktra.kit.errors import Invalid

T = TypeVar("T")
R = TypeVar("R")

COUNT_LIMIT = 10_000
DEFAULT_LIMIT = 25

Limit = Annotated[int, Parameter(ge=1, le=100, description="How many items at most, 1 to 100")]
Cursor = Annotated[
    str | None,
    Parameter(max_length=1000, description="`next_cursor` of the page before; none for the first page"),
]


class Page(Struct, Generic[T]):
    """One page of a list."""

    items: list[T]
    next_cursor: Annotated[
        str | None, Meta(description="Ask for the next page with it; null on the last page")
    ]
    has_more: bool
    total_count: Annotated[int, Meta(description="Items on all pages; counting stops at 10,000")]


def page_of(
    rows: Sequence[R], shape: Callable[[R], T], *, limit: int, position: Callable[[R], Any], total: int
) -> Page[T]:
    """A page from up to `limit + 1` rows: the extra row only says that there are more."""
    shown = rows[:limit]
    more = len(rows) > limit
    cursor = encode_cursor(position(shown[-1])) if more else None
    return Page([shape(row) for row in shown], cursor, more, total)


async def page_by_id(
    session: AsyncSession,
    statement: Select[R],
    key: InstrumentedAttribute[Any],
    shape: Callable[[R], T],
    *,
    cursor: str | None,
    limit: int,
    kind: Any = UUID,
) -> Page[T]:
    """A page of a statement's rows, newest first: `key` is a column of UUIDv7, or a `kind` that counts up."""
    capped = statement.with_only_columns(key).order_by(None).limit(COUNT_LIMIT).subquery()
    total = await session.scalar(select(func.count()).select_from(capped))
    if cursor is not None:
        statement = statement.where(key < decode_cursor(cursor, kind))
    rows = (await session.scalars(statement.order_by(key.desc()).limit(limit + 1))).all()
    return page_of(rows, shape, limit=limit, position=lambda row: getattr(row, key.key), total=total or 0)


def encode_cursor(position: Any) -> str:
    """An opaque, URL-safe cursor for a position."""
    return base64.urlsafe_b64encode(msgspec.json.encode(position)).decode().rstrip("=")


def decode_cursor(cursor: str, kind: Any) -> Any:
    """The position inside a cursor that `encode_cursor` made; anything else is refused."""
    try:
        raw = base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4))
        return msgspec.json.decode(raw, type=kind)
    except (binascii.Error, msgspec.MsgspecError, ValueError) as wrong:
        raise Invalid(
            "This cursor was not made by this list. Leave it out to begin at the first page.", field="cursor"
        ) from wrong
