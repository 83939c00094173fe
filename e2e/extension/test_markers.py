"""A marker in bodies, headers, cookies, addresses and page text: the extension neither has nor says it."""

from pathlib import Path

from e2e.extension.browsing import ID
from e2e.extension.provider import MARKER, Provider
from e2e.extension.scripts import BY_EVENTS, BY_SOCKET, BY_XHR, KEPT, LISTEN, SENT
from e2e.extension.someone import API, ASKING, SITE, Someone

HEADERS = {"Authorization": f"Bearer {MARKER}", "X-Note": MARKER}


def test_content_is_in_no_storage_message_or_traffic(alone: Someone, services: Provider) -> None:
    alone.cap(1_000_000)
    alone.browsing.worker.evaluate(LISTEN)
    page = alone.browsing.open(SITE)
    assert MARKER in page.inner_text("body")
    assert MARKER in page.evaluate("() => document.cookie")
    page.evaluate(SENT, [f"{ASKING}?bytes=900&note={MARKER}", f"{MARKER} body", HEADERS])
    page.evaluate(BY_XHR, [f"{ASKING}?bytes=900&note={MARKER}", f"{MARKER} body"])
    page.evaluate(BY_EVENTS, [f"{ASKING}?events=4&note={MARKER}", 4])
    page.evaluate(BY_SOCKET, [f"wss://{API}/v1/realtime?note={MARKER}", f"{MARKER} message", 3])
    assert len(alone.events(4)) == 4
    worker = alone.browsing.worker
    heard = worker.evaluate("() => JSON.stringify(self.heard)")
    assert heard.count('"ask"') == heard.count('"end"') == 4
    for what in (heard, worker.evaluate(KEPT), alone.line.said.decode("latin-1")):
        assert ASKING in what
        assert MARKER not in what
    alone.browsing.context.close()
    files = own_files(alone.browsing.profile)
    assert files
    assert [str(file) for file in files if MARKER.encode() in file.read_bytes()] == []


def own_files(profile: Path) -> list[Path]:
    """Every file in which the browser keeps something for the extension."""
    folders = [one for one in profile.rglob("*") if one.is_dir() and ID in one.name]
    return [file for folder in folders for file in folder.rglob("*") if file.is_file()]
