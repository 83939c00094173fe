"""Policies: rules that watch the stream of events and act. Drafted, tried, published."""
