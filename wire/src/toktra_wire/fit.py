"""Fit the estimator's parameters to exchanges whose tokens are known. The same rows give the same bytes.

F2: intervals and published errors come from rows that the fit had not seen, near-duplicates included (`folds`).
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
from msgspec import structs

from toktra_wire import error_table
from toktra_wire import exchanges as exchanges_file
from toktra_wire.cells import Key, as_traits, fit_cells, keys_of, sample_of
from toktra_wire.estimator import WEIGHTS, Cell, Estimate, Parameters, Target, best_cell, load, value
from toktra_wire.estimator_rules import RULES
from toktra_wire.exchanges import Exchange
from toktra_wire.folds import FOLDS, fold_of_each

METHOD = "1"  # raise it when rules or regression change: a version names one set of numbers
SHIPPED = Path(__file__).with_name("estimator.json")
_TAIL = 0.05  # on either side of the 90% interval
_HALF = 8  # rows at which a cell's own quantiles weigh as much as its parent's


def unseen(exchanges: Sequence[Exchange]) -> list[Parameters]:
    """For each fold, parameters fitted to the other folds. They have no intervals."""
    folds = fold_of_each(exchanges)
    return [
        _fit([each for each, own in zip(exchanges, folds, strict=True) if own != fold])
        for fold in range(FOLDS)
    ]


def fit(exchanges: Sequence[Exchange], blind: Sequence[Parameters], fitted_on: str) -> Parameters:
    """Parameters with intervals. `blind` is what `unseen` says of the same exchanges."""
    fitted = _fit(exchanges)
    missed = _missed(exchanges, blind)
    cells = _with_intervals(fitted.cells, missed)
    version = f"{METHOD}-{hashlib.sha256(msgspec.json.encode(exchanges)).hexdigest()[:8]}"
    return structs.replace(fitted, version=version, fitted_on=fitted_on, cells=cells)


def cross_validated(
    exchanges: Sequence[Exchange], blind: Sequence[Parameters], view: error_table.View
) -> list[Estimate]:
    """What each exchange would have been estimated at by parameters that had not seen it."""
    folds = fold_of_each(exchanges)
    return [view(blind[fold], exchange) for exchange, fold in zip(exchanges, folds, strict=True)]


def _fit(exchanges: Sequence[Exchange]) -> Parameters:
    cells = [fit_cells([sample_of(each, target) for each in exchanges], target) for target in WEIGHTS]
    return structs.replace(RULES, cells=[cell for some in cells for cell in some])


Missed = dict[tuple[Target, Key], list[float]]


def _missed(exchanges: Sequence[Exchange], blind: Sequence[Parameters]) -> Missed:
    """By how much, in logarithms, each kind of ask would have missed the rows that it had not seen."""
    missed: Missed = defaultdict(list)
    answering: dict[tuple[int, Target, Key], Cell] = {}
    for exchange, fold in zip(exchanges, fold_of_each(exchanges), strict=True):
        for target in WEIGHTS:
            sample = sample_of(exchange, target)
            for key in keys_of(sample.traits, target):
                ask = (fold, target, key)
                if ask not in answering:
                    answering[ask] = best_cell(blind[fold].cells, target, as_traits(key))
                missed[target, key].append(sample.actual - value(answering[ask], sample.seen_as(key)))
    return missed


def _with_intervals(cells: Sequence[Cell], missed: Missed) -> list[Cell]:
    """Quantiles of what was missed, drawn towards the parent's: five rows cannot tell a tail of 5%."""
    done: list[Cell] = []
    for cell in cells:
        key = tuple(
            (name, named) for name in WEIGHTS[cell.target] if (named := getattr(cell, name)) is not None
        )
        parent = best_cell(done, cell.target, as_traits(key)) if key else None
        ends = _ends(sorted(missed[cell.target, key]), parent)
        done.append(structs.replace(cell, low=round(min(ends[0], 0.0), 3), high=round(max(ends[1], 0.0), 3)))
    return done


def _ends(missed: list[float], parent: Cell | None) -> tuple[float, float]:
    rows = len(missed)
    beyond = floor((rows + 1) * _TAIL)  # of n + 1 rows, the last is the one to come
    low, high = missed[max(0, beyond - 1)], missed[min(rows - 1, rows - beyond)]
    if parent is None:
        return low, high
    own = rows / (rows + _HALF)
    return own * low + (1 - own) * parent.low, own * high + (1 - own) * parent.high


def encode(parameters: Parameters) -> bytes:
    """One cell a line, so that a change of parameters can be read as a difference."""
    text = msgspec.json.encode(parameters).replace(b'{"target"', b'\n{"target"')
    return text + b"\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line. Bad input ends with 2 and a sentence."""
    asked = _parser().parse_args(arguments)
    try:
        known = exchanges_file.read(asked.file)
        if asked.cross_validate:
            sys.stdout.write(error_table.as_text(_judged_unseen(known)))
        else:
            _write(asked.out, fit(known, unseen(known), fitted_on=""), asked.fitted_on)
    except exchanges_file.Unreadable as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m toktra_wire.fit",
        description="Fit the estimator to exchanges whose tokens are known. Same rows, same bytes.",
    )
    parser.add_argument("file", type=Path, help="CSV file with the columns of data/llm_exchanges.csv")
    parser.add_argument(
        "--out", type=Path, default=SHIPPED, help="where to write (default: the shipped parameters)"
    )
    parser.add_argument(
        "--fitted-on",
        metavar="DATE",
        help="default: the shipped parameters' date where the version is theirs, else today in UTC",
    )
    parser.add_argument(
        "--cross-validate",
        action="store_true",
        help="write nothing; print the errors on rows that the fit had not seen",
    )
    return parser


def _judged_unseen(known: Sequence[Exchange]) -> error_table.Report:
    """With intervals: each fold's parameters get theirs from folds of the rows that they were fitted to."""
    folds = fold_of_each(known)
    rest = [[each for each, own in zip(known, folds, strict=True) if own != fold] for fold in range(FOLDS)]
    blind = [fit(rows, unseen(rows), fitted_on="") for rows in rest]
    return error_table.report("cross-validated", known, lambda view: cross_validated(known, blind, view))


def _write(path: Path, parameters: Parameters, fitted_on: str | None) -> None:
    before = load()
    today = before.fitted_on if before.version == parameters.version else datetime.now(UTC).date().isoformat()
    path.write_bytes(encode(structs.replace(parameters, fitted_on=fitted_on or today)))
    sys.stdout.write(f"{path}: version {parameters.version}, {len(parameters.cells)} cells\n")


if __name__ == "__main__":
    sys.exit(main())
