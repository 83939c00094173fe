"""Risk events are stored, and judged in the same transaction; GitHub's webhook is let in."""
