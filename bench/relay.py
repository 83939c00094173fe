"""The agent's proxy beside HAProxy in TCP mode, mitmproxy passing the same traffic through, and no relay at all.

Each is one process on the same machine as both ends, measured in alternating rounds of one run. What goes by is
walked as the TLS records it looks like, and every request is admitted, by a watcher that says yes at once.
"""

import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import monotonic, sleep
from typing import Any

import psutil
from e2e.installation import free_port, module

from bench import peers
from bench.relay_ends import HOST, connections, exchanges, long_answer

ROUNDS = 5
AT_ONCE = 32
MEGABYTES = {"mitmproxy": 200}
CONNECTIONS = {"mitmproxy": 300}
MOST_MEGABYTES, MOST_CONNECTIONS, EXCHANGES = 2_000, 5_000, 3_000
IDLE_CONNECTIONS, IDLE_SECONDS = 100, 10
DIRECT, OURS, HAPROXY, MITMPROXY = "no relay", "Toktra", "HAProxy", "mitmproxy"


@dataclass(frozen=True, slots=True)
class Relay:
    """How to get through it: its ports for small and for long, and whether by CONNECT."""

    ports: tuple[int, int]
    ends: tuple[int, int]
    connects: bool = False
    process: "subprocess.Popen[Any] | None" = None

    def ask(self, way: int) -> bytes:
        return f"CONNECT {HOST}:{self.ends[way]} HTTP/1.1\r\n\r\n".encode() if self.connects else b""

    def connect(self, way: int) -> socket.socket:
        """A connection that stands."""
        made = socket.create_connection(("127.0.0.1", self.ports[way]))
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.connects:
            made.sendall(self.ask(way))
            answer = b""
            while not answer.endswith(b"\r\n\r\n"):
                answer += made.recv(4096)
        return made


def run() -> dict[str, Any]:
    """Measure, and answer the figures."""
    with ExitStack() as running:
        ends = running.enter_context(_ends())
        relays = {DIRECT: Relay(ends, ends), OURS: running.enter_context(_ours(ends))}
        if shutil.which("haproxy"):
            relays[HAPROXY] = running.enter_context(_haproxy(ends))
        if peers.MITMPROXY.ready:
            relays[MITMPROXY] = running.enter_context(_mitmproxy(ends))
        rounds: dict[str, list[dict[str, float]]] = {name: [] for name in relays}
        for _ in range(ROUNDS):
            for name, relay in relays.items():
                rounds[name].append(_round(name, relay))
        found = {name: _medians(measured) for name, measured in rounds.items()}
        for name, relay in relays.items():
            if relay.process is not None:
                found[name] |= _at_rest(relay)
        return {"rounds": ROUNDS, "at_once": AT_ONCE, "relays": found}


def _round(name: str, relay: Relay) -> dict[str, float]:
    size = MEGABYTES.get(name, MOST_MEGABYTES) * 1_000_000
    took = exchanges(lambda: relay.connect(0), EXCHANGES)
    return {
        "megabytes_per_second": long_answer(lambda: relay.connect(1), size) / 1e6,
        "connections_per_second": connections(
            relay.ports[0], relay.ask(0), CONNECTIONS.get(name, MOST_CONNECTIONS), AT_ONCE
        ),
        "exchange_ms": median(took) * 1000,
    }


def _medians(rounds: list[dict[str, float]]) -> dict[str, float]:
    return {name: round(median(one[name] for one in rounds), 4) for name in rounds[0]}


def _at_rest(relay: Relay) -> dict[str, float]:
    """Resident memory after all that, and the share of a core while connections are open and nothing happens."""
    assert relay.process is not None
    own = psutil.Process(relay.process.pid)
    family = [own, *own.children(recursive=True)]
    held = [relay.connect(0) for _ in range(IDLE_CONNECTIONS)]
    sleep(1)
    before = sum(sum(one.cpu_times()[:2]) for one in family)
    sleep(IDLE_SECONDS)
    used = sum(sum(one.cpu_times()[:2]) for one in family) - before
    resident = max(one.memory_info().rss for one in family)
    for one in held:
        one.close()
    return {
        "resident_mb": round(resident / 1e6, 1),
        "idle_percent_of_a_core": round(used / IDLE_SECONDS * 100, 2),
    }


@contextmanager
def _ends() -> Iterator[tuple[int, int]]:
    with _started(module("bench.relay_ends")) as process:
        assert process.stdout is not None
        small, long = process.stdout.readline().split()
        yield int(small), int(long)


@contextmanager
def _ours(ends: tuple[int, int]) -> Iterator[Relay]:
    with _started(module("bench.relay_tap")) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        yield Relay((port, port), ends, connects=True, process=process)


@contextmanager
def _haproxy(ends: tuple[int, int]) -> Iterator[Relay]:
    """One thread, as ours has."""
    ports = free_port(), free_port()
    told = ["global", "  nbthread 1", "  maxconn 5000", "defaults", "  mode tcp"]
    told += [f"  timeout {name} 60s" for name in ("connect", "client", "server")]
    for port, end in zip(ports, ends, strict=True):
        told += [f"listen at{port}", f"  bind 127.0.0.1:{port}", f"  server end 127.0.0.1:{end}"]
    with tempfile.TemporaryDirectory() as folder:
        configuration = Path(folder) / "haproxy.cfg"
        configuration.write_text("\n".join(told) + "\n")
        with _started(["haproxy", "-db", "-f", str(configuration)]) as process:
            _wait(ports[0])
            yield Relay(ports, ends, process=process)


@contextmanager
def _mitmproxy(ends: tuple[int, int]) -> Iterator[Relay]:
    """Every host ignored: it passes bytes through as we do."""
    port = free_port()
    words = ["--listen-host", "127.0.0.1", "--listen-port", str(port), "--ignore-hosts", ".*", "--quiet"]
    with tempfile.TemporaryDirectory() as folder:
        own = ["--set", f"confdir={folder}"]
        with _started([str(peers.MITMPROXY.program("mitmdump")), *words, *own]) as process:
            _wait(port)
            yield Relay((port, port), ends, connects=True, process=process)


@contextmanager
def _started(command: list[str]) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        assert process.stdout is not None
        process.stdout.close()


def _wait(port: int, seconds: float = 60) -> None:
    deadline = monotonic() + seconds
    while monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            sleep(0.1)
        else:
            return
    raise RuntimeError(f"nothing listens at port {port}")
