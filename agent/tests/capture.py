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
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

HELLOS = Path(__file__).with_name("hellos")
README = HELLOS / "README.md"
URL = "https://api.openai.com/"
WAIT_SECONDS = 150
QUIET_SECONDS = 0.3
MOST_DATAGRAMS = 4

PYTHON = """
import socket, ssl
context = ssl.create_default_context()
context.set_alpn_protocols(["http/1.1"])
context.wrap_socket(socket.create_connection(("127.0.0.1", {port})), server_hostname="api.openai.com")
"""
LIBCURL = """
import pycurl
curl = pycurl.Curl()
curl.setopt(pycurl.URL, "https://api.openai.com/")
curl.setopt(pycurl.CONNECT_TO, ["api.openai.com:443:127.0.0.1:{port}"])
curl.setopt(pycurl.HTTP_VERSION, {http})
curl.perform()
"""
NODE = """
require("https").get({{host: "127.0.0.1", port: {port}, servername: "api.openai.com",
  headers: {{host: "api.openai.com"}}}}).on("error", () => {{}})
"""
GO = """
package main
import ("context"; "net"; "net/http")
func main() {{
  there := func(ctx context.Context, network, address string) (net.Conn, error) {{
    return net.Dial("tcp", "127.0.0.1:{port}")
  }}
  client := http.Client{{Transport: &http.Transport{{DialContext: there, ForceAttemptHTTP2: true}}}}
  client.Get("https://api.openai.com/")
}}
"""
FIREFOX = """
user_pref("network.dns.localDomains", "api.openai.com");
user_pref("network.http.http3.alt-svc-mapping-for-testing", "{mapped}");
"""
CHROMIUM = (
    "chromium --headless --no-sandbox --disable-gpu --user-data-dir={folder}/profile "
    "--host-resolver-rules=MAP~api.openai.com:443~127.0.0.1:{port}"
)


class Client(NamedTuple):
    """`command`: words, `~` for a space inside one. `files`: written into the folder before."""

    name: str
    version: str
    command: str
    files: Mapping[str, str] = MappingProxyType({})
    quic: bool = False


CLIENTS = [
    Client("curl-debian", "curl --version", f"curl --connect-to api.openai.com:443:127.0.0.1:{{port}} {URL}"),
    Client(
        "curl",
        "python3 -c import~pycurl;print(pycurl.version)",
        "python3 {folder}/ask.py",
        {"ask.py": LIBCURL.replace("{http}", "pycurl.CURL_HTTP_VERSION_2TLS")},
    ),
    Client(
        "curl-quic",
        "python3 -c import~pycurl;print(pycurl.version)",
        "python3 {folder}/ask.py",
        {"ask.py": LIBCURL.replace("{http}", "31")},
        quic=True,
    ),
    Client("chromium", "chromium --version", f"{CHROMIUM} {URL}"),
    Client(
        "chromium-quic",
        "chromium --version",
        f"{CHROMIUM} --enable-quic --origin-to-force-quic-on=api.openai.com:443 {URL}",
        quic=True,
    ),
    Client(
        "firefox",
        "firefox-esr --version",
        "firefox-esr --headless --profile {folder} https://api.openai.com:{port}/",
        {"user.js": FIREFOX.replace("{mapped}", "")},
    ),
    Client(
        "firefox-quic",
        "firefox-esr --version",
        "firefox-esr --headless --profile {folder} https://api.openai.com:{port}/",
        {"user.js": FIREFOX.replace("{mapped}", "api.openai.com;h3=:{port}")},
        quic=True,
    ),
    Client(
        "python",
        "python3 -c import~ssl,sys;print(sys.version.split()[0],ssl.OPENSSL_VERSION)",
        "python3 {folder}/ask.py",
        {"ask.py": PYTHON},
    ),
    Client("go", "go version", "go run {folder}/ask.go", {"ask.go": GO}),
    Client(
        "node",
        "node -p `Node.js~${process.version},~OpenSSL~${process.versions.openssl}`",
        "node {folder}/ask.js",
        {"ask.js": NODE},
    ),
]


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
