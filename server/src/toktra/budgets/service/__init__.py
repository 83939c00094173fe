"""Use cases of budgets."""

from toktra.budgets.ledger.counting import count
from toktra.budgets.service.budgets import (
    BudgetChanges,
    Limit,
    NewBudget,
    archive_budget,
    change_budget,
    create_budget,
)
from toktra.budgets.service.exemptions import expire_exemptions, request_exemption, review_exemption
from toktra.budgets.service.holds import cancel, sweep

__all__ = [
    "BudgetChanges",
    "Limit",
    "NewBudget",
    "archive_budget",
    "cancel",
    "change_budget",
    "count",
    "create_budget",
    "expire_exemptions",
    "request_exemption",
    "review_exemption",
    "sweep",
]
