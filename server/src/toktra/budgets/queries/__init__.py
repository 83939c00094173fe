"""Reads of budgets, as far as the actor reaches."""
