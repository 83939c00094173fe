"""Tokens of one LLM exchange, estimated from outside the encryption: host and sizes, nothing of the content.

This is the reference of a formula that others evaluate too. ln1(n) is ln(1 + n). For knots k[0] < k[1]
< ... ramp[j](n) is clamp(ln1(n), ln1(k[j]), ln1(k[j+1])) - ln1(k[j]). A cell then says

    x = base + sum request[j] * ramp[j](sent)
             + sum response[j] * ramp[j](came)
             + sum events[j] * ramp[j](frames)
    tokens = floor(max(0, e^x - 1) + 0.5), and the same with x + low and x + high for the 90% interval,

where a list of slopes shorter than its ramps ends in zeros; sent is request_bytes, came is response_bytes and
frames is response_events. A streamed answer first loses the fixed part of its API's framing (of the framings
the first whose family is the exchange's, or none): frames is then max(0, response_events - framing.events),
came is max(0, response_bytes - framing.bytes), for input tokens times framing.share. For output tokens, and
where request_bytes >= framing.calls_from, framing.call_events and framing.call_bytes are added to them.

Which cell: of those of the target (input, output) whose every named attribute equals the exchange's, the one
with the greatest sum of weights. For input: family 16, host 8, model 4, streaming 2, since a prompt looks the
same however the answer comes. For output: streaming 16, family 8, framed 4, host 2, model 1, since a streamed
answer takes some hundred times the bytes. The cell that names nothing answers for all others.

E1: 0 <= low <= tokens <= high.
E2: within a cell no slope is negative: more bytes or events never mean fewer tokens.
E3: every host, known or not, gets an answer; beyond the outermost knots nothing grows any more.
E4: bytes are those of the bodies, uncompressed. Where neither direction carried any, all is 0; where no
    answer came, output tokens and their lower end are 0.
"""

import functools
import sys
from importlib.resources import files
from itertools import pairwise
from math import expm1, floor, log1p
from typing import Literal

import msgspec
from msgspec import Struct

Target = Literal["input", "output"]
Sizes = tuple[int, int, int]  # request bytes, response bytes, events

WEIGHTS: dict[Target, dict[str, int]] = {
    "input": {"family": 16, "host": 8, "model": 4, "streaming": 2},
    "output": {"streaming": 16, "family": 8, "framed": 4, "host": 2, "model": 1},
}
EMBEDDINGS = "embeddings"
_MODEL_IN_ENDPOINT = ("/models/", "/model/", "/deployments/")
_LARGEST = 20.7  # ln(1e9 tokens): the answer stays finite whatever parameters a device was served
_MOST = 10**15  # bytes


class FamilyRule(Struct, frozen=True, omit_defaults=True):
    """An endpoint that has one of these texts speaks this API; some also say whether the answer streams."""

    family: str
    has: list[str]
    streaming: bool | None = None


class ModelRule(Struct, frozen=True, omit_defaults=True):
    """Models whose name has one of these texts. `hides`: may reason in tokens that are billed, not sent."""

    model: str
    has: list[str]
    hides: bool = False


class Framing(Struct, frozen=True, omit_defaults=True):
    """What streaming adds to an answer. `share`: of the rest, what an unstreamed answer would have taken.

    A request of `calls_from` bytes probably offers tools. A call costs tokens that have no frame of their
    own: `call_bytes` and `call_events` stand for them.
    """

    bytes: int
    events: int
    share: float
    family: str | None = None
    calls_from: int = 0
    call_bytes: int = 0
    call_events: int = 0


class Knots(Struct, frozen=True):
    """Where the slopes of one target change, in bytes and events."""

    request: list[float]
    response: list[float]
    events: list[float]


class Cell(Struct, frozen=True, omit_defaults=True):
    """The fit for one kind of exchange. An attribute that is None holds for any."""

    target: Target
    rows: int
    base: float
    low: float
    high: float
    family: str | None = None
    host: str | None = None
    streaming: bool | None = None
    model: str | None = None
    framed: bool | None = None
    request: list[float] = []
    response: list[float] = []
    events: list[float] = []


class Parameters(Struct, frozen=True):
    """All a device needs to estimate. In each list of rules the first that matches counts."""

    version: str
    fitted_on: str
    hosts: list[str]
    families: list[FamilyRule]
    models: list[ModelRule]
    hiding_hosts: list[str]
    framings: list[Framing]
    knots: dict[Target, Knots]
    cells: list[Cell]


class Estimate(Struct, frozen=True):
    """Tokens with their 90% interval. `lower_bound`: hidden reasoning may come on top of the output."""

    input_tokens: int
    input_low: int
    input_high: int
    output_tokens: int
    output_low: int
    output_high: int
    version: str
    lower_bound: bool


class Traits(Struct, frozen=True):
    """What the rules know of one exchange. None is unknown."""

    family: str | None
    host: str | None
    streaming: bool | None
    model: str | None
    framed: bool
    hides: bool


@functools.cache
def load() -> Parameters:
    """The parameters shipped with this package."""
    return msgspec.json.decode(files(__package__).joinpath("estimator.json").read_bytes(), type=Parameters)


def estimate(
    parameters: Parameters,
    *,
    host: str,
    endpoint: str | None,
    streaming: bool | None,
    request_bytes: int,
    response_bytes: int,
    response_events: int | None = None,
    model: str | None = None,
) -> Estimate:
    """Estimate one exchange. `response_events` counts server-sent events, not records; None or 0: unknown."""
    sizes = (_count(request_bytes), _count(response_bytes), _count(response_events or 0))
    traits = traits_of(parameters, host, endpoint, streaming, model, framed=sizes[2] > 0)
    sent = _interval(parameters, best_cell(parameters.cells, "input", traits), traits, sizes)
    came = _interval(parameters, best_cell(parameters.cells, "output", traits), traits, sizes)
    if not sizes[1]:
        came = (0, 0, came[2])
    if not sizes[0] and not sizes[1]:
        sent = came = (0, 0, 0)
    return Estimate(*sent, *came, version=parameters.version, lower_bound=traits.hides)


def traits_of(
    rules: Parameters,
    host: str,
    endpoint: str | None,
    streaming: bool | None,
    model: str | None,
    *,
    framed: bool,
) -> Traits:
    """Apply the rules. A model named in the endpoint (Gemini, Bedrock) counts as known."""
    name = host.lower().partition(":")[0].rstrip(".")
    path = (endpoint or "").lower()
    api = next((rule for rule in rules.families if any(text in path for text in rule.has)), None)
    kind = _kind(rules, model or _model_in(path))
    if streaming is None:
        streaming = True if framed else api.streaming if api else None
    hides = kind.hides if kind else any(_matches(pattern, name) for pattern in rules.hiding_hosts)
    return Traits(
        family=api.family if api else None,
        host=next((pattern for pattern in rules.hosts if _matches(pattern, name)), name),
        streaming=streaming,
        model=kind.model if kind else None,
        framed=framed and streaming is True,
        hides=hides and not (api is not None and api.family == EMBEDDINGS),
    )


def best_cell(cells: list[Cell], target: Target, traits: Traits) -> Cell:
    """The cell that answers for these traits. One that names nothing must be among them."""
    return max((cell for cell in cells if cell.target == target and _fits(cell, traits)), key=_weight)


def climbed(rules: Parameters, target: Target, traits: Traits, sizes: Sizes) -> list[list[float]]:
    """The ramps of request, response and events, in this order."""
    sent, came, frames = sizes
    rest: float = came
    if traits.streaming:
        framing = next(each for each in rules.framings if each.family in (None, traits.family))
        calls = target == "output" and sent >= framing.calls_from
        rest = (
            max(0, came - framing.bytes) * (framing.share if target == "input" else 1)
            + calls * framing.call_bytes
        )
        frames = max(0, frames - framing.events) + calls * framing.call_events
    knots = rules.knots[target]
    return [_ramps(knots.request, sent), _ramps(knots.response, rest), _ramps(knots.events, frames)]


def value(cell: Cell, heights: list[list[float]]) -> float:
    """x of the formula: ln(1 + tokens)."""
    slopes = (cell.request, cell.response, cell.events)
    pairs = (zip(mine, theirs, strict=False) for mine, theirs in zip(slopes, heights, strict=True))
    return cell.base + sum(slope * height for pair in pairs for slope, height in pair)


def tokens(x: float) -> int:
    """Half rounds up, as in JavaScript's Math.round."""
    return floor(max(0.0, expm1(min(x, _LARGEST))) + 0.5)


def _interval(rules: Parameters, cell: Cell, traits: Traits, sizes: Sizes) -> tuple[int, int, int]:
    x = value(cell, climbed(rules, cell.target, traits, sizes))
    return tokens(x), tokens(x + min(cell.low, 0)), tokens(x + max(cell.high, 0))


def _ramps(knots: list[float], count: float) -> list[float]:
    at, marks = log1p(count), [log1p(knot) for knot in knots]
    return [min(max(at, low), high) - low for low, high in pairwise(marks)]


def _count(number: int) -> int:
    return min(max(0, number), _MOST)


def _weight(cell: Cell) -> int:
    return sum(points for name, points in WEIGHTS[cell.target].items() if getattr(cell, name) is not None)


def _fits(cell: Cell, traits: Traits) -> bool:
    return all(getattr(cell, name) in (None, getattr(traits, name)) for name in WEIGHTS[cell.target])


def _kind(rules: Parameters, model: str | None) -> ModelRule | None:
    name = (model or "").lower()
    return next((rule for rule in rules.models if any(text in name for text in rule.has)), None)


def _model_in(path: str) -> str | None:
    return next((path.partition(mark)[2] for mark in _MODEL_IN_ENDPOINT if mark in path), None)


def _matches(pattern: str, name: str) -> bool:
    """`*` stands for anything, once."""
    start, star, end = pattern.partition("*")
    return (
        name.startswith(start) and name.endswith(end) and len(name) >= len(start + end)
        if star
        else name == pattern
    )


if __name__ == "__main__":
    from toktra_wire.error_table import main

    sys.exit(main())
