"""The ways people and programs are told of what happened."""
