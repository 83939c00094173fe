"""Tokens of one LLM exchange, estimated from outside the encryption: host, sizes, nothing of the content.

This is the reference of a formula that other programs evaluate too. With `ln1(n) = ln(1 + n)` and, for knots
k[0] < k[1] < ..., `ramp[j](n) = clamp(ln1(n), ln1(k[j]), ln1(k[j+1])) - ln1(k[j])`, one cell says

    x = base + sum request[j] * ramp[j](request_bytes) + sum response[j] * ramp[j](response_bytes)
             + sum events[j] * ramp[j](response_events)
    tokens = floor(max(0, e^x - 1) + 0.5), and the same with x + low and x + high for the 90% interval.

A list of slopes that is shorter than its ramps ends in zeros. Which cell: of those of the target (input, output)
whose every named attribute equals the request's, the one with the largest sum of weights: for input family 16,
host 8, model 4, streaming 2 (a prompt looks the same whether or not the answer streams); for output streaming 16,
family 8, framed 4, host 2, model 1 (a streamed answer has some 100 times the bytes). The cell that names nothing
answers for everyone else.

E1: 0 <= low <= tokens <= high.
E2: within a cell no slope is negative: more bytes never mean fewer tokens.
E3: every host, known or not, gets an answer. Beyond the outermost knots nothing grows any more.
E4: bytes are those of the bodies, uncompressed. A body of no bytes carries no tokens: where neither direction
    carried any all is 0, and where no answer came its tokens and their lower end are 0.
"""

import functools
import sys
from importlib.resources import files
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
_MODEL_IN_ENDPOINT = ("/models/", "/model/", "/deployments/")
_LARGEST = 20.7  # in logarithms: 1e9 tokens, so that the result is finite whatever parameters a device was served


class FamilyRule(Struct, frozen=True, omit_defaults=True):
    """An endpoint that has one of these texts speaks this API; some also say whether the answer streams."""

    family: str
    has: list[str]
    streaming: bool | None = None


class ModelRule(Struct, frozen=True, omit_defaults=True):
    """Models whose name has one of these texts. `hides`: they may reason in tokens that are billed, not sent."""

    model: str
    has: list[str]
    hides: bool = False


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
    """Estimate one exchange. `response_events` counts server-sent events; None (or 0) is unknown."""
    events = max(0, response_events or 0)
    sizes = (max(0, request_bytes), max(0, response_bytes), events)
    traits = traits_of(parameters, host, endpoint, streaming, model, framed=events > 0)
    sent = _interval(parameters, best_cell(parameters.cells, "input", traits), sizes)
    came = _interval(parameters, best_cell(parameters.cells, "output", traits), sizes)
    if not sizes[1]:
        came = (0, 0, came[2])
    if not sizes[0] and not sizes[1]:
        sent = came = (0, 0, 0)
    return Estimate(*sent, *came, version=parameters.version, lower_bound=traits.hides)


def traits_of(
    parameters: Parameters, host: str, endpoint: str | None, streaming: bool | None, model: str | None, *, framed: bool
) -> Traits:
    """Apply the rules. A model named in the endpoint (Gemini, Bedrock) counts as known."""
    name = host.lower().rstrip(".").partition(":")[0]
    path = (endpoint or "").lower()
    family = next((r for r in parameters.families if any(text in path for text in r.has)), None)
    kind = _kind(parameters, model or _model_in(path))
    if streaming is None:
        streaming = True if framed else family and family.streaming
    hosts = (pattern for pattern in parameters.hosts if _matches(pattern, name))
    hides = kind.hides if kind else any(_matches(pattern, name) for pattern in parameters.hiding_hosts)
    return Traits(
        family=family and family.family,
        host=next(hosts, name),
        streaming=streaming,
        model=kind and kind.model,
        framed=framed,
        hides=hides and not (family and family.family == "embeddings"),
    )


def best_cell(cells: list[Cell], target: Target, traits: Traits) -> Cell:
    """The cell that answers for these traits. One that names nothing must be among them."""
    fitting = [cell for cell in cells if cell.target == target and _fits(cell, traits)]
    return max(fitting, key=weight)


def weight(cell: Cell) -> int:
    """How much a cell names, by what matters most for its target."""
    return sum(points for name, points in WEIGHTS[cell.target].items() if getattr(cell, name) is not None)


def ramps(knots: list[float], count: int) -> list[float]:
    """How far `count` has climbed each stretch between two knots, in logarithms."""
    at, marks = log1p(count), [log1p(knot) for knot in knots]
    return [min(max(at, low), high) - low for low, high in zip(marks, marks[1:], strict=False)]


def features(knots: Knots, sizes: Sizes) -> list[list[float]]:
    """The ramps of request bytes, response bytes and events, in this order."""
    return [ramps(marks, count) for marks, count in zip((knots.request, knots.response, knots.events), sizes, strict=True)]


def _interval(parameters: Parameters, cell: Cell, sizes: Sizes) -> tuple[int, int, int]:
    climbed = features(parameters.knots[cell.target], sizes)
    slopes = (cell.request, cell.response, cell.events)
    x = cell.base
    for gains, heights in zip(slopes, climbed, strict=True):
        x += sum(gain * height for gain, height in zip(gains, heights, strict=False))
    return _tokens(x), _tokens(x + min(cell.low, 0)), _tokens(x + max(cell.high, 0))


def _tokens(x: float) -> int:
    return floor(max(0.0, expm1(min(x, _LARGEST))) + 0.5)


def _fits(cell: Cell, traits: Traits) -> bool:
    return all(getattr(cell, name) in (None, getattr(traits, name)) for name in WEIGHTS[cell.target])


def _kind(parameters: Parameters, model: str | None) -> ModelRule | None:
    name = (model or "").lower()
    return next((rule for rule in parameters.models if any(text in name for text in rule.has)), None)


def _model_in(path: str) -> str | None:
    return next((path.partition(mark)[2] for mark in _MODEL_IN_ENDPOINT if mark in path), None)


def _matches(pattern: str, name: str) -> bool:
    """`*` stands for anything, once."""
    start, star, end = pattern.partition("*")
    return name.startswith(start) and name.endswith(end) and len(name) >= len(start + end) if star else name == pattern


if __name__ == "__main__":
    from toktra_wire.error_table import main

    sys.exit(main())
