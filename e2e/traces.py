"""The real traces, what they sum to, and what an installation counted."""

import csv
from pathlib import Path

import httpx2

from e2e.installation import Installation

TRACES = [
    Path(__file__).parent.parent / "data" / name for name in ("azure_llm_code.csv", "azure_llm_conv.csv")
]


def sums() -> tuple[int, int, int]:
    """Requests, input tokens and output tokens of both traces, straight from the files."""
    rows = [row for trace in TRACES for row in csv.DictReader(trace.read_text().splitlines())]
    inputs, outputs = (
        sum(int(row[column]) for row in rows) for column in ("ContextTokens", "GeneratedTokens")
    )
    return len(rows), inputs, outputs


def counted(running: Installation) -> tuple[int, int, int]:
    """Requests, input tokens and output tokens, as the usage API answers."""
    headers = {"Authorization": f"Bearer {running.api_key}"}
    answer = httpx2.get(f"{running.url}/v1/usage/providers", params={"days": 7}, headers=headers)
    providers = answer.raise_for_status().json()["providers"]
    return (
        sum(p["total_requests"] for p in providers),
        sum(p["input_tokens"] for p in providers),
        sum(p["output_tokens"] for p in providers),
    )
