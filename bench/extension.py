"""How long a request waits for its budget in a real browser: with a good line to the server, and with bad ones."""

from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any

from e2e.extension.browsing import browsing
from e2e.extension.line import Quality
from e2e.extension.provider import providing
from e2e.extension.scripts import SENT
from e2e.extension.someone import ASKING, NAMES, SITE, Someone, enrolled
from e2e.installation import installation
from playwright.sync_api import Page, sync_playwright

REQUESTS = 200
BAD_REQUESTS = 20
TIGHT, AMPLE = 2_000_000, 2_000_000_000_000
QUALITIES: tuple[Quality, ...] = ("slow", "hanging", "gone")
QUESTION = [f"{ASKING}?bytes=500", "x" * 40_000]


def run() -> dict[str, Any]:
    """Milliseconds from the page's call to the browser's own start of the request."""
    with (
        TemporaryDirectory(prefix="toktra-") as folder,
        sync_playwright() as playwright,
        installation() as company,
        providing(Path(folder), NAMES) as services,
        browsing(playwright, Path(folder) / "profile", services, NAMES) as browser,
        enrolled(company, browser) as person,
    ):
        budget = person.cap(TIGHT)
        page = browser.open(SITE)
        waits(page, 20)
        found = {"asked each time": summary(waits(page, REQUESTS))}
        person.limit(budget, AMPLE)
        waits(page, 1)
        found["room is ample"] = summary(waits(page, REQUESTS))
        return {**found, **{f"server {quality}": badly(person, page, quality) for quality in QUALITIES}}


def badly(person: Someone, page: Page, quality: Quality) -> dict[str, float]:
    person.line.quality = quality
    person.forget_answer()
    try:
        return summary(waits(page, BAD_REQUESTS))
    finally:
        person.line.quality = "good"


def waits(page: Page, many: int) -> list[float]:
    return [float(page.evaluate(SENT, QUESTION)["waited"]) for _ in range(many)]


def summary(waited: list[float]) -> dict[str, float]:
    return {
        "requests": len(waited),
        "median_ms": round(median(waited), 1),
        "p95_ms": round(quantiles(waited, n=20)[-1], 1),
        "most_ms": round(max(waited), 1),
    }
