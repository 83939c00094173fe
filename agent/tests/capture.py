"""Takes the client hellos in `hellos/`: `python agent/tests/capture.py`, with the clients on the PATH.

Each client asks for https://api.openai.com/ and is led to a socket of this program, which answers nothing.
What it sent first is kept as it came: the first bytes of a TCP connection, or one file for each datagram.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from clients import CLIENTS, Client

HELLOS = Path(__file__).with_name("hellos")
README = HELLOS / "README.md"
WAIT_SECONDS = 150
QUIET_SECONDS = 0.3
MOST_DATAGRAMS = 4


def main(wanted: list[str]) -> None:
    """All clients, or those named."""
    for client in CLIENTS:
        if not wanted or client.name in wanted:
            print(client.name, *(f"{path.name}: {path.stat().st_size} bytes" for path in taken(client)))


def taken(client: Client) -> list[Path]:
    """Run one client and keep what it sent."""
    kind = socket.SOCK_DGRAM if client.quic else socket.SOCK_STREAM
    with socket.socket(socket.AF_INET, kind) as here, tempfile.TemporaryDirectory() as folder:
        here.bind(("127.0.0.1", 0))
        here.settimeout(WAIT_SECONDS)
        places = {"port": here.getsockname()[1], "folder": folder}
        for name, text in client.files.items():
            Path(folder, name).write_text(text.format(**places) if "{port}" in text else text)
        running = started(client.command.format(**places), folder)
        try:
            sent = datagrams(here) if client.quic else [first_bytes(here)]
        finally:
            with suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGKILL)
            running.wait()
    return kept(client, sent)


def words(command: str) -> list[str]:
    return [word.replace("~", " ") for word in command.split()]


def started(command: str, folder: str) -> "subprocess.Popen[bytes]":
    quiet = subprocess.DEVNULL
    surroundings = {**os.environ, "HOME": folder}
    return subprocess.Popen(
        words(command), stdout=quiet, stderr=quiet, start_new_session=True, env=surroundings
    )


def first_bytes(here: socket.socket) -> bytes:
    """What the first client that says anything says until it waits."""
    here.listen()
    came = b""
    while not came:
        there, _ = here.accept()
        there.settimeout(WAIT_SECONDS)
        with there, suppress(TimeoutError):
            while more := there.recv(65_536):
                came += more
                there.settimeout(QUIET_SECONDS)
    return came


def datagrams(here: socket.socket) -> list[bytes]:
    """The first datagrams, all of which are from one client; those sent again are left out."""
    came = [here.recv(65_536)]
    here.settimeout(QUIET_SECONDS / 3)
    with suppress(TimeoutError):
        while len(came) < MOST_DATAGRAMS:
            came.append(here.recv(65_536))
    return came


def kept(client: Client, sent: list[bytes]) -> list[Path]:
    """As files, with a line of the README on what sent them."""
    names = (
        [f"{client.name}.{at}.bin" for at in range(1, len(sent) + 1)]
        if client.quic
        else [f"{client.name}.bin"]
    )
    for old in HELLOS.glob(f"{client.name}.*"):
        old.unlink()
    for name, octets in zip(names, sent, strict=True):
        (HELLOS / name).write_bytes(octets)
    version = subprocess.run(words(client.version), capture_output=True, text=True, check=True).stdout
    describe(client, version.splitlines()[0])
    return [HELLOS / name for name in names]


def describe(client: Client, version: str) -> None:
    """Anew or in place of the line before."""
    command = client.command.replace("~", " ")
    line = f"| `{client.name}` | {version} | `{command}` | {datetime.now(UTC).date()} |"
    lines = README.read_text().splitlines()
    others = [each for each in lines if not each.startswith(f"| `{client.name}` |")]
    README.write_text("\n".join([*others, line]) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
