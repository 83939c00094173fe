"""The published errors are those that the parameters make on rows they had not seen (G1)."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from toktra_wire import error_table, fit, page
from toktra_wire.error_table import Report
from toktra_wire.exchanges import Exchange, read
from toktra_wire.fit import FOLDINGS, Folded, fit_points, others

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / "docs" / "agent" / "estimator.md"
EXCHANGES = read(ROOT / "data" / "llm_exchanges.csv")
INTERVALS = (3, 6)  # of the eight figures in a line


def errors_only(exchanges: Sequence[Exchange], folds: list[int]) -> Report:
    """As published, without intervals, which take five times as long."""
    known = Folded(exchanges, folds, [fit_points(rows) for rows in others(exchanges, folds)])
    return error_table.report("", exchanges, lambda view: fit.cross_validated(known, view))


def lines_of(text: str) -> list[list[str]]:
    """The rows of its tables of errors, without the shares in intervals."""
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    found = [row for row in rows if len(row) in (9, 11) and row[-1].endswith("%")]
    return [[cell for at, cell in enumerate(row, 8 - len(row)) if at not in INTERVALS] for row in found]


def goals_of(text: str) -> list[str]:
    return [line for line in text.splitlines() if ": median under" in line]


def test_g1_the_published_errors_are_those_of_rows_not_seen() -> None:
    published = PUBLISHED.read_text()
    reports = {name: errors_only(EXCHANGES, folding(EXCHANGES)) for name, folding in FOLDINGS.items()}
    anew = page.page(EXCHANGES, reports)
    assert published.partition("## Goals")[0] == anew.partition("## Goals")[0]
    assert goals_of(published) == goals_of(anew)
    assert len(goals_of(published)) == 5
    assert lines_of(published) == lines_of(anew)
    assert len(lines_of(published)) == sum(len(each.overall) + len(each.groups) for each in reports.values())


@pytest.mark.parametrize(
    ("arguments", "said"), [([], "Name one file"), (["no-such-file.csv"], "No such file")]
)
def test_bad_input_ends_with_a_sentence(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert page.main(arguments) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert said in err
