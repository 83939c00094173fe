"""Which exchanges are judged together. Recorded exchanges repeat themselves: a row whose near-duplicate
was fitted on says nothing about rows to come, so near-duplicates always share a fold.
"""

from collections.abc import Sequence
from random import Random

from toktra_wire.estimator import traits_of
from toktra_wire.estimator_rules import RULES
from toktra_wire.exchanges import Exchange

FOLDS = 5
_ALIKE = 0.02  # request bytes and input tokens that differ by no more than this share
_BYTES_ALIKE = 4
_RUN = 6  # rows


def near_duplicates_together(exchanges: Sequence[Exchange]) -> list[int]:
    """A fold from 0 to FOLDS - 1 for each exchange, the same on every run."""
    draw = Random(0)  # noqa: S311 - nothing secret is drawn
    drawn = [draw.randrange(FOLDS) for _ in exchanges]
    return [drawn[first] for first in _first_alike(exchanges)]


def recordings_together(exchanges: Sequence[Exchange]) -> list[int]:
    """Folds of runs of rows, since rows of one recording stand together: kinds are seen, recordings not."""
    draw = Random(1)  # noqa: S311 - nothing secret is drawn
    drawn = [draw.randrange(FOLDS) for _ in exchanges]
    return [drawn[at // _RUN] for at in range(len(exchanges))]


def _first_alike(exchanges: Sequence[Exchange]) -> list[int]:
    """For each exchange the first one that a chain of near-duplicates links it to."""
    order = sorted(range(len(exchanges)), key=lambda at: _place(exchanges[at]))
    leader = list(range(len(exchanges)))
    for index, at in enumerate(order):
        for other in reversed(order[:index]):
            if not _close(exchanges[other], exchanges[at]):
                break
            if _same_prompt(exchanges[other], exchanges[at]):
                leader[at] = leader[other]
                break
    return leader


def _place(exchange: Exchange) -> tuple[str, str, int]:
    traits = traits_of(RULES, exchange.host, exchange.path, exchange.stream, None, framed=False)
    return (traits.host or "", traits.family or "", exchange.request_bytes)


def _close(one: Exchange, next_: Exchange) -> bool:
    return (
        _place(one)[:2] == _place(next_)[:2]
        and next_.request_bytes <= one.request_bytes * (1 + _ALIKE) + _BYTES_ALIKE
    )


def _same_prompt(one: Exchange, other: Exchange) -> bool:
    return abs(one.input_tokens - other.input_tokens) <= _ALIKE * other.input_tokens
