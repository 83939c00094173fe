"""Real clients on the device, each through the tap, and what the server behind it counted of them."""

import json
import shutil
import sys
from collections.abc import Callable
from typing import Any

import pytest

from e2e.agent.tapped import Tapped
from e2e.agent.world import wait_until

CURL = ("curl", "--silent", "--show-error", "--max-time", "20")


def curl(tap: Tapped, *words: str) -> Any:
    """Through the tap, trusting only the provider's own authority."""
    authority = str(tap.world.certificates.authority)
    return tap.world.run(*CURL, *tap.curl, "--cacert", authority, *words, check=False)


def ask(tap: Tapped, name: str) -> dict[str, Any]:
    run = tap.world.run(sys.executable, "-m", "e2e.agent.sdk", name, environment=tap.environment)
    return dict(json.loads(run.stdout))


def chromium(tap: Tapped, url: str) -> str:
    """What a page looks like in the end. Only the provider's own key is trusted."""
    program = next(
        path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))
    )
    words = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-quic",
        "--virtual-time-budget=10000",
        f"--user-data-dir={tap.folder}/profile",
        f"--ignore-certificate-errors-spki-list={tap.world.certificates.key_hash}",
        *tap.chromium,
        "--dump-dom",
        url,
    ]
    return tap.world.run(program, *words).stdout


def same_as_counted(tap: Tapped, requests: Callable[[], list[dict[str, Any]]], host: str) -> None:
    """Both directions of a host come to be within 1% of what the server counted: an icon may be late."""
    wait_until(lambda: len(tap.world.connections()) == tap.world.accepted())
    for way in ("got", "sent"):
        counted = _sum(tap.world.connections(), way, host)
        assert counted > 0
        wait_until(lambda: _sum(requests(), way, host) == pytest.approx(counted, rel=0.01))  # noqa: B023


def _sum(those: list[dict[str, Any]], way: str, host: str) -> int:
    return sum(one[way] for one in those if one["host"] == host)
