"""Organisations, their people, and the tree of departments the people work in."""
