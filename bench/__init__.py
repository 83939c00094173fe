"""Measurements. Each is a ratio of two things measured in one run on one machine; none asserts a time."""
