"""Both real traces through the public API: totals equal the files' sums, to the token; and a quiet end."""

import json
import signal
import subprocess

import httpx2

from e2e.installation import installation, toktra
from e2e.traces import TRACES, counted, sums


def test_totals_equal_the_sums_and_a_second_replay_adds_its_own() -> None:
    with installation(workers=2) as running:
        for times in (1, 2):
            said = json.loads(
                subprocess.check_output(
                    toktra("replay", *map(str, TRACES), "--speed", "0", "--url", running.url, "--json"),
                    env=running.environment,
                )
            )
            requests, inputs, outputs = sums()
            assert (said["accepted"], said["duplicates"], said["refused"]) == (requests, 0, 0)
            assert counted(running) == (times * requests, times * inputs, times * outputs)


def test_a_server_told_to_stop_ends_cleanly_and_leaves_its_database_in_order() -> None:
    with installation() as running:
        assert running.server is not None
        running.server.send_signal(signal.SIGTERM)
        assert running.server.wait(40) == 0
        running.start()
        assert httpx2.get(f"{running.url}/v1/health").json()["ready"] is True
