"""Exchanges whose tokens are known, read from a CSV file with the columns of `data/llm_exchanges.csv`."""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct

REQUIRED = ("host", "path", "stream", "request_bytes", "response_bytes", "input_tokens", "output_tokens")
_LARGEST = 10**15
_FLAGS = {"0": False, "1": True, "false": False, "true": True}


class Exchange(Struct, frozen=True):
    """One request and its answer. Bytes are those of the bodies; without a count `sse_events` is 0."""

    host: str
    path: str
    stream: bool
    request_bytes: int
    response_bytes: int
    input_tokens: int
    output_tokens: int
    sse_events: int = 0
    model: str = ""


class Unreadable(Exception):
    """A file that holds no usable exchanges; the message names the file, and the line where there is one."""


def read(path: Path) -> list[Exchange]:
    """Every row of the file, or Unreadable: a row left out in silence would flatter the figures."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as lines:
            exchanges = list(_rows(path, csv.DictReader(lines)))
    except OSError as problem:
        raise Unreadable(f"{path}: {problem.strerror or problem}") from problem
    except (UnicodeDecodeError, csv.Error) as problem:
        raise Unreadable(f"{path}: not a CSV file in UTF-8 ({problem})") from problem
    if not exchanges:
        raise Unreadable(f"{path}: no rows")
    return exchanges


def _rows(path: Path, reader: "csv.DictReader[str]") -> Iterator[Exchange]:
    if missing := [name for name in REQUIRED if name not in (reader.fieldnames or ())]:
        raise Unreadable(f"{path}: missing columns: {', '.join(missing)}")
    for row in reader:
        try:
            yield _exchange(row)
        except ValueError as problem:
            raise Unreadable(f"{path}, line {reader.line_num}: {problem}") from problem


def _exchange(row: Mapping[str, str | None]) -> Exchange:
    flag = (row["stream"] or "").strip().lower()
    if flag not in _FLAGS:
        raise ValueError(f"stream is {flag!r}, not 0 or 1")
    return Exchange(
        host=row["host"] or "",
        path=row["path"] or "",
        stream=_FLAGS[flag],
        # A request without a body has no size in the recordings, and only streams have events.
        request_bytes=_number(row, "request_bytes", blank=0),
        response_bytes=_number(row, "response_bytes", blank=0),
        input_tokens=_number(row, "input_tokens"),
        output_tokens=_number(row, "output_tokens"),
        sse_events=_number(row, "sse_events", blank=0),
        model=row.get("model") or "",
    )


def _number(row: Mapping[str, str | None], name: str, blank: int | None = None) -> int:
    text = (row.get(name) or "").strip()
    if not text and blank is not None:
        return blank
    if not (text.isascii() and text.isdigit() and len(text) <= 16 and int(text) <= _LARGEST):
        raise ValueError(f"{name} is {text!r}, not a whole number from 0 to {_LARGEST}")
    return int(text)
