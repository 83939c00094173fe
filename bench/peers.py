"""`make bench-peers`: preflight beside LiteLLM's proxy, one process each, in alternating rounds of one run.

It also installs mitmproxy, which `python -m bench relay` then measures. Both are installed from the package registry,
each into a folder of its own. LiteLLM's proxy checks a global budget in
memory and gives a mocked answer: no model is called and nothing leaves the machine.
"""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import monotonic, sleep
from typing import Any
from urllib.request import urlopen

from e2e.devices import enroll
from e2e.installation import free_port, installation
from rich.console import Console
from rich.table import Table

from bench import load, preflight

PEERS = Path(__file__).parent.parent / ".peers"
GOAL = 50
ROUNDS = 5
REQUESTS = {1: 60, 32: 400}
_KEY = f"sk-{secrets.token_hex(32)}"
_CONFIGURATION = f"""
model_list:
  - model_name: mocked
    litellm_params: {{model: openai/gpt-4o, api_key: none, mock_response: "ok"}}
general_settings: {{master_key: {_KEY}}}
litellm_settings: {{max_budget: 1000000, budget_duration: 30d}}
"""
_OFFLINE = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "DISABLE_ADMIN_UI": "True", "NO_DOCS": "True"}
_ASKED = {"model": "mocked", "messages": [{"role": "user", "content": "hello"}]}


class Missing(Exception):
    """A peer cannot be measured here; the message says why."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A program from the package registry, in a virtual environment of its own."""

    name: str
    version: str
    package: str

    @property
    def folder(self) -> Path:
        return PEERS / f"{self.name.lower()}-{self.version}"

    @property
    def ready(self) -> bool:
        return (self.folder / ".ready").exists()

    def program(self, name: str) -> Path:
        return self.folder / "bin" / name

    def install(self) -> None:
        """Once."""
        if self.ready:
            return
        Console().print(f"Installing {self.name} {self.version} (once, some minutes)")
        subprocess.run([sys.executable, "-m", "venv", str(self.folder)], check=True)
        wanted = f"{self.package}=={self.version}"
        pip = [str(self.program("python")), "-m", "pip", "install", "--quiet", wanted]
        if subprocess.run(pip, check=False).returncode:
            raise Missing(f"`pip install {wanted}` failed; its message is above.")
        (self.folder / ".ready").touch()


LITELLM = Peer("LiteLLM", "1.108.7", "litellm[proxy]")
MITMPROXY = Peer("mitmproxy", "11.0.2", "mitmproxy")
"""Measured by bench.relay, where it is installed."""


def main() -> None:
    """Measure and show; say plainly what is missing where it cannot be done."""
    try:
        MITMPROXY.install()
        LITELLM.install()
        show(run())
    except Missing as missing:
        Console(stderr=True).print(f"Not measured: {missing}", highlight=False)
        raise SystemExit(1) from missing


def run() -> dict[int, dict[str, list[load.Measured]]]:
    """Rounds of both, in turns, by the number of connections."""
    with installation() as running, litellm() as port:
        tokens = enroll(running, preflight.DEVICES, under="Engineering")
        preflight.cap(running)

        def one(name: str, connections: int) -> load.Measured:
            if name == "Toktra":
                return preflight.measure(running, tokens, "/v1/preflight", connections=connections)
            requests = [load.post("/v1/chat/completions", _KEY, _ASKED)] * REQUESTS[connections]
            return load.send(port, requests, connections=connections, expected=b'"choices"')

        for name in ("Toktra", "LiteLLM"):
            one(name, 32)
        return {connections: in_turns(one, connections) for connections in preflight.CONNECTIONS}


def in_turns(one: Any, connections: int) -> dict[str, list[load.Measured]]:
    """Alternating rounds, so that both see the same machine."""
    found: dict[str, list[load.Measured]] = {"Toktra": [], "LiteLLM": []}
    for _ in range(ROUNDS):
        for name, rounds in found.items():
            rounds.append(one(name, connections))
    return found


@contextmanager
def litellm() -> Iterator[int]:
    """The proxy with one worker; its port."""
    port, log = free_port(), LITELLM.folder / "proxy.log"
    configuration = LITELLM.folder / "config.yaml"
    configuration.write_text(_CONFIGURATION)
    words = ["--config", str(configuration), "--host", "127.0.0.1", "--port", str(port), "--num_workers", "1"]
    with log.open("wb") as output:
        command = [str(LITELLM.program("litellm")), *words, "--telemetry", "False"]
        proxy = subprocess.Popen(
            command, env={**os.environ, **_OFFLINE}, stdout=output, stderr=output, start_new_session=True
        )
        try:
            _wait(proxy, f"http://127.0.0.1:{port}/health/liveliness", log)
            yield port
        finally:
            proxy.terminate()
            with suppress(subprocess.TimeoutExpired):
                proxy.wait(10)
            proxy.kill()


def _wait(proxy: "subprocess.Popen[bytes]", url: str, log: Path, seconds: float = 180) -> None:
    deadline = monotonic() + seconds
    while monotonic() < deadline and proxy.poll() is None:
        with suppress(OSError), urlopen(url, timeout=5):
            return
        sleep(0.5)
    last = (log.read_text(errors="replace").strip().splitlines() or ["it wrote nothing"])[-1]
    raise Missing(f"the proxy did not start. Its last line: {last}")


def show(found: dict[int, dict[str, list[load.Measured]]]) -> None:
    """One table; the ratio is of medians of the rounds."""
    table = Table(title=f"Preflight beside LiteLLM {LITELLM.version}, one process each (goal: {GOAL} times)")
    for heading in ("connections", "Toktra /s", "p50 ms", "LiteLLM /s", "p50 ms", "ratio"):
        table.add_column(heading, justify="right")
    for connections, rounds in found.items():
        ours, theirs = _medians(rounds["Toktra"]), _medians(rounds["LiteLLM"])
        figures = (ours[0], ours[1], theirs[0], theirs[1], ours[0] / theirs[0])
        table.add_row(str(connections), *(f"{figure:,.1f}" for figure in figures))
    Console().print(table)


def _medians(rounds: Sequence[load.Measured]) -> tuple[float, float]:
    return median(one.per_second for one in rounds), median(one.percentile_ms(50) for one in rounds)


if __name__ == "__main__":
    main()
