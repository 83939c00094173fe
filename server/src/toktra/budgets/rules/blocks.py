"""Who is blocked, and from what. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from uuid import UUID


@dataclass(frozen=True, slots=True)
class BlockInForce:
    """A block that nobody has lifted. `models`: patterns of the models it is for; empty: all."""

    id: UUID
    models: tuple[str, ...]
    reason: str
    ends_at: datetime


def blocking(blocks: Iterable[BlockInForce], model: str, now: datetime) -> BlockInForce | None:
    """The block that refuses a request for a model; of several the one that ends last."""
    fitting = (one for one in blocks if one.ends_at > now and _is_for(one, model))
    return max(fitting, key=lambda one: one.ends_at, default=None)


def _is_for(block: BlockInForce, model: str) -> bool:
    return not block.models or any(fnmatchcase(model, pattern) for pattern in block.models)
