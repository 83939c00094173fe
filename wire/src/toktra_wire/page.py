"""Writes the page of the documentation that says how far estimates are off: `make estimator-page`.

G1: every figure on the page, and whether a goal is met, comes from rows that the fit had not seen (F2).
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from toktra_wire.error_table import Errors, Group, Report
from toktra_wire.estimator import load
from toktra_wire.exchanges import Exchange, Unreadable, read
from toktra_wire.fit import FOLDINGS, judged_unseen

_SAID = 0.90
_NEAR = 0.025
_CHAT_STREAMS = "api.openai.com openai-chat stream"
_VIEWS = {
    "without_model": "host, endpoint, streaming, sizes, events",
    "with_model": "the same and the model",
    "host_only": "host and sizes only",
}
_FOLDS = {
    "recordings": "Recordings held out",
    "near-duplicates": "Near-duplicates held out",
}
_OPENING = """# How good the estimate is

An estimate of tokens is made from sizes alone. This page says how far it is off, on {rows} exchanges with
LLM APIs whose billed tokens are known (`data/llm_exchanges.csv`; {distinct} of them differ). The parameters
are version {version}.

All figures are cross-validated: each exchange is estimated by parameters that were fitted without it, in
five folds. What is held out together makes two ways of folding:

- **Recordings held out**: runs of six rows, since rows of one recording stand together. Exchanges of the
  same kind, from other recordings, have been seen. This is what to expect of uses that the estimator knows.
- **Near-duplicates held out**: every exchange of the same host and API with nearly the same size and
  prompt, wherever it stands. This is what to expect of prompts unlike all that were seen: the harder way.

Errors are the difference between estimate and actual tokens as a share of the actual: the median, and what
nine in ten stay under (p90). "In interval" is how many actual figures lie within the 90% interval that goes
with each estimate. "Total" is input and output together.

What this does not say: a device agent sees an encrypted connection, so that the line "host and sizes only"
is its case, and the sizes it sees are those of headers and of compressed bodies too. Where a provider bills
reasoning that it does not send, output is a lower bound. A request may point to a picture, a file or an
earlier answer: no size shows those tokens. Of many hosts there are only a few rows, and their figures say
little.

`make estimator-page` writes this page.
"""


def page(exchanges: Sequence[Exchange], reports: dict[str, Report]) -> str:
    """`reports`: by the name of the folding."""
    opening = _OPENING.format(
        rows=f"{len(exchanges):,}", distinct=f"{len(set(exchanges)):,}", version=load().version
    )
    parts = [opening, _goals(reports)]
    for name, title in _FOLDS.items():
        parts.append(f"## {title}\n\n{_overall(reports[name])}\n{_groups(reports[name])}")
    return "\n".join(parts)


def _goals(reports: dict[str, Report]) -> str:
    lines = [f"| goal | {' | '.join(title.lower() for title in _FOLDS.values())} |", "| --- | --- | --- |"]
    met = [_met(reports[name]) for name in _FOLDS]
    lines += [f"| {goal} | {' | '.join(answers[goal] for answers in met)} |" for goal in met[0]]
    return "## Goals\n\n" + "\n".join(lines) + "\n"


def _met(report: Report) -> dict[str, str]:
    """Each goal, with what was measured and whether that meets it."""
    groups = {group.name: group for group in (*report.overall, *report.groups)}
    every, streams = groups["without_model"], groups[_CHAT_STREAMS]
    return {
        "input, all rows: median under 30%": _under(every.input, 0.30),
        "output, all rows: median under 20%": _under(every.output, 0.20),
        "OpenAI chat streams, input: median under 3%": _under(streams.input, 0.03),
        "OpenAI chat streams, output: median under 3%": _under(streams.output, 0.03),
        "OpenAI chat streams, total: median under 3%": _under(streams.total, 0.03),
        "input, all rows: intervals hold 90%": _holds(every.input),
        "output, all rows: intervals hold 90%": _holds(every.output),
    }


def _under(errors: Errors, goal: float) -> str:
    return f"{errors.median:.1%}, {'met' if errors.median < goal else 'missed'}"


def _holds(errors: Errors) -> str:
    share = errors.coverage or 0.0
    return f"{share:.1%}, {'met' if abs(share - _SAID) <= _NEAR else 'missed'}"


_COLUMNS = "rows | in median | in p90 | in interval | out median | out p90 | out interval | total median"
_RULE = " | ".join(["---:"] * 8)


def _overall(report: Report) -> str:
    lines = [f"| what is known | {_COLUMNS} |", f"| --- | {_RULE} |"]
    lines += [f"| {_VIEWS[group.name]} | {_figures(group)} |" for group in report.overall]
    return "\n".join(lines) + "\n"


def _groups(report: Report) -> str:
    """Host, endpoint and streaming flag, without the model."""
    lines = [f"| host | API | answer | {_COLUMNS} |", f"| --- | --- | --- | {_RULE} |"]
    for group in report.groups:
        host, api, answer = group.name.split()
        lines.append(f"| `{host}` | {api} | {answer} | {_figures(group)} |")
    return "\n".join(lines) + "\n"


def _figures(group: Group) -> str:
    sides = (
        f"{each.median:.1%} | {each.p90:.0%} | {each.coverage or 0:.0%}"
        for each in (group.input, group.output)
    )
    return f"{group.rows} | {' | '.join(sides)} | {group.total.median:.1%}"


def main(arguments: Sequence[str]) -> int:
    """Bad input ends with 2 and a sentence."""
    if len(arguments) != 1:
        sys.stderr.write("Name one file: python -m toktra_wire.page FILE.csv\n")
        return 2
    try:
        known = read(Path(arguments[0]))
    except Unreadable as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    sys.stdout.write(
        page(known, {name: judged_unseen(known, folding(known)) for name, folding in FOLDINGS.items()})
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
