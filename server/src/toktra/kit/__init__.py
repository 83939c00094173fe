"""Tools without a domain word in them, for every slice."""
