"""Policies and who is told, from the first click to the last, with the worker at work."""

import re
import subprocess
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from e2e.browser.api import Api
from e2e.browser.conftest import Visit
from e2e.browser.watching import Watch
from e2e.installation import Installation, toktra

LONG = 60_000


@pytest.fixture(scope="module", autouse=True)
def worker(company: Installation) -> Iterator[None]:
    process = subprocess.Popen(toktra("worker"), env=company.environment)
    yield
    process.terminate()
    process.wait(40)


def test_a_policy_is_tried_while_it_is_written_and_acts_once_published(visit: Visit, api: Api) -> None:
    page = visit("admin", "/policies/new")
    page.get_by_label("Name", exact=False).first.fill("Evenings with large models")
    choose(page, "Fires when", "Department threshold")
    page.get_by_label("Tokens", exact=False).first.fill("1")
    tree = page.get_by_role("group", name="All of these")
    tree.get_by_role("button", name="Add a condition").click()
    choose(page, "What is looked at", "Tokens of the request")
    tree.get_by_role("textbox", name="Tokens").fill("2000")
    expect(page.get_by_role("status").filter(has_text="It would have fired")).to_be_visible(timeout=LONG)
    expect(page.get_by_text("Events that would have fired it").first).to_be_visible()
    page.get_by_role("button", name="Keep the draft").click()
    expect(page.get_by_role("heading", name="Evenings with large models")).to_be_visible()
    page.get_by_role("button", name="Publish").click()
    page.get_by_role("dialog", name="Publish this policy?").get_by_role("button", name="Publish").click()
    expect(page.get_by_text("published", exact=True).first).to_be_visible()
    (made,) = (one for one in api.get("/v1/policies")["items"] if one["name"] == "Evenings with large models")
    assert made["status"] == "published"
    assert made["conditions"]["conditions"][0]["value"] == 2_000
    api.post(f"/v1/policies/{made['id']}/disable", {})


def test_a_receiver_is_added_tested_and_archived(visit: Visit, watch: Watch) -> None:
    watch.expect("422 .*/v1/webhooks")
    page = visit("admin", "/integrations")
    page.get_by_role("button", name="Add a receiver").click()
    form = page.get_by_role("dialog", name="A new receiver")
    form.get_by_label("Name", exact=False).first.fill("On call")
    form.get_by_label("Address", exact=False).fill("https://127.0.0.1/hook")
    form.get_by_role("button", name="Add it").click()
    expect(form.get_by_text("do not go to private", exact=False)).to_be_visible()
    form.get_by_label("Address", exact=False).fill("https://receiver.invalid/hook")
    form.get_by_role("checkbox", name="New incidents").check()
    form.get_by_role("button", name="Add it").click()
    secret = page.get_by_role("dialog", name="The receiver's secret")
    expect(secret.get_by_test_id("secret")).to_have_text(re.compile(r"whsec_\S{40,}"))
    secret.get_by_role("button", name="I have kept it").click()
    page.get_by_role("link", name="On call").click()
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_role("row").filter(has_text="webhook.test")).to_be_visible()
    tried(page)
    page.get_by_role("button", name="Archive").click()
    page.get_by_role("dialog").get_by_role("button", name="Archive").click()
    expect(page.get_by_role("heading", name="Integrations")).to_be_visible()
    expect(page.get_by_role("link", name="On call")).to_have_count(0)


def test_mails_are_ended_and_begun_again_under_account(visit: Visit) -> None:
    page = visit("member", "/account")
    choice = page.get_by_role("switch", name="Alerts that you can act on")
    expect(choice).to_be_checked()
    choice.click(force=True)
    expect(choice).not_to_be_checked()
    page.reload()
    expect(choice).not_to_be_checked()
    choice.click(force=True)
    expect(choice).to_be_checked()
    page.reload()
    expect(choice).to_be_checked()


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label).or_(page.get_by_label(label, exact=True)).first.click()
    page.get_by_role("option", name=option, exact=True).click()


def tried(page: Page) -> None:
    """The log, opened until it says what became of the first try."""
    for _ in range(60):
        page.reload()
        page.get_by_role("table", name="Messages").wait_for()
        if page.get_by_text("no such host").count():
            return
        page.wait_for_timeout(500)
    pytest.fail("it was never tried")
