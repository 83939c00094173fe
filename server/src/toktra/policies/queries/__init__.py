"""Reads of policies, for judging and for screens."""
