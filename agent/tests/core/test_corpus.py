"""What the fuzzer found worth keeping keeps its promises (`agent/fuzz/promises.py`)."""

import runpy
from collections import Counter
from pathlib import Path

import pytest

FUZZ = Path(__file__).parents[2] / "fuzz"
PROMISES = runpy.run_path(str(FUZZ / "promises.py"))
CORPUS = sorted(path for path in (FUZZ / "corpus").iterdir())


def test_every_input_of_the_corpus_keeps_the_promises() -> None:
    """Inputs for each of the readers are among them."""
    readers = Counter(path.read_bytes()[0] % len(PROMISES["READERS"]) for path in CORPUS)
    assert len(readers) == len(PROMISES["READERS"])
    for path in CORPUS:
        PROMISES["check"](path.read_bytes())


def test_a_broken_promise_is_noticed() -> None:
    with pytest.raises(AssertionError):
        PROMISES["sound"]("no outcome")


def test_the_corpus_stays_small() -> None:
    assert sum(path.stat().st_size for path in CORPUS) < 300_000
