"""What alerts speak of, how much they matter, and where they stand. Pure."""

from typing import Literal

Kind = Literal["budget_threshold", "budget_exceeded"]
Severity = Literal["info", "warning", "critical"]
Status = Literal["open", "acknowledged", "resolved"]
