#!/usr/bin/env python3
"""Looks for bytes that break what the readers promise: `make fuzz`. Guided by coverage; libFuzzer's options.

What reaches new code goes to the first folder named. To keep it, where the tests replay it:
`PATH=.venv/bin:$PATH agent/fuzz/readers.py -merge=1 agent/fuzz/corpus .toktra/fuzz`.
"""

import sys

import atheris

with atheris.instrument_imports(include=["toktra_agent", "promises"]):
    import promises

if __name__ == "__main__":
    atheris.Setup(sys.argv, promises.check)
    atheris.Fuzz()
