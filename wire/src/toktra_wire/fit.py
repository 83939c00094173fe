"""Fit the estimator's parameters to exchanges whose tokens are known. The same rows give the same bytes.

F2: intervals and published errors come from rows that the fit did not see, nor near-duplicates of them.
"""

import argparse
import hashlib
import sys
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from math import floor
from pathlib import Path

import msgspec
from msgspec import Struct, structs

from toktra_wire import error_table
from toktra_wire.cells import Key, as_traits, fit_cells, keys_of, sample_of
from toktra_wire.error_table import Report, View
from toktra_wire.estimator import WEIGHTS, Cell, Estimate, Parameters, Target, best_cell, load, value
from toktra_wire.estimator_rules import RULES
from toktra_wire.exchanges import Exchange, Unreadable, read
from toktra_wire.folds import FOLDS, near_duplicates_together, recordings_together

METHOD = "1"  # raise it when rules or regression change: a version names one set of numbers
SHIPPED = Path(__file__).with_name("estimator.json")
FOLDINGS = {"near-duplicates": near_duplicates_together, "recordings": recordings_together}
_TAIL = 0.05  # on either side of the 90% interval
_HALF = 8  # rows at which a cell's own quantiles weigh as much as its parent's

Missed = dict[tuple[Target, Key], list[float]]


class Folded(Struct, frozen=True):
    """Exchanges, the fold of each, and for each fold parameters that have not seen it."""

    exchanges: Sequence[Exchange]
    folds: list[int]
    unseen: list[Parameters]


def folded(exchanges: Sequence[Exchange]) -> Folded:
    """With near-duplicates together. The parameters of the folds have no intervals."""
    folds = near_duplicates_together(exchanges)
    return Folded(exchanges, folds, [fit_points(rows) for rows in others(exchanges, folds)])


def fit(known: Folded, fitted_on: str = "") -> Parameters:
    """Parameters with intervals. The version names the rows and the method."""
    fitted = fit_points(known.exchanges)
    rows = hashlib.sha256(msgspec.json.encode(known.exchanges)).hexdigest()
    cells = _with_intervals(fitted.cells, _missed(known))
    return structs.replace(fitted, version=f"{METHOD}-{rows[:8]}", fitted_on=fitted_on, cells=cells)


def cross_validated(known: Folded, view: View) -> list[Estimate]:
    """What each exchange would have been estimated at by parameters that had not seen it."""
    return [view(known.unseen[fold], each) for each, fold in zip(known.exchanges, known.folds, strict=True)]


def encode(parameters: Parameters) -> bytes:
    """One cell a line, so that a change of parameters can be read as a difference."""
    return msgspec.json.encode(parameters).replace(b'{"target"', b'\n{"target"') + b"\n"


def fit_points(exchanges: Sequence[Exchange]) -> Parameters:
    """Parameters without intervals, version and date."""
    cells = [fit_cells([sample_of(each, target) for each in exchanges], target) for target in WEIGHTS]
    return structs.replace(RULES, cells=[cell for some in cells for cell in some])


def others(exchanges: Sequence[Exchange], folds: Sequence[int]) -> list[list[Exchange]]:
    pairs = list(zip(exchanges, folds, strict=True))
    return [[each for each, own in pairs if own != fold] for fold in range(FOLDS)]


def _missed(known: Folded) -> Missed:
    """By how much, in logarithms, each kind of ask would have missed the rows that it had not seen."""
    missed: Missed = defaultdict(list)
    answering: dict[tuple[int, Target, Key], Cell] = {}
    for exchange, fold in zip(known.exchanges, known.folds, strict=True):
        for target in WEIGHTS:
            sample = sample_of(exchange, target)
            for key in keys_of(sample.traits, target):
                ask = (fold, target, key)
                if ask not in answering:
                    answering[ask] = best_cell(known.unseen[fold].cells, target, as_traits(key))
                missed[target, key].append(sample.actual - value(answering[ask], sample.seen_as(key)))
    return missed


def _with_intervals(cells: Sequence[Cell], missed: Missed) -> list[Cell]:
    """Quantiles of what was missed, drawn towards the parent's: a few rows cannot tell a tail of 5%."""
    done: list[Cell] = []
    for cell in cells:
        named = ((name, getattr(cell, name)) for name in WEIGHTS[cell.target])
        key = tuple((name, what) for name, what in named if what is not None)
        parent = best_cell(done, cell.target, as_traits(key)) if key else None
        low, high = _ends(sorted(missed[cell.target, key]), parent)
        done.append(structs.replace(cell, low=round(min(low, 0.0), 3), high=round(max(high, 0.0), 3)))
    return done


def _ends(missed: list[float], parent: Cell | None) -> tuple[float, float]:
    rows = len(missed)
    outside = max(1, floor((rows + 1) * _TAIL))  # + 1: the row to come
    low, high = missed[outside - 1], missed[rows - outside]
    if parent is None:
        return low, high
    own = rows / (rows + _HALF)
    return own * low + (1 - own) * parent.low, own * high + (1 - own) * parent.high


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line. Bad input ends with 2 and a sentence."""
    asked = _parser().parse_args(arguments)
    try:
        known = read(asked.file)
        if asked.cross_validate:
            sys.stdout.write(error_table.as_text(judged_unseen(known, FOLDINGS[asked.cross_validate](known))))
        else:
            _write(asked.out, fit(folded(known)), asked.fitted_on)
    except Unreadable as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    return 0


def judged_unseen(exchanges: Sequence[Exchange], folds: list[int]) -> Report:
    """With intervals: each fold's parameters get theirs from folds of the rows that they were fitted to."""
    known = Folded(exchanges, folds, [fit(folded(rows)) for rows in others(exchanges, folds)])
    return error_table.report("cross-validated", exchanges, lambda view: cross_validated(known, view))


def _write(path: Path, parameters: Parameters, fitted_on: str | None) -> None:
    before = load()
    day = before.fitted_on if before.version == parameters.version else datetime.now(UTC).date().isoformat()
    try:
        path.write_bytes(encode(structs.replace(parameters, fitted_on=fitted_on or day)))
    except OSError as problem:
        raise Unreadable(f"{path}: {problem.strerror or problem}") from problem
    sys.stdout.write(f"{path}: version {parameters.version}, {len(parameters.cells)} cells\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m toktra_wire.fit",
        description="Fit the estimator to exchanges whose tokens are known. Same rows, same bytes.",
    )
    parser.add_argument("file", type=Path, help="CSV file with the columns of data/llm_exchanges.csv")
    parser.add_argument("--out", type=Path, default=SHIPPED, help="where to write; default: what is shipped")
    parser.add_argument(
        "--fitted-on",
        metavar="DATE",
        help="default: the date of what is shipped where the version is the same, else today in UTC",
    )
    parser.add_argument(
        "--cross-validate",
        choices=sorted(FOLDINGS),
        help="write nothing; print the errors on rows that the fit had not seen, nor "
        "near-duplicates of them, or nor others of the same recording",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
