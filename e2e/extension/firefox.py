"""A real Firefox with the built extension, spoken to by WebDriver BiDi (https://w3c.github.io/webdriver-bidi/).

The services' names lead to this machine through a proxy that knows no other name.
"""

import asyncio
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from e2e.browser.chromium import install_packages
from e2e.browser.looking import ROOT
from e2e.extension.browsing import until
from e2e.extension.provider import Provider
from e2e.extension.serving import serving

BUILT = ROOT / "extension" / "dist" / "firefox"
NAMES = ("firefox-esr", "firefox")
MISSING = (
    "The extension's tests need Firefox 138 or later, which is not here as 'firefox' or 'firefox-esr'. "
    "On Debian: apt-get install firefox-esr"
)
GECKO_ID = "extension@toktra.dev"
OWN = "5d1c6f0e-7d3a-4f0e-9a53-2f6f0c6c1a01"
"""The origin that this profile gives the extension; else Firefox draws one."""

_LISTENS = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
_PREFERENCES: dict[str, Any] = {
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.webextensions.uuids": json.dumps({GECKO_ID: OWN}),
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.proxy.no_proxies_on": "127.0.0.1",
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.type": 1,
    "remote.active-protocols": 1,
}


class NoFirefox(Exception):
    """There is no Firefox; the message says what to install."""


class Refused(Exception):
    """The browser's own word that a command failed, or what a page's script threw."""


@dataclass
class Firefox:
    """The browser, one tab at a time."""

    line: ClientConnection
    numbers: Iterator[int]

    def call(self, method: str, **params: Any) -> Any:
        """One command, and its result."""
        number = next(self.numbers)
        self.line.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            said = json.loads(self.line.recv(timeout=60))
            if said.get("id") == number:
                break
        if said["type"] == "error":
            raise Refused(said["message"])
        return said["result"]

    def open(self, address: str) -> "Tab":
        tab = Tab(self, self.call("browsingContext.create", type="tab")["context"])
        self.call("browsingContext.navigate", context=tab.context, url=address, wait="complete")
        return tab

    def own(self, name: str) -> "Tab":
        """One of the extension's own pages."""
        return self.open(f"moz-extension://{OWN}/{name}.html")


@dataclass
class Tab:
    """One page."""

    firefox: Firefox
    context: str

    def evaluate(self, function: str, given: Any = None) -> Any:
        """What a script says, as JSON."""
        body = f"async () => JSON.stringify((await ({function})({json.dumps(given)})) ?? null)"
        said = self.firefox.call(
            "script.callFunction",
            functionDeclaration=body,
            awaitPromise=True,
            target={"context": self.context},
        )
        if said["type"] == "exception":
            raise Refused(said["exceptionDetails"]["text"])
        return json.loads(said["result"]["value"])

    def text(self) -> str:
        return str(self.evaluate("() => document.body?.innerText ?? ''"))

    def says(self, words: str) -> bool:
        """Whether it says so, soon."""
        return until(lambda: words in self.text())


@contextmanager
def firefox(profile: Path, provider: Provider) -> Iterator[Firefox]:
    """The browser with a profile of its own and the extension in it; closed afterwards."""
    program = _found()
    profile.mkdir(parents=True)
    with serving(lambda reader, writer: _pass_on(provider.port, reader, writer)) as proxy:
        wanted = {**_PREFERENCES, "network.proxy.ssl_port": proxy}
        lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in wanted.items())
        (profile / "user.js").write_text("".join(lines))
        command = [
            program,
            "--headless",
            "--no-remote",
            "--remote-debugging-port",
            "0",
            "--profile",
            str(profile),
            "--remote-allow-system-access",
        ]
        with subprocess.Popen(
            command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        ) as running:
            try:
                with connect(f"{_address(running)}/session", max_size=None) as line:
                    yield _with_extension(Firefox(line, count(1)))
            finally:
                running.terminate()


def _found() -> str:
    """Where the browser is; installed when there is none."""
    if not any(shutil.which(name) for name in NAMES):
        install_packages("firefox-esr")
    program = next((path for name in NAMES if (path := shutil.which(name))), None)
    if program is None:
        raise NoFirefox(MISSING)
    return program


def _address(running: subprocess.Popen[str]) -> str:
    assert running.stderr is not None
    for said in running.stderr:
        if found := _LISTENS.search(said):
            return found.group(1)
    raise NoFirefox(f"Firefox ended with {running.wait()} before it could be spoken to.")


def _with_extension(browser: Firefox) -> Firefox:
    browser.call("session.new", capabilities={"alwaysMatch": {"acceptInsecureCerts": True}})
    browser.call("webExtension.install", extensionData={"type": "path", "path": str(BUILT)})
    return browser


async def _pass_on(port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A proxy (RFC 9110, CONNECT) behind which every name with a certificate here is this machine."""
    asked = await reader.readuntil(b"\r\n\r\n")
    if not asked.startswith(b"CONNECT "):
        writer.write(b"HTTP/1.1 501 Not Implemented\r\n\r\n")
        return
    far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    back = asyncio.create_task(_copy(far_reader, writer))
    try:
        await _copy(reader, far_writer)
    finally:
        back.cancel()
        far_writer.transport.abort()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while some := await reader.read(65_536):
            writer.write(some)
            await writer.drain()
    writer.close()
