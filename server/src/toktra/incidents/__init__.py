"""Incidents: something that people look into. Opened by a policy or by hand; what is done stays on record."""
