"""A device and a provider, each in a network namespace of its own, joined by a cable (Linux, root).

On the device the provider's address stands under the names of LLM hosts, in its own /etc/hosts.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from e2e.agent.certificates import Certificates, certify
from e2e.agent.names import NAMES

DEVICE, PROVIDER = ("10.77.0.1", "fd77::1"), ("10.77.0.2", "fd77::2")
NOBODY = "10.77.0.3"
"""An address of the provider's at which nobody listens."""
_HOSTS = "127.0.0.1 localhost\n" + "".join(f"{one} {' '.join(NAMES)}\n" for one in PROVIDER)


@dataclass(frozen=True, slots=True)
class World:
    """Both, and a folder."""

    folder: Path
    device: str
    provider: str
    certificates: Certificates

    def on_device(self, *command: str) -> list[str]:
        """The command line that runs a command on the device."""
        return ["ip", "netns", "exec", self.device, *command]

    def run(
        self, *command: str, check: bool = True, environment: Mapping[str, str] | None = None
    ) -> "subprocess.CompletedProcess[str]":
        """Run a command on the device, to its end."""
        return subprocess.run(
            self.on_device(*command),
            env={**os.environ, **(environment or {})},
            check=check,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def in_provider(self, *command: str) -> "AbstractContextManager[object]":
        """A program that runs beside the provider until left; it says a line when it is ready."""
        return started(["ip", "netns", "exec", self.provider, *command])

    def connections(self) -> list[dict[str, Any]]:
        """What the provider counted, of connections that are over."""
        return [line for line in read_lines(self.notes) if "host" in line]

    def accepted(self) -> int:
        """How many connections reached the provider."""
        return sum("accepted" in line for line in read_lines(self.notes))

    def forget(self) -> None:
        """What the provider counted so far is over."""
        wait_until(lambda: len(self.connections()) == self.accepted())
        self.notes.write_text("")

    @property
    def notes(self) -> Path:
        return self.folder / "provider.jsonl"


@contextmanager
def world() -> Iterator[World]:
    """Both, with the provider serving; removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="toktra-world-"))
    device, provider = f"device-{os.getpid()}", f"provider-{os.getpid()}"
    made = World(folder, device, provider, certify(folder, NAMES))
    try:
        _join(device, provider)
        with _serving(made):
            yield made
    finally:
        for one in (device, provider):
            subprocess.run(["ip", "netns", "del", one], check=False)
        shutil.rmtree(Path("/etc/netns") / device, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


def _join(device: str, provider: str) -> None:
    own = Path("/etc/netns") / device
    own.mkdir(parents=True)
    (own / "hosts").write_text(_HOSTS)
    for one in (device, provider):
        _ip("netns", "add", one)
        _ip("-n", one, "link", "set", "lo", "up")
    _ip("-n", device, "link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns", provider)
    for one, (plain, long) in ((device, DEVICE), (provider, PROVIDER)):
        _ip("-n", one, "address", "add", f"{plain}/24", "dev", "cable")
        _ip("-n", one, "address", "add", f"{long}/64", "dev", "cable", "nodad")
        _ip("-n", one, "link", "set", "cable", "up")

    _ip("-n", provider, "address", "add", f"{NOBODY}/24", "dev", "cable")


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


@contextmanager
def _serving(made: World) -> Iterator[None]:
    files = made.certificates
    made.notes.touch()
    words = ["-m", "e2e.agent.provider", str(files.chain), str(files.key), str(made.notes), *PROVIDER]
    with started(["ip", "netns", "exec", made.provider, sys.executable, *words]):
        yield


@contextmanager
def started(command: Sequence[str], **environment: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """A program that says one line when it is ready; ended afterwards."""
    running = subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        assert running.stdout is not None
        said = running.stdout.readline()
        if not said:
            raise RuntimeError(f"it ended before it was ready: {' '.join(command)}")
        yield running, said.strip()
    finally:
        running.terminate()
        try:
            running.wait(10)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()
        assert running.stdout is not None
        running.stdout.close()


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Of a file of JSON lines, those that are whole."""
    return [json.loads(line) for line in path.read_text().splitlines(keepends=True) if line.endswith("\n")]


def wait_until(holds: Callable[[], object], seconds: float = 20) -> None:
    """Until it holds; fail when it does not come to."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError("it did not come to hold in time")
        time.sleep(0.02)
