"""How far the estimator is off where the tokens are known: `python -m toktra_wire.estimator FILE.csv`.

Relative error is |estimate - actual| / max(actual, 1). The error of the sums is signed and forgives what
cancels out. Coverage is the share of rows inside the 90% interval.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from toktra_wire.estimator import Estimate, Parameters, estimate, load, traits_of
from toktra_wire.exchanges import Exchange, Unreadable, read

View = Callable[[Parameters, Exchange], Estimate]
Judged = Callable[[View], list[Estimate]]


def without_model(parameters: Parameters, exchange: Exchange) -> Estimate:
    """Host, endpoint, streaming, sizes and events: no model, unless the endpoint names it."""
    return _estimate(parameters, exchange, model=None)


def with_model(parameters: Parameters, exchange: Exchange) -> Estimate:
    """As an extension or an API client sees it, with the model."""
    return _estimate(parameters, exchange, model=exchange.model or None)


def host_only(parameters: Parameters, exchange: Exchange) -> Estimate:
    """As an agent sees it that knows the host and the sizes only."""
    return estimate(
        parameters,
        host=exchange.host,
        endpoint=None,
        streaming=None,
        request_bytes=exchange.request_bytes,
        response_bytes=exchange.response_bytes,
    )


VIEWS: dict[str, View] = {"without_model": without_model, "with_model": with_model, "host_only": host_only}


class Errors(Struct, frozen=True):
    """Of one kind of tokens over some rows. Coverage is None for totals, which have no interval."""

    median: float
    p90: float
    sum_error: float
    coverage: float | None = None


class Group(Struct, frozen=True):
    """The errors over the rows of one host, endpoint and streaming flag, or over all rows of one view."""

    name: str
    rows: int
    input: Errors
    output: Errors
    total: Errors


class Report(Struct, frozen=True):
    """`overall`: all rows, once for each of VIEWS. `groups`: without the model."""

    version: str
    rows: int
    overall: list[Group]
    groups: list[Group]


def report(version: str, exchanges: Sequence[Exchange], judged: Judged) -> Report:
    """`judged` says what the estimates are under a view, one for each exchange in order."""
    seen = {name: list(zip(exchanges, judged(view), strict=True)) for name, view in VIEWS.items()}
    groups: dict[str, list[tuple[Exchange, Estimate]]] = defaultdict(list)
    for pair in seen["without_model"]:
        groups[_group_name(pair[0])].append(pair)
    return Report(
        version,
        len(exchanges),
        overall=[_group(name, pairs) for name, pairs in seen.items()],
        groups=[
            _group(name, groups[name]) for name in sorted(groups, key=lambda name: (-len(groups[name]), name))
        ],
    )


def shipped(exchanges: Sequence[Exchange]) -> Report:
    """With the parameters shipped in this package."""
    parameters = load()
    return report(parameters.version, exchanges, lambda view: [view(parameters, each) for each in exchanges])


def as_text(found: Report) -> str:
    """Aligned columns, percentages."""
    head = (
        "",
        "rows",
        *(f"{kind} {name}" for kind in ("in", "out", "total") for name in ("median", "p90", "sum")),
    )
    lines = [(*head, "in 90%", "out 90%"), *(_line(group) for group in [*found.overall, *found.groups])]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    table = [
        "  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])]).rstrip()
        for line in lines
    ]
    split = 1 + len(found.overall)
    title = f"Estimator {found.version} over {found.rows} rows: errors relative to the actual tokens."
    notes = "Last columns: rows inside the 90% interval. Lines below the first three: without the model."
    return "\n".join([title, notes, "", *table[:split], "", *table[split:], ""])


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line. Bad input ends with 2 and a sentence."""
    asked = _parser().parse_args(arguments)
    try:
        found = shipped(read(asked.file))
    except Unreadable as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    text = msgspec.json.format(msgspec.json.encode(found)).decode() + "\n" if asked.json else as_text(found)
    sys.stdout.write(text)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m toktra_wire.estimator",
        description="Print how far the shipped estimator is off for exchanges whose tokens are known: "
        "median and 90th percentile of the relative error, error of the sums, rows inside the intervals.",
    )
    parser.add_argument("file", type=Path, help="CSV file with the columns of data/llm_exchanges.csv")
    parser.add_argument(
        "--json", action="store_true", help="the same as JSON; errors are shares, not percentages"
    )
    return parser


def _estimate(parameters: Parameters, exchange: Exchange, model: str | None) -> Estimate:
    return estimate(
        parameters,
        host=exchange.host,
        endpoint=exchange.path,
        streaming=exchange.stream,
        request_bytes=exchange.request_bytes,
        response_bytes=exchange.response_bytes,
        response_events=exchange.sse_events or None,
        model=model,
    )


def _group_name(exchange: Exchange) -> str:
    rules = load()
    traits = traits_of(rules, exchange.host, exchange.path, exchange.stream, None, framed=False)
    return f"{traits.host} {traits.family or 'other'} {'stream' if exchange.stream else 'whole'}"


def _group(name: str, pairs: Sequence[tuple[Exchange, Estimate]]) -> Group:
    sent = [(e.input_tokens, x.input_tokens, e.input_low, e.input_high) for x, e in pairs]
    came = [(e.output_tokens, x.output_tokens, e.output_low, e.output_high) for x, e in pairs]
    total = [(a[0] + b[0], a[1] + b[1]) for a, b in zip(sent, came, strict=True)]
    return Group(
        name,
        len(pairs),
        input=_errors([row[:2] for row in sent], [low <= actual <= high for _, actual, low, high in sent]),
        output=_errors([row[:2] for row in came], [low <= actual <= high for _, actual, low, high in came]),
        total=_errors(total, []),
    )


def _errors(pairs: Sequence[tuple[int, int]], inside: Sequence[bool]) -> Errors:
    relative = sorted(abs(estimated - actual) / max(actual, 1) for estimated, actual in pairs)
    actual = sum(actual for _, actual in pairs)
    return Errors(
        median=_quantile(relative, 0.5),
        p90=_quantile(relative, 0.9),
        sum_error=round((sum(estimated for estimated, _ in pairs) - actual) / max(actual, 1), 4),
        coverage=round(sum(inside) / len(inside), 4) if inside else None,
    )


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Between the two nearest ranks, in proportion."""
    at = share * (len(ordered) - 1)
    below = int(at)
    above = min(below + 1, len(ordered) - 1)
    return round(ordered[below] + (at - below) * (ordered[above] - ordered[below]), 4)


def _line(group: Group) -> tuple[str, ...]:
    kinds = (group.input, group.output, group.total)
    errors = (
        text for kind in kinds for text in (f"{kind.median:.1%}", f"{kind.p90:.0%}", f"{kind.sum_error:+.0%}")
    )
    coverage = (f"{kind.coverage:.0%}" if kind.coverage is not None else "" for kind in kinds[:2])
    return (group.name, str(group.rows), *errors, *coverage)
