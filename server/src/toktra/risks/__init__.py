"""Risk events: signs that work may leave the house. From GitHub, or reported by other scanners."""
