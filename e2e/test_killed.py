"""The server is killed twenty times during a replay; nothing is lost and nothing counted twice."""

import json
import random
import subprocess
import time

from e2e.installation import Installation, installation, toktra
from e2e.traces import TRACES, counted, sums

KILLS = 20


def test_twenty_kills_lose_nothing_and_count_nothing_twice() -> None:
    draw = random.Random(20)
    with installation() as running:
        replay = _start_replay(running)
        _wait_for_first_event(running)
        for _ in range(KILLS):
            time.sleep(draw.uniform(0.1, 1.0))
            assert replay.poll() is None, "the replay was over before the last kill"
            running.kill()
            running.start()
        output, _ = replay.communicate(timeout=300)
        assert replay.returncode == 0, output
        said = json.loads(output)
        assert counted(running) == sums()
    assert said["accepted"] + said["duplicates"] == sums()[0]


def _start_replay(running: Installation) -> "subprocess.Popen[str]":
    words = ["replay", *map(str, TRACES), "--speed", "60", "--url", running.url, "--batch", "25", "--json"]
    return subprocess.Popen(toktra(*words), env=running.environment, stdout=subprocess.PIPE, text=True)


def _wait_for_first_event(running: Installation, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while counted(running)[0] == 0:
        assert time.monotonic() < deadline, "the replay sent nothing"
        time.sleep(0.1)
