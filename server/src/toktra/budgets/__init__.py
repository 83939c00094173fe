"""Limits on what is used, and the decision about each request under a hard cap."""
