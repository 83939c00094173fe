"""Traces: the real ones are read whole, and a wrong one is refused with the line that is wrong (E1)."""

from pathlib import Path

import pytest

from toktra.demo import trace
from toktra.demo.trace import TraceError

HEAD = "TIMESTAMP,ContextTokens,GeneratedTokens\n"
GOOD = "2023-11-16 18:17:03.9799600,4808,10\n"


@pytest.mark.parametrize(
    ("name", "requests", "input_tokens", "output_tokens"),
    [(trace.CODE, 8819, 18_059_974, 245_896), (trace.CONVERSATION, 19_366, 22_361_870, 4_088_665)],
)
def test_the_real_traces_are_read_whole(
    name: str, requests: int, input_tokens: int, output_tokens: int
) -> None:
    entries = trace.read(trace.find(name))
    assert len(entries) == requests
    assert sum(entry.input_tokens for entry in entries) == input_tokens
    assert sum(entry.output_tokens for entry in entries) == output_tokens
    assert entries == sorted(entries, key=lambda entry: entry.at)


def test_requests_come_in_the_order_of_their_times(tmp_path: Path) -> None:
    file = tmp_path / "trace.csv"
    file.write_text(HEAD + "2023-11-16 18:00:02,2,0\n2023-11-16 18:00:01,1,0\n")
    assert [entry.input_tokens for entry in trace.read(file)] == [1, 2]


def test_times_without_a_zone_are_utc_and_others_are_understood(tmp_path: Path) -> None:
    file = tmp_path / "trace.csv"
    file.write_text(HEAD + "2023-11-16 18:00:00,1,0\n2023-11-16T19:00:00+01:00,2,0\n")
    first, second = trace.read(file)
    assert first.at == second.at


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no column TIMESTAMP, ContextTokens, GeneratedTokens"),
        ("TIMESTAMP,ContextTokens\n", "no column GeneratedTokens"),
        (HEAD, "no requests"),
        (HEAD + GOOD + "2023-11-16 18:17:04,many,10\n", "line 3: ContextTokens is 'many'"),
        (HEAD + GOOD + "2023-11-16 18:17:04,1,-10\n", "line 3: GeneratedTokens is '-10'"),
        (HEAD + "2023-11-16 18:17:04,1.5,1\n", "line 2: ContextTokens is '1.5'"),
        (HEAD + "2023-11-16 18:17:04,٣,1\n", "line 2: ContextTokens"),
        (HEAD + "2023-11-16 18:17:04," + "9" * 5000 + ",1\n", "line 2: ContextTokens"),
        (HEAD + "yesterday,1,1\n", "line 2: TIMESTAMP is 'yesterday'"),
        (HEAD + "2023-11-16 18:17:04,1\n", "line 2: GeneratedTokens is ''"),
        (HEAD + '2023-11-16 18:17:04,"1\n', "unexpected end of data"),
    ],
)
def test_a_wrong_trace_is_refused_with_the_line(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "trace.csv"
    file.write_text(text)
    with pytest.raises(TraceError, match=r"trace\.csv") as refused:
        trace.read(file)
    assert says in str(refused.value)


def test_a_file_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    with pytest.raises(TraceError, match="No such file"):
        trace.read(tmp_path / "missing.csv")
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(TraceError, match="UTF-8"):
        trace.read(tmp_path / "binary.csv")
    with pytest.raises(TraceError, match="did not come with this installation"):
        trace.find("another.csv")
