"""A notice on the desktop, by what the platform brings. One that cannot be shown is no trouble.

O1: texts go to the platform's program as arguments or input, never as code.
"""

import os
import shutil
import subprocess
import sys
from typing import Final

LONGEST: Final = 400
_PATIENCE: Final = 5

_OSASCRIPT = (
    "on run argv",
    "display notification (item 2 of argv) with title (item 1 of argv)",
    "end run",
)
_TOAST = r"""
[void][Windows.UI.Notifications.ToastNotificationManager,Windows.UI.Notifications,ContentType=WindowsRuntime]
$toasts = [Windows.UI.Notifications.ToastNotificationManager]
$content = $toasts::GetTemplateContent([Windows.UI.Notifications.ToastTemplateType]::ToastText02)
$texts = $content.GetElementsByTagName('text')
[void]$texts.Item(0).AppendChild($content.CreateTextNode($env:TOKTRA_NOTICE_TITLE))
[void]$texts.Item(1).AppendChild($content.CreateTextNode($env:TOKTRA_NOTICE_TEXT))
$shown = [Windows.UI.Notifications.ToastNotification]::new($content)
$toasts::CreateToastNotifier('Toktra').Show($shown)
"""


def notify(title: str, text: str) -> bool:
    """Whether it was handed to the desktop. Waits up to 5 seconds: call it from a thread."""
    title, text = _plain(title), _plain(text)
    environment = {**os.environ, "TOKTRA_NOTICE_TITLE": title, "TOKTRA_NOTICE_TEXT": text}
    words = command(sys.platform, title, text)
    return shutil.which(words[0]) is not None and _run(words, environment)


def command(platform: str, title: str, text: str) -> list[str]:
    """The platform's own program that shows a notice (O1)."""
    if platform == "darwin":
        script = [word for line in _OSASCRIPT for word in ("-e", line)]
        return ["osascript", *script, "--", title, text]
    if platform == "win32":
        return ["powershell", "-NoProfile", "-NonInteractive", "-Command", _TOAST]
    return ["notify-send", "--app-name=Toktra", "--icon=dialog-information", "--", title, text]


def _plain(text: str) -> str:
    """One line, bounded, without what a desktop could take for markup."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line[:LONGEST].replace("&", "and").replace("<", "‹").replace(">", "›")


def _run(words: list[str], environment: dict[str, str]) -> bool:
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program with the texts as arguments
            words, env=environment, timeout=_PATIENCE, capture_output=True, check=False
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
