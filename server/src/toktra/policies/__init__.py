"""Policies: rules that watch the stream of events and act. Drafted, tried, published."""

import atexit
import gc

# The collector, run once more while the interpreter ends, can crash over msgspec's types of a union
# (github.com/msgspec/msgspec/issues/717). What is frozen is not collected then.
atexit.register(gc.freeze)
