"""The clients whose hellos are taken, and how each is led to a socket on this machine."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

URL = "https://api.openai.com/"
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
