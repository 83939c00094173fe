"""Looking at a page: whether it is there, can be used by everyone, and fits."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Error, Page, ViewportSize

ROOT = Path(__file__).parents[2]
AXE = ROOT / "dashboard" / "node_modules" / "axe-core" / "axe.min.js"
WIDE: ViewportSize = {"width": 1440, "height": 900}
NARROW: ViewportSize = {"width": 390, "height": 844}

# A waiting part is a tall status without words (its spinner comes later), or one with a spinner.
_SETTLED = """() => document.querySelector("h1") !== null
    && document.querySelector("[aria-label=Loading]") === null
    && [...document.querySelectorAll("[role=status]")]
        .every((one) => one.offsetHeight < 100 || one.textContent.trim() !== "")"""
_AXE = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
    .filter(({impact}) => impact === "serious" || impact === "critical")
    .flatMap(({id, nodes}) =>
        nodes.map(({html, failureSummary}) => `${id}: ${html.slice(0, 200)} ${failureSummary}`))"""
# Of a group of radio buttons only one is in the way of the Tab key: the chosen one, or one of them.
_FOCUSABLE = """() => {
    const group = (one) => one.type === "radio" && one.name ? one.name : null;
    const controls = "a[href], button, input, select, textarea, summary, [tabindex]";
    const all = [...document.querySelectorAll(controls)]
        .filter((one) => one.tabIndex >= 0 && !one.matches(":disabled") && !one.closest("[inert]")
            && one.checkVisibility({visibilityProperty: true}));
    const reached = new Set();
    document.addEventListener("focusin", ({target}) => reached.add(group(target) ?? target));
    document.activeElement?.blur();
    window.notReached = () => all.filter((one) => one.isConnected && !reached.has(group(one) ?? one))
        .map((one) => one.outerHTML.slice(0, 200));
    return all.length;
}"""
# One without an end is not waited for.
_ANIMATED = """() => Promise.allSettled(document.getAnimations()
    .filter(({effect}) => effect.getComputedTiming().endTime !== Infinity).map(({finished}) => finished))"""
_FITS = "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"
_TOO_WIDE = """() => [...document.body.querySelectorAll("*")]
    .filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .map((one) => one.outerHTML.slice(0, 120)).slice(0, 10)"""


def settle(page: Page) -> None:
    """Wait until everything the page waits for is there."""
    page.wait_for_function(_SETTLED)


def shown_in(page: Page, scheme: str) -> None:
    """Change to light or dark at once: colours on their way from one to the other are neither."""
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    page.wait_for_function(f"() => document.documentElement.dataset.mantineColorScheme === '{scheme}'")
    page.evaluate(_ANIMATED)


def axe_findings(page: Page) -> list[str]:
    """What keeps people out, serious and critical, by axe-core."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text())
    return list(page.evaluate(_AXE))


def not_reached_by_tab(page: Page) -> list[str]:
    """Controls in view of which the Tab key, pressed once for each and some more, reaches none."""
    controls: int = page.evaluate(_FOCUSABLE)
    left: Any = [None]
    for _ in range(2):
        for _ in range(controls + 5):
            page.keyboard.press("Tab")
        if not (left := page.evaluate("() => notReached()")):
            break
    return list(left)


def too_wide(page: Page) -> list[str]:
    """What makes the page scroll sideways, once it has had the time to fit; nothing when it does not."""
    try:
        page.wait_for_function(_FITS, timeout=3_000)
    except Error:  # it has not become true in time
        return list(page.evaluate(_TOO_WIDE))
    return []
