"""Browsers find the agent, and let in only the extensions that were named (B1)."""

import json
from pathlib import PurePosixPath, PureWindowsPath

import pytest

from toktra_agent.desktop.manifests import NotAnExtension, manifests
from toktra_agent.desktop.plan import Site

CHROME = "abcdefghijklmnopabcdefghijklmnop"
FIREFOX = "extension@toktra.example.com"
HOME = PurePosixPath("/home/ada")
LINUX = Site("linux", ("/usr/bin/toktra-agent",), HOME / "agent", HOME, "ada", 1000, "127.0.0.1:7557")
WINDOWS = Site(
    "win32",
    (r"C:\Toktra\toktra-agent.exe",),
    PureWindowsPath(r"C:\Users\ada\agent"),
    PureWindowsPath(r"C:\Users\ada"),
    "ada",
    0,
    "127.0.0.1:7557",
)


def test_a_manifest_and_a_script_for_every_browser_of_the_id() -> None:
    files = {str(file.path): file for file in manifests(LINUX, [CHROME, FIREFOX]).files}
    assert set(files) == {
        "/home/ada/agent/native-host/chrome",
        "/home/ada/agent/native-host/chromium",
        "/home/ada/agent/native-host/edge",
        "/home/ada/agent/native-host/firefox",
        "/home/ada/.config/google-chrome/NativeMessagingHosts/dev.toktra.agent.json",
        "/home/ada/.config/chromium/NativeMessagingHosts/dev.toktra.agent.json",
        "/home/ada/.config/microsoft-edge/NativeMessagingHosts/dev.toktra.agent.json",
        "/home/ada/.mozilla/native-messaging-hosts/dev.toktra.agent.json",
    }
    script = files["/home/ada/agent/native-host/firefox"]
    assert script.text.endswith('exec "/usr/bin/toktra-agent" "native-host" "firefox"\n')
    assert script.mode == 0o700


def test_a_manifest_lets_in_what_was_named() -> None:
    chrome, firefox = (json.loads(manifests(LINUX, [one]).files[-1].text) for one in (CHROME, FIREFOX))
    assert chrome["allowed_origins"] == [f"chrome-extension://{CHROME}/"]
    assert "allowed_extensions" not in chrome
    assert firefox["allowed_extensions"] == [FIREFOX]
    assert "allowed_origins" not in firefox
    assert {chrome["name"], firefox["name"]} == {"dev.toktra.agent"}
    assert {chrome["type"], firefox["type"]} == {"stdio"}


def test_on_windows_the_registry_says_where_the_manifest_is() -> None:
    plan = manifests(WINDOWS, [FIREFOX])
    assert [str(file.path) for file in plan.files] == [
        r"C:\Users\ada\agent\native-host\firefox.bat",
        r"C:\Users\ada\agent\native-host\firefox.json",
    ]
    key = r"HKCU\Software\Mozilla\NativeMessagingHosts\dev.toktra.agent"
    assert plan.start == (
        (
            "reg",
            "add",
            key,
            "/ve",
            "/t",
            "REG_SZ",
            "/d",
            r"C:\Users\ada\agent\native-host\firefox.json",
            "/f",
        ),
    )
    assert plan.stop == (("reg", "delete", key, "/f"),)


def test_without_an_extension_there_is_nothing_to_write() -> None:
    assert manifests(LINUX, []).files == ()


@pytest.mark.parametrize(
    "wrong", ["", "*", "abc", CHROME[:-1], CHROME.upper(), f"{CHROME}/", 'a"b@c', "https://x"]
)
def test_what_is_no_id_is_refused(wrong: str) -> None:
    with pytest.raises(NotAnExtension):
        manifests(LINUX, [CHROME, wrong])
