"""A tap that runs on the device, and what was seen through it. The only place that knows who tells."""

import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from e2e.agent.world import World, read_lines, started, wait_until


@dataclass(frozen=True, slots=True)
class Tapped:
    """`port`: of the proxy; 0 where the tap needs none."""

    world: World
    folder: Path
    port: int
    running: "subprocess.Popen[str]"
    kind: str = ""

    @property
    def curl(self) -> list[str]:
        """The words by which curl goes through the tap."""
        return ["--proxy", f"http://127.0.0.1:{self.port}"] if self.port else []

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which programs do."""
        through = {"HTTPS_PROXY": f"http://127.0.0.1:{self.port}"} if self.port else {}
        return {"SSL_CERT_FILE": str(self.world.certificates.authority), **through}

    @property
    def chromium(self) -> Sequence[str]:
        """The words by which Chromium does."""
        return [f"--proxy-pac-url=http://127.0.0.1:{self.port}/proxy.pac"] if self.port else []

    def block(self) -> None:
        """From now on no request is admitted."""
        (self.folder / "blocked").touch()

    def allow(self) -> None:
        """And now they are again."""
        (self.folder / "blocked").unlink()


def seen(tapped: Tapped, requests: int) -> list[dict[str, Any]]:
    """The requests told of, once there are so many: host, bytes the server got and sent, http2."""
    path = tapped.folder / "requests.jsonl"
    wait_until(lambda: len(read_lines(path)) >= requests)
    return read_lines(path)


@contextmanager
def tapped(world: World, tap: str) -> Iterator[Tapped]:
    """The tap runs; what the provider counted before is forgotten."""
    world.forget()
    with tempfile.TemporaryDirectory(prefix="toktra-tap-") as folder:
        (Path(folder) / "requests.jsonl").touch()
        command = world.on_device(sys.executable, "-m", "e2e.agent.tapping", tap, folder)
        with started(command) as (running, said):
            yield Tapped(world, Path(folder), int(said), running, tap)
        assert running.returncode in (0, -signal.SIGKILL)
