"""A throw-away installation: its own database, an organisation, and server processes that can be killed."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from toktra.kit.settings import Settings

SECRET_KEY = "only for a throw-away installation"
BOOTSTRAP = ("toktra.cli", "bootstrap", "--org", "Acme", "--email", "owner@example.com", "--json")


@dataclass
class Installation:
    """A bootstrapped installation, and the server that runs on it now.

    `serving`: the command that serves on a port; `given`: TOKTRA_* settings beside those every one has.
    """

    folder: Path
    port: int
    workers: int = 1
    serving: Sequence[str] = ("toktra.cli", "serve")
    given: Mapping[str, str] = field(default_factory=dict)
    made: dict[str, Any] = field(default_factory=dict)
    server: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def api_key(self) -> str:
        return str(self.made["api_key"])

    @property
    def settings(self) -> Settings:
        return Settings(data_dir=self.folder, secret_key=SECRET_KEY)

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "TOKTRA_DATA_DIR": str(self.folder),
            "TOKTRA_SECRET_KEY": SECRET_KEY,
            "TOKTRA_PUBLIC_URL": self.url,
            "TOKTRA_LOG_LEVEL": "warning",
            "TOKTRA_API_KEY": self.made.get("api_key", ""),
            **self.given,
        }

    def start(self) -> None:
        """Start the server and wait until it is ready."""
        self.server = subprocess.Popen(
            module(*self.serving, "--port", str(self.port), "--workers", str(self.workers)),
            env=self.environment,
            start_new_session=True,
        )
        wait_until_ready(self.url, self.server)

    def said(self, *command: str) -> dict[str, Any]:
        """What a command says as JSON in this installation's environment."""
        return dict(json.loads(subprocess.check_output(module(*command), env=self.environment)))

    def kill(self) -> None:
        """End the server without a word: SIGKILL."""
        assert self.server is not None
        self.server.kill()
        self.server.wait(10)

    def stop(self) -> None:
        """End the server as an operator does: SIGTERM, and wait."""
        if self.server is not None and self.server.poll() is None:
            self.server.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.server.wait(40)
            self.server.kill()

    @contextmanager
    def beside(self) -> "Iterator[Installation]":
        """One more server process on the same database, at a port of its own; ended afterwards."""
        another = replace(self, port=free_port(), server=None)
        another.start()
        try:
            yield another
        finally:
            another.stop()


@contextmanager
def installation(
    *,
    workers: int = 1,
    serving: Sequence[str] = Installation.serving,
    making: Sequence[str] = BOOTSTRAP,
    **given: str,
) -> Iterator[Installation]:
    """Bootstrapped and serving; ended and removed afterwards.

    `making`: the command that makes an organisation and says what `toktra bootstrap --json` says.
    `given`: settings, such as hold_seconds="5".
    """
    folder = Path(tempfile.mkdtemp(prefix="toktra-"))
    folder.chmod(0o755)
    named = {f"TOKTRA_{name.upper()}": text for name, text in given.items()}
    running = Installation(folder, free_port(), workers, serving, named)
    running.made = running.said(*making)
    running.start()
    try:
        yield running
    finally:
        running.stop()
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def toktra(*words: str) -> list[str]:
    """The command line of a `toktra` command in this environment."""
    return module("toktra.cli", *words)


def module(*words: str) -> list[str]:
    """The command line that runs a module in this environment."""
    return [sys.executable, "-m", *words]


def wait_until_ready(url: str, server: "subprocess.Popen[bytes]", seconds: float = 60) -> None:
    """Wait for /v1/health to say ready; fail when the server ends first."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"the server ended with status {server.returncode}")
        try:
            with urllib.request.urlopen(f"{url}/v1/health", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server was not ready in time")


def peak_megabytes(pid: int) -> float:
    """The most memory that a process, or any child of it, has held resident, in MB (Linux)."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return max(_peak(one) for one in (str(pid), *children))


def _peak(pid: str) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024
