"""Thin shells that meet traffic: each feeds the same core and holds no rule of its own."""
