"""A person's device: a home, the agent in it, and a browser whose requests go through the agent.

For the agent the services' names lead to this machine, at the port they have everywhere: it sees a hosts
file of its own. That needs Linux and root.
"""

import os
import random
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from e2e.extension.browsing import ID, until
from e2e.extension.line import line
from e2e.extension.provider import Provider
from e2e.extension.someone import NAMES, SITE, Someone

AGENT = (sys.executable, "-m", "toktra_agent.cli")
ADDRESS = "127.0.77.1"
_WITH_HOSTS = 'mount --bind "$0" /etc/hosts && exec "$@"'


def fixed_port() -> int:
    """Free, and none that systems hand out by themselves: it stays free until the agent runs."""
    for port in random.sample(range(20_000, 30_000), 100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no port is free")


@dataclass(frozen=True)
class Device:
    """`browser`: what the agent calls it. `port`: of the agent's proxy."""

    home: Path
    browser: str
    port: int
    services: Provider

    @property
    def folder(self) -> Path:
        """The agent's."""
        return self.home / "agent"

    @property
    def sign(self) -> Path:
        """The extension's sign of life."""
        return self.folder / "extensions" / f"{self.browser}.json"

    @property
    def profile(self) -> Path:
        """Where the browser keeps its own when nothing else is said: so the manifests lie beside it."""
        return self.home / ".config" / {"chrome": "google-chrome"}.get(self.browser, self.browser)

    @property
    def proxy(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def said(self, *words: str, given: str = "") -> None:
        """A command of the person's."""
        subprocess.run([*AGENT, *words], env=self._environment, input=given, text=True, check=True)

    def enrol(self, person: Someone) -> None:
        """The agent, for the person at the browser."""
        token = person.api.post("/v1/enrollment-tokens", {})["token"]
        enrolling = ("enroll", person.running.url, "--token", "-", "--email", person.email)
        self.said(*enrolling, given=f"{token}\n")

    def let_browsers_in(self) -> None:
        """The agent's manifests, which a browser finds when it starts."""
        self.said("browsers", ID)

    @contextmanager
    def running(self) -> Iterator[None]:
        """The agent runs; when this is left, all it has counted is at the server."""
        if sys.platform != "linux" or os.geteuid() != 0:
            pytest.skip("an agent for which services' names lead here needs Linux and root: sudo make test")
        words = (*AGENT, "run", "--tap", "proxy", "--listen", f"127.0.0.1:{self.port}")
        with line(self.services.port, (ADDRESS, 443)), self._started(words) as agent:
            assert until(self._knows_hosts)
            yield
            agent.send_signal(signal.SIGTERM)
            assert agent.wait(20) == 0

    def curl(self, url: str, body: str) -> None:
        """Another program, through the proxy."""
        authority = str(self.services.certificate.chain)
        words = ("curl", "--silent", "--show-error", "--proxy", self.proxy, "--cacert", authority)
        subprocess.run([*words, "--data", body, url], check=True, capture_output=True, timeout=30)

    @contextmanager
    def _started(self, words: Sequence[str]) -> Iterator["subprocess.Popen[bytes]"]:
        hosts = self.home / "hosts"
        hosts.write_text(f"127.0.0.1 localhost\n{ADDRESS} {' '.join(NAMES)}\n")
        apart = ("unshare", "--mount", "sh", "-c", _WITH_HOSTS, str(hosts))
        agent = subprocess.Popen([*apart, *words], env=self._environment)
        try:
            yield agent
        finally:
            agent.kill()
            agent.wait()

    def _knows_hosts(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.proxy}/proxy.pac", timeout=5) as answer:
                return SITE.encode() in answer.read()
        except OSError:
            return False

    @property
    def _environment(self) -> dict[str, str]:
        mine = {name: value for name, value in os.environ.items() if name != "SUDO_USER"}
        return {**mine, "HOME": str(self.home), "TOKTRA_AGENT_DIR": str(self.folder)}
