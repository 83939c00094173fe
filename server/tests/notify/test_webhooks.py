"""Webhooks are made, changed and archived; W3: their secret is shown once and stored sealed."""

from collections.abc import Callable
from typing import Any

import pytest

from toktra.notify.service.webhooks import MOST

URL = "https://receiver.example.com/toktra?key=1"


async def test_a_secret_is_shown_once_and_is_in_no_row(hooks: Any) -> None:
    made = await hooks.make(URL)
    webhook, secret = made["webhook"], made["secret"]
    assert secret.startswith("whsec_")
    assert (webhook["url"], webhook["status"], webhook["events"]) == (URL, "active", ["alert.created"])
    assert await hooks.call("GET", f"/v1/webhooks/{made['id']}") == webhook
    assert (await hooks.call("GET", "/v1/webhooks"))["items"] == [webhook]
    changed = await hooks.call("POST", f"/v1/webhooks/{made['id']}/secret", status=201)
    assert changed["secret"] not in (secret, "")
    kept = "SELECT t::text FROM webhooks t WHERE org_id = :org UNION ALL SELECT t::text FROM audit_log t"
    rows = " ".join((await hooks.do(kept, org=hooks.organization.id)).scalars())
    assert made["id"] in rows
    assert secret not in rows
    assert changed["secret"] not in rows


async def test_what_is_given_is_changed_and_the_rest_stays(hooks: Any) -> None:
    path = f"/v1/webhooks/{(await hooks.make(URL))['id']}"
    before = await hooks.call("GET", path)
    changes = {"name": "N", "events": ["alert.resolved", "alert.created"]}
    after = await hooks.call("PATCH", path, changes)
    assert after == {**before, "name": "N", "events": ["alert.created", "alert.resolved"]}
    off = await hooks.call("PATCH", path, {"status": "disabled"})
    assert (off["status"], off["disabled_at"] is not None) == ("disabled", True)
    assert await hooks.call("PATCH", path, {"status": "active"}) == after


async def test_an_archived_one_is_there_to_read_and_cannot_be_changed(hooks: Any) -> None:
    path = f"/v1/webhooks/{(await hooks.make(URL))['id']}"
    await hooks.call("DELETE", path, status=204)
    archived = await hooks.call("GET", path)
    assert archived["archived_at"] is not None
    await hooks.call("DELETE", path, status=204)
    assert await hooks.call("GET", path) == archived
    assert (await hooks.call("GET", "/v1/webhooks"))["items"] == []
    assert (await hooks.call("GET", f"{path}/deliveries"))["items"] == []
    await hooks.call("PATCH", path, {"name": "N"}, status=409)
    for doing in ("secret", "test"):
        await hooks.call("POST", f"{path}/{doing}", status=409)


async def test_there_is_a_most_and_archived_ones_do_not_count(hooks: Any) -> None:
    made = [await hooks.make(URL) for _ in range(MOST)]
    body = {"name": "N", "url": URL, "events": ["alert.created"]}
    await hooks.call("POST", "/v1/webhooks", body, status=409)
    await hooks.call("DELETE", f"/v1/webhooks/{made[0]['id']}", status=204)
    await hooks.call("POST", "/v1/webhooks", body, status=201)


@pytest.mark.parametrize(
    "url",
    [
        "http://receiver.example.com/",
        "ftp://receiver.example.com/",
        "receiver.example.com",
        "https://",
        "https:///path",
        "https://user:password@receiver.example.com/",
        "https://receiver.example.com/#part",
        "https://receiver.example.com:99999/",
        "https://[::1/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://localhost/",
        "https://räceiver.example.com/",
        "https://receiver.example.com/ x",
    ],
)
async def test_an_address_that_cannot_be_is_refused(hooks: Any, url: str) -> None:
    body = {"name": "N", "url": url, "events": ["alert.created"]}
    said = await hooks.call("POST", "/v1/webhooks", body, status=422)
    assert said["details"]["field"] == "url"
    path = f"/v1/webhooks/{(await hooks.make(URL))['id']}"
    await hooks.call("PATCH", path, {"url": url}, status=422)
    assert (await hooks.call("GET", path))["url"] == URL


@pytest.mark.usefixtures("to_private")
async def test_an_installation_can_let_them_go_inside(hooks: Any) -> None:
    assert (await hooks.make("http://127.0.0.1:9/"))["webhook"]["url"] == "http://127.0.0.1:9/"


async def test_every_decision_is_in_the_audit_log(hooks: Any) -> None:
    path = f"/v1/webhooks/{(await hooks.make(URL))['id']}"
    await hooks.call("PATCH", path, {"status": "disabled"})
    await hooks.call("POST", f"{path}/secret", status=201)
    await hooks.call("DELETE", path, status=204)
    entries = (await hooks.call("GET", "/v1/audit-log?target_kind=webhook"))["items"]
    done = ["webhook.archived", "webhook.changed", "webhook.disabled", "webhook.created"]
    assert [entry["action"] for entry in entries] == done
    assert entries[1]["after"]["sealed_secret"] == "(hidden)"
    assert entries[3]["after"]["url"] == "(hidden)"


async def test_another_organisation_sees_none(
    hooks: Any, hooks_of: Callable[[Any], Any], other_organization: Any
) -> None:
    made = await hooks.make(URL)
    other = hooks_of(other_organization)
    assert (await other.call("GET", "/v1/webhooks"))["items"] == []
    await other.call("GET", f"/v1/webhooks/{made['id']}", status=404)
