"""Tests that need more than one program, and the throw-away installation they and the measurements use."""
