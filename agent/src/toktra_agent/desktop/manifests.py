"""How browsers find the native messaging host: a manifest for each browser, and a small script that it names.

B1: a manifest lets in the extensions that were named, and no others.
"""

import json
import re
from collections.abc import Sequence
from pathlib import PurePath
from typing import Final

from toktra_agent.core.browsers import Browser
from toktra_agent.desktop.plan import Command, File, Plan, Site
from toktra_agent.store.liveness import NATIVE_HOST

HOST: Final = "dev.toktra.agent"
_CHROME_ID: Final = re.compile(r"[a-p]{32}")
_FIREFOX_ID: Final = re.compile(r"[\w.+-]*@[\w.-]+|\{[0-9a-fA-F-]{36}\}")
_LINUX: Final[dict[Browser, str]] = {
    "chrome": ".config/google-chrome/NativeMessagingHosts",
    "chromium": ".config/chromium/NativeMessagingHosts",
    "edge": ".config/microsoft-edge/NativeMessagingHosts",
    "firefox": ".mozilla/native-messaging-hosts",
}
_MAC: Final[dict[Browser, str]] = {
    "chrome": "Library/Application Support/Google/Chrome/NativeMessagingHosts",
    "chromium": "Library/Application Support/Chromium/NativeMessagingHosts",
    "edge": "Library/Application Support/Microsoft Edge/NativeMessagingHosts",
    "firefox": "Library/Application Support/Mozilla/NativeMessagingHosts",
}
_WINDOWS: Final[dict[Browser, str]] = {
    "chrome": r"HKCU\Software\Google\Chrome\NativeMessagingHosts",
    "chromium": r"HKCU\Software\Chromium\NativeMessagingHosts",
    "edge": r"HKCU\Software\Microsoft\Edge\NativeMessagingHosts",
    "firefox": r"HKCU\Software\Mozilla\NativeMessagingHosts",
}


class NotAnExtension(ValueError):
    """What was given is no extension's id."""


def manifests(site: Site, extension_ids: Sequence[str]) -> Plan:
    """For every browser that one of these extensions can run in. NotAnExtension for what is no id."""
    plans = [_for_browser(site, browser, ids) for browser, ids in _by_browser(extension_ids).items() if ids]
    return Plan(
        files=tuple(file for plan in plans for file in plan.files),
        start=tuple(command for plan in plans for command in plan.start),
        stop=tuple(command for plan in plans for command in plan.stop),
    )


def _by_browser(extension_ids: Sequence[str]) -> dict[Browser, list[str]]:
    for one in extension_ids:
        if not (_CHROME_ID.fullmatch(one) or _FIREFOX_ID.fullmatch(one)):
            raise NotAnExtension(
                f"\"{one}\" is not the id of an extension. Chrome's have 32 letters from a to p, Firefox's "
                "look like name@example.com."
            )
    chromes = [one for one in extension_ids if _CHROME_ID.fullmatch(one)]
    foxes = [one for one in extension_ids if _FIREFOX_ID.fullmatch(one)]
    return {"chrome": chromes, "chromium": chromes, "edge": chromes, "firefox": foxes}


def _for_browser(site: Site, browser: Browser, ids: Sequence[str]) -> Plan:
    script = _script(site, browser)
    manifest = File(_place(site, browser), _manifest(script.path, browser, ids))
    if site.platform != "win32":
        return Plan(files=(script, manifest))
    key = f"{_WINDOWS[browser]}\\{HOST}"
    written: Command = ("reg", "add", key, "/ve", "/t", "REG_SZ", "/d", str(manifest.path), "/f")
    return Plan(files=(script, manifest), start=(written,), stop=(("reg", "delete", key, "/f"),))


def _place(site: Site, browser: Browser) -> PurePath:
    if site.platform == "win32":
        return site.folder / NATIVE_HOST / f"{browser}.json"
    return site.home / (_LINUX if site.platform == "linux" else _MAC)[browser] / f"{HOST}.json"


def _script(site: Site, browser: Browser) -> File:
    """Browsers start a program without words of ours, so each has its own."""
    words = " ".join(f'"{word}"' for word in (*site.program, "native-host", browser))
    if site.platform == "win32":
        path = site.folder / NATIVE_HOST / f"{browser}.bat"
        return File(path, f'@echo off\r\nset "TOKTRA_AGENT_DIR={site.folder}"\r\n{words}\r\n')
    text = f"#!/bin/sh\nTOKTRA_AGENT_DIR='{site.folder}' exec {words}\n"
    return File(site.folder / NATIVE_HOST / browser, text, 0o700)


def _manifest(script: PurePath, browser: Browser, ids: Sequence[str]) -> str:
    allowed = (
        {"allowed_extensions": list(ids)}
        if browser == "firefox"
        else {"allowed_origins": [f"chrome-extension://{one}/" for one in ids]}
    )
    said = {
        "name": HOST,
        "description": "Tells Toktra's browser extension what the agent on this device knows",
        "path": str(script),
        "type": "stdio",
        **allowed,
    }
    return json.dumps(said, indent=2) + "\n"
