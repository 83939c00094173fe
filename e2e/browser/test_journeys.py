"""What people come to do, from the first click to the last, several of them and their devices together."""

import re
from collections.abc import Iterator

import httpx2
import pytest
from playwright.sync_api import Page, expect

from e2e.browser.api import PASSWORD, Api
from e2e.browser.conftest import Visit
from e2e.browser.looking import settle
from e2e.browser.visiting import DOMAIN, Visitors, sign_in
from e2e.installation import Installation

ADA = f"ada@{DOMAIN}"
NOTES = "Until the import is done. Ask again if it is not enough."


@pytest.fixture(scope="module")
def ada(api: Api, visitors: Visitors) -> str:
    """Somebody new, who has set a password by her invitation; her device's token."""
    token = api.invitation(api.person("Ada Okafor", ADA, department="Library"))
    with visitors.anyone() as context:
        page = context.new_page()
        page.goto(f"/welcome#token={token}")
        page.get_by_label(re.compile("^Password")).fill(PASSWORD)
        page.get_by_label(re.compile("^The same again")).fill(PASSWORD)
        page.get_by_role("button", name="Set password").click()
        page.get_by_role("navigation", name="Pages").wait_for()
        visitors.known[ADA] = context.storage_state()
    return api.device(ADA)


@pytest.fixture
def adas(visitors: Visitors, ada: str) -> Iterator[Page]:
    """Ada's browser."""
    with visitors.signed_in_as(ADA, PASSWORD) as context:
        yield context.new_page()


def test_a_hard_cap_from_the_form_to_the_exemption(visit: Visit, api: Api, ada: str, adas: Page) -> None:
    admin = visit("admin", "/budget")
    add_budget(admin, person="Ada Okafor", limit="5k")
    blocked = api.ask(20_000, device=ada)
    assert (blocked["decision"], blocked["reason"]) == ("block", "hard_cap_reached")
    ask_for_exemption(adas, str(blocked["exemption_url"]))
    approve(admin, ADA)
    assert api.ask(20_000, device=ada)["decision"] != "block"
    adas.goto("/budget/exemptions?status=approved")
    expect(adas.get_by_role("row").filter(has_text=NOTES)).to_be_visible()


def add_budget(page: Page, *, person: str, limit: str) -> None:
    page.get_by_role("button", name="Add a budget", exact=True).click()
    form = page.get_by_role("dialog", name="Add a budget")
    form.get_by_text("One person").click()
    form.get_by_role("combobox", name="Person").or_(form.get_by_label("Person *")).first.fill(person)
    page.get_by_role("option", name=person).click()
    form.get_by_label("Limit", exact=False).first.fill(limit)
    form.get_by_role("switch", name="Hard cap").click()
    form.get_by_role("button", name="Add the budget").click()
    form.wait_for(state="hidden")
    expect(page.get_by_role("link", name=re.compile(person)).first).to_be_visible()


def ask_for_exemption(page: Page, url: str) -> None:
    """Through the link in the answer, whose form is filled in already."""
    page.goto(url)
    settle(page)
    expect(page.get_by_role("textbox", name="Tokens")).to_have_value(re.compile("15"))
    page.get_by_label("What for").fill("The old catalogue has to be read in.")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_role("heading", name="Your request is with the admins")).to_be_visible()


def approve(page: Page, email: str) -> None:
    page.goto("/budget/exemptions")
    settle(page)
    expect(page.get_by_text(re.compile(r"requests? waits? for your decision"))).to_be_visible()
    page.get_by_role("button", name=f"Approve the request of {email}").click()
    dialog = page.get_by_role("dialog", name="Approve this request")
    dialog.get_by_label("Notes").fill(NOTES)
    dialog.get_by_role("button", name="Approve").click()
    dialog.wait_for(state="hidden")
    expect(page.get_by_role("button", name=f"Approve the request of {email}")).to_have_count(0)


def test_filters_survive_a_reload_and_the_back_button(visit: Visit) -> None:
    page = visit("admin", "/usage")
    pressed = page.get_by_role("group", name="Time range").locator("[aria-pressed=true]")
    before = pressed.get_attribute("aria-label")
    page.get_by_role("button", name="7d: the last 7 days").click()
    expect(pressed).to_have_accessible_name("7d: the last 7 days")
    page.get_by_label("Model", exact=True).first.click()
    option = page.get_by_role("option").first
    model = option.inner_text()
    option.click()
    for _ in range(2):
        settle(page)
        expect(pressed).to_have_accessible_name("7d: the last 7 days")
        expect(page.get_by_label("Model", exact=True).first).to_have_value(model)
        page.reload()
    page.go_back()
    expect(page.get_by_label("Model", exact=True).first).to_have_value("")
    expect(pressed).to_have_accessible_name("7d: the last 7 days")
    page.go_back()
    expect(pressed).to_have_accessible_name(str(before))


def test_a_gauge_moves_while_usage_comes_in(visit: Visit, api: Api, ada: str) -> None:
    api.post("/v1/budgets", {"department": "Library", "limit_tokens": 1_000_000, "period": "annual"})
    page = visit("admin", "/budget")
    loads: list[str] = []
    page.on("load", lambda _: loads.append(page.url))
    gauge = page.get_by_role("meter", name=re.compile("^Library, annual"))
    was = str(gauge.get_attribute("aria-valuenow"))
    api.use(400_000, device=ada)
    expect(gauge).not_to_have_attribute("aria-valuenow", was)
    assert int(str(gauge.get_attribute("aria-valuenow"))) >= int(was) + 39
    assert loads == []


def test_an_ended_session_comes_back_to_the_same_page(
    visitors: Visitors, company: Installation, ada: str
) -> None:
    with visitors.anyone() as context:
        page = context.new_page()
        page.goto("/")
        sign_in(page, ADA, PASSWORD)
        page.goto("/budget?archived=true")
        settle(page)
        end_session({one["name"]: one["value"] for one in context.cookies()}, company.url)
        visitors.watch.expect("status of 401|Your session has ended")
        page.get_by_role("link", name="Exemptions").first.click()
        expect(page.get_by_text("Your session has ended")).to_be_visible()
        assert page.url.endswith("/budget/exemptions")
        sign_in(page, ADA, PASSWORD)
        expect(page.get_by_role("heading", level=1, name="Exemptions")).to_be_visible()


def test_signing_out_leaves_nothing_for_the_next_one(visitors: Visitors, ada: str) -> None:
    with visitors.anyone() as context:
        page = context.new_page()
        page.goto("/usage")
        sign_in(page, ADA, PASSWORD)
        settle(page)
        page.get_by_role("button", name="Account of Ada Okafor").click()
        page.get_by_role("menuitem", name="Sign out").click()
        expect(page.get_by_role("heading", level=1, name="Sign in")).to_be_visible()
        sign_in(page, f"manager@{DOMAIN}", str(visitors.server.made["admin_password"]))
        expect(page.get_by_role("heading", level=1, name="Usage of your departments")).to_be_visible()
        expect(page.get_by_text("Ada Okafor")).to_have_count(0)


def end_session(cookies: dict[str, str], url: str) -> None:
    """Elsewhere, with the same cookie."""
    with httpx2.Client(base_url=url, cookies=cookies) as elsewhere:
        csrf = elsewhere.get("/v1/session").raise_for_status().json()["csrf_token"]
        elsewhere.delete("/v1/session", headers={"X-CSRF-Token": csrf}).raise_for_status()


def test_a_stopped_server_is_said_and_a_started_one_gone_on_with(
    visit: Visit, visitors: Visitors, company: Installation
) -> None:
    page = visit("member", "/usage")
    visitors.watch.expect("net::ERR|Failed to fetch dynamically imported module|could not be loaded")
    company.stop()
    try:
        page.get_by_role("navigation", name="Pages").get_by_role("link", name="Devices").click()
        # Said above the page left, or by the page that could not be loaded, whichever stands there just then.
        expect(page.get_by_text("The server cannot be reached").first).to_be_visible()
    finally:
        company.start()
    expect(page.get_by_role("heading", level=1, name="Devices")).to_be_visible(timeout=40_000)
    expect(page.get_by_test_id("unreachable")).to_have_count(0)
    expect(page.get_by_role("button", name="Try again")).to_have_count(0)
