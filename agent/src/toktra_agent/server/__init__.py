"""The way to the Toktra server and back: enrolment, tokens, configuration, events, preflight."""
