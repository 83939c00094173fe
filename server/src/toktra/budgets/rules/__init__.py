"""What budgets allow. Pure: no clock, no database, no settings."""

from toktra.budgets.rules.admission import Admitted, Extra, Part, Refused, Standing, admit
from toktra.budgets.rules.blocks import BlockInForce, blocking
from toktra.budgets.rules.periods import Period, PeriodKind, kind_of, period_at, period_before
from toktra.budgets.rules.rollover import GRACE, carried, is_fixed, unused
from toktra.budgets.rules.sums import Placed, children
from toktra.budgets.rules.thresholds import (
    DEFAULT_THRESHOLDS,
    THE_LIMIT,
    Severity,
    highest_passed,
    passed,
    severity,
)
from toktra.budgets.rules.unsure import STRICTNESS, WhenUnsure, strictest

__all__ = [
    "DEFAULT_THRESHOLDS",
    "GRACE",
    "STRICTNESS",
    "THE_LIMIT",
    "Admitted",
    "BlockInForce",
    "Extra",
    "Part",
    "Period",
    "PeriodKind",
    "Placed",
    "Refused",
    "Severity",
    "Standing",
    "WhenUnsure",
    "admit",
    "blocking",
    "carried",
    "children",
    "highest_passed",
    "is_fixed",
    "kind_of",
    "passed",
    "period_at",
    "period_before",
    "severity",
    "strictest",
    "unused",
]
