"""One regression for each kind of exchange that the rows show.

F1: a cell is fitted with least absolute deviations in logarithms, and is drawn towards the cell that would
    answer if it did not exist, so that few rows move it little.
F3: slopes stay within bounds: E2 of the estimator holds, and sizes never seen give no absurd answers.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain, combinations
from math import inf, log, log1p
from typing import Any

from msgspec import Struct

from toktra_wire.estimator import WEIGHTS, Cell, Sizes, Target, Traits, best_cell, climbed, traits_of
from toktra_wire.estimator_rules import CHAT, RESPONSES, RULES
from toktra_wire.exchanges import Exchange
from toktra_wire.regression import Prior, Row, regress

_LEAST_ROWS = 6
_STEEPEST, _STEEPEST_FAR, _FAR = 6.0, 1.0, 10_000  # far out, bytes carry at most their share of tokens

Key = tuple[tuple[str, str | bool], ...]  # attributes in the order of their WEIGHTS, with values
Four = tuple[float, float, float, float]  # for the base, and for each slope of request, response and events

_STREAMED: Key = (("streaming", True),)
_STREAMED_CHAT: Key = (*_STREAMED, ("family", CHAT))
_PER_TOKEN: Four = (0.0, 0.0, 0.0, 1.0)


def _per_byte(bytes_per_token: float) -> Four:
    return (log1p(RULES.knots["output"].response[0]) - log(bytes_per_token), 0.0, 1.0, 0.0)


# Streams are few in any file, but their framing is known: tokens as bytes, or one for each event.
_STARTS: dict[Key, Four] = {
    _STREAMED: _per_byte(100),
    _STREAMED_CHAT: _per_byte(365),
    (*_STREAMED, ("framed", True)): _PER_TOKEN,
    (*_STREAMED_CHAT, ("framed", True)): _PER_TOKEN,
    (*_STREAMED, ("family", RESPONSES), ("framed", True)): _PER_TOKEN,
}
_PULL: Four = (0.3, 0.35, 0.35, 0.35)
# Of chat streams it is known that tokens go as bytes or events; the few rows may move that line, not bend it.
_PULL_OF_CHAT_BYTES: Four = (3.0, 100.0, 100.0, 100.0)
_PULL_OF_CHAT_EVENTS: Four = (30.0, 100.0, 100.0, 100.0)


class Sample(Struct, frozen=True):
    """One exchange with its features for one target."""

    target: Target
    traits: Traits
    sizes: Sizes
    heights: list[list[float]]
    actual: float

    def seen_as(self, key: Key) -> list[list[float]]:
        """The features as an ask sees them that knows only `key`, so maybe not what framing to take off."""
        if not self.traits.streaming:
            return self.heights
        return climbed(RULES, self.target, as_traits(key), self.sizes)


def sample_of(exchange: Exchange, target: Target) -> Sample:
    traits = _traits_of(exchange)
    sizes = (exchange.request_bytes, exchange.response_bytes, exchange.sse_events)
    actual = exchange.input_tokens if target == "input" else exchange.output_tokens
    return Sample(target, traits, sizes, climbed(RULES, target, traits, sizes), log1p(actual))


def _traits_of(exchange: Exchange) -> Traits:
    framed = exchange.sse_events > 0
    return traits_of(RULES, exchange.host, exchange.path, exchange.stream, exchange.model, framed=framed)


def fit_cells(samples: Sequence[Sample], target: Target) -> list[Cell]:
    """F1: cells that name less are fitted first, since those that name more lean on them."""
    members: dict[Key, list[Sample]] = defaultdict(list)
    for sample in samples:
        for key in keys_of(sample.traits, target):
            members[key].append(sample)
    cells: list[Cell] = []
    for key in sorted(members, key=lambda key: (len(key), str(key))):
        parent = best_cell(cells, target, as_traits(key)) if cells else None
        if parent is None or (len(members[key]) >= _LEAST_ROWS and _adds(key, len(members[key]), parent)):
            cells.append(_fit_cell(key, members[key], parent, target))
    return cells


def _adds(key: Key, rows: int, parent: Cell) -> bool:
    """Whether a cell would differ from its parent: by its rows, or by looking at events."""
    return rows < parent.rows or dict(key).get("framed") != parent.framed


def keys_of(traits: Traits, target: Target) -> Iterator[Key]:
    """Every choice of what is known. A model tells nothing without the API that it answers through."""
    named = [(name, getattr(traits, name)) for name in WEIGHTS[target]]
    known = [
        (name, value) for name, value in named if value is not None and (name, value) != ("framed", False)
    ]
    for key in chain.from_iterable(combinations(known, size) for size in range(len(known) + 1)):
        names = {name for name, _ in key}
        if "model" not in names or "family" in names:
            yield key


def as_traits(key: Key) -> Traits:
    nothing: dict[str, Any] = {"family": None, "host": None, "streaming": None, "model": None}
    return Traits(**{**nothing, "framed": False, "hides": False, **dict(key)})


def _fit_cell(key: Key, samples: Sequence[Sample], parent: Cell | None, target: Target) -> Cell:
    counts = _counts(target)
    framed = ("framed", True) in key
    centre = (
        _spread(_STARTS[key], counts)
        if target == "output" and key in _STARTS
        else _coefficients(parent, counts)
    )
    prior = Prior(centre, _spread(_pull(key, target), counts), _bounds(target))
    found = iter(regress([_row(sample, key) for sample in samples], prior))
    base, *slopes = (round(number, 3) for number in found)
    request, response, events = counts
    return Cell(
        target,
        len(samples),
        base,
        low=0.0,
        high=0.0,
        **dict(key),  # type: ignore[arg-type]  # the names in WEIGHTS are attributes of Cell
        request=_trimmed(slopes[:request]),
        response=_trimmed(slopes[request : request + response]),
        events=_trimmed(slopes[request + response :][:events]) if framed else [],
    )


def _pull(key: Key, target: Target) -> Four:
    if target == "input" or not {*_STREAMED_CHAT} <= {*key}:
        return _PULL
    return _PULL_OF_CHAT_EVENTS if ("framed", True) in key else _PULL_OF_CHAT_BYTES


def _row(sample: Sample, key: Key) -> Row:
    """A cell that is not framed serves those who cannot count events."""
    request, response, events = sample.seen_as(key)
    columns = [1.0, *request, *response, *(events if ("framed", True) in key else [])]
    places = [place for place, height in enumerate(columns) if height]
    return Row(places, [columns[place] for place in places], sample.actual)


def _counts(target: Target) -> tuple[int, int, int]:
    knots = RULES.knots[target]
    return (_stretches(knots.request), _stretches(knots.response), _stretches(knots.events))


def _stretches(knots: list[float]) -> int:
    return max(0, len(knots) - 1)


def _spread(four: Four, counts: tuple[int, int, int]) -> list[float]:
    slopes = ([number] * count for number, count in zip(four[1:], counts, strict=True))
    return [four[0], *chain.from_iterable(slopes)]


def _coefficients(cell: Cell | None, counts: tuple[int, int, int]) -> list[float]:
    if cell is None:
        return _spread((0.0, 0.0, 0.0, 0.0), counts)
    padded = (
        [*slopes, *[0.0] * (count - len(slopes))]
        for slopes, count in zip((cell.request, cell.response, cell.events), counts, strict=True)
    )
    return [cell.base, *chain.from_iterable(padded)]


def _bounds(target: Target) -> list[tuple[float, float]]:
    knots = RULES.knots[target]
    starts = chain(knots.request[:-1], knots.response[:-1], knots.events[:-1])
    return [(-inf, inf), *((0.0, _STEEPEST if start < _FAR else _STEEPEST_FAR) for start in starts)]


def _trimmed(slopes: list[float]) -> list[float]:
    while slopes and not slopes[-1]:
        slopes = slopes[:-1]
    return slopes
