"""Request traces in the columns of the Azure LLM inference dataset: read whole, in the order of their times.

E1: a file is read to the end or refused with the line that is wrong; nothing is skipped or guessed.
"""

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

COLUMNS = ("TIMESTAMP", "ContextTokens", "GeneratedTokens")
CODE, CONVERSATION = "azure_llm_code.csv", "azure_llm_conv.csv"
_LONGEST_NUMBER = 15


class TraceError(Exception):
    """A trace that cannot be read; the message says where and what is expected."""


class Entry(NamedTuple):
    """One request of a trace: when it came, and its size in tokens."""

    at: datetime
    input_tokens: int
    output_tokens: int


def find(name: str) -> Path:
    """A trace that comes with Toktra: beside this file in a wheel, in the root's `data` in a checkout."""
    here = Path(__file__).resolve()
    for folder in (here.parent / "data", here.parents[4] / "data"):
        if (folder / name).is_file():
            return folder / name
    raise TraceError(f"The trace {name} did not come with this installation of Toktra. Install it again.")


def read(path: Path) -> list[Entry]:
    """Every request of a trace, earliest first (E1)."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            entries = _entries(path, csv.DictReader(file, strict=True))
    except OSError as wrong:
        raise TraceError(f"{path} cannot be read: {wrong.strerror}. Check the path.") from wrong
    if not entries:
        raise TraceError(f"{path} has no requests in it.")
    return sorted(entries, key=lambda entry: entry.at)


def _entries(path: Path, rows: "csv.DictReader[str]") -> list[Entry]:
    entries = []
    try:
        missing = [column for column in COLUMNS if column not in (rows.fieldnames or ())]
        if missing:
            raise TraceError(
                f"{path} has no column {', '.join(missing)}. A trace has the columns {', '.join(COLUMNS)}."
            )
        for row in rows:
            entries.append(_entry(row))
    except UnicodeDecodeError as wrong:
        raise TraceError(f"{path} is not a text file in UTF-8.") from wrong
    except (ValueError, csv.Error) as wrong:
        raise TraceError(f"{path}, line {rows.line_num}: {wrong}") from wrong
    return entries


def _entry(row: dict[str, str | None]) -> Entry:
    return Entry(
        _instant(row["TIMESTAMP"] or ""),
        _count("ContextTokens", row["ContextTokens"] or ""),
        _count("GeneratedTokens", row["GeneratedTokens"] or ""),
    )


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise ValueError(f"TIMESTAMP is {text!r}; it must look like 2023-11-16 18:17:03.9799600.") from wrong
    return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)


def _count(column: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER):
        raise ValueError(f"{column} is {text!r}; it must be a whole number of tokens, 0 or more.")
    return int(text)
