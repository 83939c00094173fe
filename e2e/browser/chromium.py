"""Chromium: the machine's own, else Playwright's, else installed now; never left out in silence."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
MISSING = (
    "The tests of dashboard and extension need Chromium, and it could not be installed here. Install it as "
    "'chromium' (on Debian and Ubuntu: apt-get install chromium), or run: "
    ".venv/bin/playwright install chromium"
)
QUIET = ("--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run")


class NoChromium(Exception):
    """There is no Chromium; the message says what to install."""


@contextmanager
def launched() -> Iterator[Browser]:
    """A browser without a window."""
    with sync_playwright() as playwright:
        executable = found(playwright)
        root = ("--no-sandbox",) if _is_root() else ()
        browser = playwright.chromium.launch(executable_path=executable, args=[*QUIET, *root])
        try:
            yield browser
        finally:
            browser.close()


def found(playwright: Playwright) -> str:
    """Where the browser is; installed when there is none."""
    own = playwright.chromium.executable_path
    for install in (_nothing, _with_apt, _with_playwright):
        install()
        if path := _on_path() or (own if Path(own).exists() else None):
            return path
    raise NoChromium(MISSING)


def _on_path() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def _nothing() -> None:
    """What is here already comes first."""


def _with_apt() -> None:
    install_packages("chromium", "fonts-dejavu-core")


def install_packages(*names: str) -> None:
    """Debian's packages, where that can be done."""
    if _is_root() and shutil.which("apt-get"):
        _run("apt-get", "update", "-qq")
        _run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *names)


def _with_playwright() -> None:
    _run(sys.executable, "-m", "playwright", "install", "chromium")


def _run(*command: str) -> None:
    """A command that may fail: what comes of it is looked at afterwards."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(command, env=environment, capture_output=True, stdin=subprocess.DEVNULL, check=False)


def _is_root() -> bool:
    return os.geteuid() == 0
