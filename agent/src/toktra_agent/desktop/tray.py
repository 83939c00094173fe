"""The tray: a thin shell that shows the menu's data and keeps what is chosen in it."""

import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from toktra_agent.core.mode import NoPersonalLedger
from toktra_agent.desktop.menu import Item, Known, menu
from toktra_agent.desktop.words import standing_text
from toktra_agent.store import choices, status
from toktra_agent.store.folder import is_running
from toktra_agent.store.spool_file import Damaged, Unwritable, last_sent

REFRESH_SECONDS = 5.0
_INSTEAD = "`toktra-agent status` and `toktra-agent privacy-hours` do the same in a terminal."


class NoTray(Exception):
    """There is no desktop to show a tray on. The message says what there is instead."""


def show(folder: Path) -> None:
    """Until it is closed. NoTray where there is no desktop."""
    pystray, icon = _icon(folder)
    ended = threading.Event()

    def keep_fresh(shown: Any) -> None:
        shown.visible = True
        while not ended.wait(REFRESH_SECONDS):
            shown.title = _title(folder)
            shown.update_menu()

    icon.menu = pystray.Menu(lambda: _entries(pystray, folder, icon))
    signal.signal(signal.SIGINT, lambda *_: icon.stop())
    try:
        icon.run(setup=keep_fresh)
    finally:
        ended.set()


def _icon(folder: Path) -> tuple[Any, Any]:
    """pystray looks for a display while it is imported; on bare X11 it knows no menus."""
    try:
        import pystray

        icon = pystray.Icon("toktra-agent", _picture(), _title(folder))
    except Exception as none:
        raise NoTray(f"There is no desktop here to show a tray on. {_INSTEAD}") from none
    if not icon.HAS_MENU:
        raise NoTray(
            "This desktop shows trays only with gir1.2-ayatanaappindicator3-0.1 and python3-gi installed. "
            f"{_INSTEAD}"
        )
    return pystray, icon


def _entries(pystray: Any, folder: Path, icon: Any) -> list[Any]:
    now = datetime.now(UTC)
    known = Known(status.read(folder), is_running(folder), _sent(folder))
    items = menu(known, choices.load(folder), NoPersonalLedger(), now)
    entries = [_entry(pystray, item, folder, icon) for item in items]
    return [*entries, pystray.Menu.SEPARATOR, pystray.MenuItem("Close", lambda: icon.stop())]


def _sent(folder: Path) -> list[bytes]:
    """None where the file cannot be read now: the rest of the menu works all the same."""
    try:
        return last_sent(folder)
    except (Damaged, Unwritable):
        return []


def _entry(pystray: Any, item: Item, folder: Path, icon: Any) -> Any:
    if item.items:
        inside = pystray.Menu(*(_entry(pystray, one, folder, icon) for one in item.items))
        return pystray.MenuItem(item.text, inside)
    shown: dict[str, Any] = {"enabled": item.chooses is not None}
    if item.checked is not None:
        shown["checked"] = lambda _entry: item.checked
    return pystray.MenuItem(item.text, _choosing(item, folder, icon), **shown)


def _choosing(item: Item, folder: Path, icon: Any) -> Callable[[], None]:
    def choose() -> None:
        if item.chooses is not None:
            choices.save(folder, item.chooses)
            icon.update_menu()

    return choose


def _title(folder: Path) -> str:
    now = datetime.now(UTC)
    return f"Toktra: {standing_text(status.read(folder), is_running(folder), choices.load(folder), now)}"


def _picture() -> Any:
    """A ring with a bar in it: something is counted."""
    from PIL import Image, ImageDraw

    picture = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    pen.ellipse((4, 4, 60, 60), outline=(11, 107, 114, 255), width=8)
    pen.rectangle((28, 20, 36, 44), fill=(11, 107, 114, 255))
    return picture
