"""The popup and the settings: usable by everyone, light and dark, and true."""

import os
from pathlib import Path
from typing import Literal

import pytest

from e2e.browser.looking import ROOT, axe_findings, not_reached_by_tab, too_wide
from e2e.extension.browsing import until
from e2e.extension.scripts import SENT
from e2e.extension.someone import ASKING, BUDGET, SITE, Someone
from e2e.installation import Installation

PICTURES = ROOT / "docs" / "pictures"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_popup_says_where_someone_stands(
    someone: Someone, scheme: Literal["light", "dark"], tmp_path: Path
) -> None:
    someone.cap(40_000)
    someone.browsing.open(SITE).evaluate(SENT, [f"{ASKING}?bytes=9000", "a question"])
    assert until(lambda: someone.browsing.shown()["sent"])
    popup = someone.browsing.own("popup")
    popup.emulate_media(color_scheme=scheme)
    popup.set_viewport_size({"width": 360, "height": 540})
    popup.get_by_text(f"Signed in as {someone.email}").wait_for()
    assert f"left in {BUDGET}" in popup.inner_text("main")
    assert popup.get_by_role("button", name="Turn on").is_disabled()
    folder = PICTURES if os.environ.get("TOKTRA_PICTURES") == "1" else tmp_path
    popup.screenshot(path=folder / f"extension-popup-{scheme}.png", animations="disabled")
    popup.get_by_text("What is sent").click()
    assert f'"endpoint": "{ASKING}"' in popup.inner_text("pre")
    assert axe_findings(popup) == []
    assert not_reached_by_tab(popup) == []


def test_the_popup_says_what_became_of_requests_for_more(someone: Someone) -> None:
    someone.cap(10)
    asked = {"user_id": someone.user_id, "reason": "a sprint", "tokens": 50_000}
    made = someone.api.post("/v1/budget-exemptions", asked)
    popup = someone.browsing.own("popup")
    popup.get_by_text("50 k tokens").wait_for()
    assert "waits for an answer" in popup.inner_text("main")
    someone.api.post(f"/v1/budget-exemptions/{made['id']}/deny", {"notes": "Ask again in May"})
    popup.reload()
    popup.get_by_text("Ask again in May").wait_for()
    assert "denied" in popup.inner_text("main")
    assert axe_findings(popup) == []


def test_in_privacy_hours_the_popup_asks_nothing(someone: Someone) -> None:
    someone.cap(10)
    popup = someone.browsing.own("popup")
    popup.get_by_role("button", name="For the next hour").click()
    popup.get_by_text("In force until").wait_for()
    asked = someone.line.said.count(b"/v1/devices/me/exemptions")
    popup.reload()
    popup.get_by_text("In force until").wait_for()
    popup.evaluate("() => chrome.runtime.sendMessage({kind: 'exemptions'})")
    assert someone.line.said.count(b"/v1/devices/me/exemptions") == asked
    popup.get_by_role("button", name="End now").click()
    popup.get_by_text("Not in use.").wait_for()


def test_a_browser_that_is_enrolled_anew_sends_first_what_waits(someone: Someone) -> None:
    page = someone.browsing.open(SITE)
    someone.line.quality = "gone"
    page.evaluate(SENT, [f"{ASKING}?bytes=900", "a question"])
    assert until(lambda: someone.browsing.shown()["waiting"]) == 1
    someone.line.quality = "good"
    enrol_anew(someone)
    assert [one["response_bytes"] for one in someone.events(1)] == [900]
    assert someone.browsing.shown()["dropped"] == {}


def test_what_cannot_be_sent_before_enrolling_anew_is_counted(
    someone: Someone, company: Installation
) -> None:
    page = someone.browsing.open(SITE)
    someone.line.quality = "gone"
    page.evaluate(SENT, [f"{ASKING}?bytes=900", "a question"])
    assert until(lambda: someone.browsing.shown()["waiting"]) == 1
    token = someone.api.post("/v1/enrollment-tokens", {})["token"]
    someone.browsing.enrol(company.url, token, someone.email)
    assert someone.browsing.shown()["dropped"] == {"not sent before this browser was enrolled anew": 1}
    assert someone.events() == []


def enrol_anew(someone: Someone) -> None:
    token = someone.api.post("/v1/enrollment-tokens", {})["id"]
    code = someone.api.post(f"/v1/enrollment-tokens/{token}/code", {})["code"]
    someone.browsing.enrol(someone.line.url, code.lower(), someone.email)


def test_privacy_hours_are_written_as_people_write_them(someone: Someone) -> None:
    settings = someone.browsing.own("options")
    settings.get_by_label("Add a window").fill("lunch")
    settings.get_by_role("button", name="Add").click()
    settings.get_by_text('"lunch" is not a window of time').wait_for()
    settings.get_by_label("Add a window").fill("mon-fri 12:00 - 12:01")
    settings.get_by_role("button", name="Add").click()
    settings.get_by_role("button", name="Remove Mon-Fri 12:00-12:01").wait_for()
    assert until(lambda: in_use(someone))
    assert axe_findings(settings) == []
    assert not_reached_by_tab(settings) == []
    assert too_wide(settings) == []
    settings.get_by_role("button", name="Remove Mon-Fri 12:00-12:01").click()
    assert until(lambda: not in_use(someone))


def test_a_refused_enrolment_says_why_and_changes_nothing(someone: Someone) -> None:
    settings = someone.browsing.own("options")
    settings.get_by_label("Server or link").fill(
        f"{someone.line.url}/#token=tk_enr_wrong&email={someone.email}"
    )
    assert settings.get_by_label("Enrolment code or token").input_value() == "tk_enr_wrong"
    settings.get_by_role("button", name="Enrol", exact=True).click()
    settings.get_by_text("This enrolment token or code is unknown, expired, revoked or used up.").wait_for()
    assert someone.browsing.shown()["enrolled"]["email"] == someone.email


def in_use(someone: Someone) -> bool:
    """What admins see of Privacy Hours: that they are in use."""
    (device,) = someone.api.get("/v1/devices", user_id=someone.user_id)["items"]
    return bool(device["privacy_hours_in_use"])
