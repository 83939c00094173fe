"""The counters of budgets, period by period: opened, charged, carried on, and what they pass."""
