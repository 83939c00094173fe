"""The server is killed twenty times during a replay; nothing is lost and nothing counted twice."""

import csv
import json
import random
import subprocess
import time
from pathlib import Path

import httpx2

from e2e.installation import Installation, installation, toktra

TRACES = [
    Path(__file__).parent.parent / "data" / name for name in ("azure_llm_code.csv", "azure_llm_conv.csv")
]
KILLS = 20


def test_twenty_kills_lose_nothing_and_count_nothing_twice() -> None:
    draw = random.Random(20)
    with installation() as running:
        replay = _start_replay(running)
        for _ in range(KILLS):
            time.sleep(draw.uniform(0.1, 1.0))
            assert replay.poll() is None, "the replay was over before the last kill"
            running.kill()
            running.start()
        output, _ = replay.communicate(timeout=600)
        assert replay.returncode == 0, output
        said = json.loads(output)
        counted = _counted(running)
    assert counted == _sums()
    assert said["accepted"] + said["duplicates"] == counted[0]


def _sums() -> tuple[int, int, int]:
    """Requests, input tokens and output tokens of both traces, straight from the files."""
    rows = [row for trace in TRACES for row in csv.DictReader(trace.open(encoding="utf-8"))]
    inputs, outputs = (
        sum(int(row[column]) for row in rows) for column in ("ContextTokens", "GeneratedTokens")
    )
    return len(rows), inputs, outputs


def _start_replay(running: Installation) -> "subprocess.Popen[str]":
    words = ["replay", *map(str, TRACES), "--speed", "60", "--url", running.url, "--batch", "25", "--json"]
    return subprocess.Popen(toktra(*words), env=running.environment, stdout=subprocess.PIPE, text=True)


def _counted(running: Installation) -> tuple[int, int, int]:
    headers = {"Authorization": f"Bearer {running.api_key}"}
    answer = httpx2.get(f"{running.url}/v1/usage/providers", params={"days": 7}, headers=headers).json()
    providers = answer["providers"]
    return (
        sum(p["total_requests"] for p in providers),
        sum(p["input_tokens"] for p in providers),
        sum(p["output_tokens"] for p in providers),
    )
