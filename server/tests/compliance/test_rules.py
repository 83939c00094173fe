"""Which chains are whole, and what is said about those that are not (R1, R2)."""

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toktra.compliance.rules import Chain, Head, Link


def chain_of(contents: list[str]) -> list[Link]:
    links: list[Link] = []
    for seq, content in enumerate(contents, start=1):
        previous = links[-1].hash if links else b""
        hashed = sha256(previous + f"{seq}:{content}".encode()).digest()
        links.append(Link(seq, previous, hashed, hashed))
    return links


def head_of(links: list[Link]) -> Head:
    return Head(links[-1].seq, links[-1].hash) if links else Head()


def broken(links: list[Link], head: Head | None, expected: Mapping[int, bytes] | None = None) -> str | None:
    chain = Chain(expected or {})
    for link in links:
        chain.follow(link)
    chain.end(head)
    return chain.broken


GOOD = chain_of(["a", "b", "c", "d"])
HEAD = head_of(GOOD)


@given(st.lists(st.text(max_size=3), max_size=8))
def test_a_chain_as_it_was_written_is_whole(contents: list[str]) -> None:
    links = chain_of(contents)
    assert broken(links, head_of(links), {link.seq: link.hash for link in links}) is None


@given(st.lists(st.text(max_size=3), min_size=1, max_size=8), st.data())
def test_any_missing_run_is_named(contents: list[str], data: st.DataObject) -> None:
    links = chain_of(contents)
    first = data.draw(st.integers(1, len(links)))
    last = data.draw(st.integers(first, len(links)))
    said = broken(links[: first - 1] + links[last:], head_of(links))
    assert said is not None
    assert said.startswith(f"entry {first} is" if first == last else f"entries {first} to {last} are")
    assert said.endswith(", at the end") == (last == len(links))


@pytest.mark.parametrize(
    ("links", "head", "said"),
    [
        (
            [*GOOD[:1], replace(GOOD[1], computed=b"other"), *GOOD[2:]],
            HEAD,
            "entry 2 was altered",
        ),
        (
            [*GOOD[:1], replace(GOOD[1], hash=b"other", computed=b"other"), *GOOD[2:]],
            HEAD,
            "entry 3 does not follow the one before it: one of the two was replaced",
        ),
        (GOOD, None, "its head is missing"),
        (GOOD, Head(3, GOOD[2].hash), "its head, entry 3, is not its last entry, 4"),
        (GOOD, Head(4, b"other"), "its head, entry 4, is not its last entry, 4"),
        ([], None, "its head is missing"),
        ([], HEAD, "entries 1 to 4 are missing, at the end"),
        (GOOD[1:], HEAD, "entry 1 is missing"),
    ],
)
def test_the_first_break_is_said(links: list[Link], head: Head | None, said: str) -> None:
    assert broken(links, head) == said


def test_a_chain_written_anew_is_not_the_one_written_down() -> None:
    anew = chain_of(["a", "x", "c", "d"])
    assert broken(anew, head_of(anew)) is None
    assert (
        broken(anew, head_of(anew), {3: GOOD[2].hash})
        == "entry 3 is not the one that was written down: it or an earlier one was replaced"
    )


def test_a_chain_cut_off_with_its_head_lacks_what_was_written_down() -> None:
    cut = GOOD[:2]
    assert broken(cut, head_of(cut)) is None
    assert broken(cut, head_of(cut), {4: GOOD[3].hash}) == "entries 3 to 4 are missing, at the end"
