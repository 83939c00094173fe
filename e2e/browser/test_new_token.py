"""A new enrolment token: what is shown with it lets a device in as it stands."""

import os
import shlex
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from playwright.sync_api import Locator, Page, expect

from e2e.browser.conftest import Visit
from e2e.browser.visiting import DOMAIN

MANAGER = f"manager@{DOMAIN}"


def test_the_command_for_one_person_lets_their_device_in(visit: Visit, tmp_path: Path) -> None:
    shown = made(visit("admin", "/devices?tab=tokens"), MANAGER)
    token = shown.get_by_test_id("secret").inner_text().strip()
    link = f"/#{urlencode({'token': token, 'email': MANAGER})}"
    expect(shown.get_by_text(link)).to_be_visible()
    program, *words = shlex.split(shown.get_by_text("toktra-agent enroll").inner_text())
    assert program == "toktra-agent"
    environment = {**os.environ, "TOKTRA_AGENT_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "toktra_agent.cli", *words]
    said = subprocess.check_output(command, env=environment, text=True)
    assert f"enrolled for {MANAGER}" in said


def test_a_short_code_stands_for_the_token(visit: Visit, tmp_path: Path) -> None:
    page = visit("admin", "/devices?tab=tokens")
    shown = made(page, MANAGER)
    shown.get_by_role("button", name="Make a short code").click()
    code = shown.get_by_test_id("code").inner_text().strip()
    expect(shown.get_by_text(f"/#{urlencode({'code': code, 'email': MANAGER})}")).to_be_visible()
    environment = {**os.environ, "TOKTRA_AGENT_DIR": str(tmp_path)}
    server = f"{urlsplit(page.url).scheme}://{urlsplit(page.url).netloc}"
    words = ["enroll", server, "--token", code.lower(), "--email", MANAGER]
    command = [sys.executable, "-m", "toktra_agent.cli", *words]
    assert f"enrolled for {MANAGER}" in subprocess.check_output(command, env=environment, text=True)


def test_where_it_is_for_anyone_it_says_where_the_e_mail_goes(visit: Visit) -> None:
    shown = made(visit("admin", "/devices?tab=tokens"), "")
    expect(shown.get_by_text("--email EMAIL")).to_be_visible()
    expect(shown.get_by_text("in place of EMAIL")).to_be_visible()


def made(page: Page, email: str) -> Locator:
    """The window that shows a new token."""
    page.get_by_role("button", name="New enrolment token").click()
    form = page.get_by_role("dialog", name="New enrolment token")
    form.get_by_label("For one person").fill(email)
    form.get_by_role("button", name="Make the token").click()
    return page.get_by_role("dialog", name="The enrolment token")
