"""Least absolute deviations with a prior and bounds, small enough to need no library.

Absolute deviations become squares by weighting each row with the inverse of its last residual; the weighted
problem is solved by coordinate descent, which keeps to the bounds by itself.
"""

from collections.abc import Sequence
from operator import mul

from msgspec import Struct

_CLOSE = 0.05  # tokens are whole numbers: residuals below this count as equal
_ROUNDS = 12
_SWEEPS = 6


class Row(Struct, frozen=True):
    """The columns that are not zero, as places and heights, and the value to meet."""

    places: list[int]
    heights: list[float]
    actual: float


class Prior(Struct, frozen=True):
    """Where each coefficient is drawn to, how strongly (in rows at a residual of 1), and its bounds."""

    centre: list[float]
    pull: list[float]
    bounds: list[tuple[float, float]]


def regress(rows: Sequence[Row], prior: Prior) -> list[float]:
    """The coefficients that meet the rows best."""
    found = list(prior.centre)
    for _ in range(_ROUNDS):
        squares, products = _weigh(rows, prior, found)
        for _ in range(_SWEEPS):
            _sweep(squares, products, prior.bounds, found)
    return found


def _sweep(
    squares: list[list[float]], products: list[float], bounds: list[tuple[float, float]], found: list[float]
) -> None:
    for place, (low, high) in enumerate(bounds):
        line = squares[place]
        best = found[place] + (products[place] - sum(map(mul, line, found))) / line[place]
        found[place] = min(max(best, low), high)


def _weigh(rows: Sequence[Row], prior: Prior, found: list[float]) -> tuple[list[list[float]], list[float]]:
    """The normal equations of the rows under their weights, with the prior's."""
    squares = [[0.0] * len(found) for _ in found]
    products = [pull * centre for pull, centre in zip(prior.pull, prior.centre, strict=True)]
    for row in rows:
        _add(row, found, squares, products)
    for place, pull in enumerate(prior.pull):
        squares[place][place] += pull
        for before in range(place):
            squares[before][place] = squares[place][before]
    return squares, products


def _add(row: Row, found: list[float], squares: list[list[float]], products: list[float]) -> None:
    """Add one row below the diagonal and on it."""
    fitted = sum(found[place] * height for place, height in zip(row.places, row.heights, strict=True))
    weight = 1 / max(abs(row.actual - fitted), _CLOSE)
    for count, (place, height) in enumerate(zip(row.places, row.heights, strict=True)):
        weighed = weight * height
        products[place] += weighed * row.actual
        line = squares[place]
        for index in range(count + 1):
            line[row.places[index]] += weighed * row.heights[index]
