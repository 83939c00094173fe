"""Exchanges with known tokens, read from a CSV file."""

import csv
from dataclasses import dataclass
from pathlib import Path


class Unreadable(Exception):
    pass


@dataclass(frozen=True, slots=True)
class Exchange:
    host: str
    path: str
    model: str
    stream: bool
    request_bytes: int
    response_bytes: int
    sse_events: int
    input_tokens: int
    output_tokens: int


def read(path: Path) -> list[Exchange]:
    with path.open(newline="") as f:
        return [
            Exchange(
                r["host"],
                r["path"],
                r["model"],
                r["stream"] == "1",
                *(
                    int(r[k] or 0)
                    for k in (
                        "request_bytes",
                        "response_bytes",
                        "sse_events",
                        "input_tokens",
                        "output_tokens",
                    )
                ),
            )
            for r in csv.DictReader(f)
        ]
