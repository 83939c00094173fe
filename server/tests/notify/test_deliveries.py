"""W4 to W6: what is told, how often, and what happens when it is not taken. Through the real worker."""

import asyncio
import hashlib
import hmac
from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from toktra.alerts import service as alerts
from toktra.kit.clock import utc_now
from toktra.kit.database import driver_of
from toktra.notify import service

pytestmark = pytest.mark.usefixtures("to_private")

ERROR = b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n"


async def test_an_alert_arrives_once_signed_as_the_standard_says(hooks: Any, receiver: Any) -> None:
    made = await hooks.make(receiver.url)
    alert = await hooks.alert()
    await hooks.work(rounds=2)
    (got,) = receiver.got
    said = Webhook(made["secret"]).verify(got.body, got.headers)
    assert (said["type"], said["data"]) == ("alert.created", alert)
    assert msgspec.convert(said["timestamp"], type(utc_now())) == msgspec.convert(
        alert["created_at"], type(utc_now())
    )
    plain = hmac.new(made["secret"].encode(), got.body, hashlib.sha256).hexdigest()
    assert got.headers["x-toktra-signature"] == f"sha256={plain}"
    assert (got.line, got.headers["content-type"]) == ("POST /hook HTTP/1.1", "application/json")
    (delivery,) = await hooks.deliveries(made["id"])
    assert (delivery["id"], delivery["body"]) == (got.headers["webhook-id"], got.body.decode())
    assert (delivery["status"], delivery["last_answer"], delivery["failures"]) == ("delivered", 204, 0)
    assert (await hooks.call("GET", f"/v1/webhooks/{made['id']}"))["taken_at"] is not None


async def test_each_webhook_is_told_of_what_it_asked_for(hooks: Any, receive: Any) -> None:
    created, resolved = await receive(), await receive()
    await hooks.make(created.url)
    await hooks.make(resolved.url, events=["alert.resolved"])
    alert = await hooks.alert()
    for _ in range(2):
        await hooks.call("POST", f"/v1/alerts/{alert['id']}/resolve")
    recovering = await hooks.alert("daily")
    await hooks.call("PATCH", f"/v1/budgets/{recovering['budget_id']}", {"limit_tokens": 10**6})
    await hooks.work()
    kinds = [[msgspec.json.decode(got.body)["type"] for got in one.got] for one in (created, resolved)]
    assert kinds == [["alert.created"] * 2, ["alert.resolved"] * 2]


async def test_what_was_rolled_back_is_told_to_nobody(hooks: Any, receiver: Any) -> None:
    await hooks.make(receiver.url)
    alert = alerts.NewAlert(
        org_id=hooks.organization.id, kind="budget_exceeded", severity="info", title="T", details={}
    )
    async with hooks.sessions() as session:
        await alerts.store(await driver_of(session), [alert], now=utc_now())
        await session.rollback()
    await hooks.work()
    assert receiver.got == []
    async with hooks.sessions.begin() as session:
        await alerts.store(await driver_of(session), [alert], now=utc_now())
    await hooks.work()
    assert len(receiver.got) == 1


async def test_telling_twice_makes_one_message(hooks: Any, receiver: Any) -> None:
    await hooks.make(receiver.url)
    alert = await hooks.alert()
    told = {
        "org_id": hooks.organization.id,
        "alert_id": UUID(alert["id"]),
        "moment": "created",
        "public_url": "http://t",
    }
    for _ in range(2):
        async with hooks.sessions.begin() as session:
            await service.tell_of_alert(session, **told, now=utc_now())
    await hooks.work()
    assert len(receiver.got) == 1


async def test_another_organisation_is_told_nothing(
    hooks: Any, hooks_of: Callable[[Any], Any], other_organization: Any, receive: Any
) -> None:
    ours, theirs = await receive(), await receive()
    await hooks.make(ours.url)
    await hooks_of(other_organization).make(theirs.url)
    await hooks.alert()
    await hooks.work()
    assert (len(ours.got), theirs.got) == (1, [])


async def test_what_is_not_taken_is_tried_again_with_the_same_id_and_body(hooks: Any, receiver: Any) -> None:
    made = await hooks.make(receiver.url)
    receiver.answer = ERROR
    await hooks.alert()
    await hooks.work()
    (delivery,) = await hooks.deliveries(made["id"], status="waiting")
    assert (delivery["failures"], delivery["last_answer"], delivery["last_failure"]) == (1, 500, "status")
    assert delivery["next_try_at"] is not None
    receiver.answer = b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n!"
    await hooks.work(rounds=2)
    first, second = receiver.got
    assert (first.headers["webhook-id"], first.body) == (second.headers["webhook-id"], second.body)
    assert [one["status"] for one in await hooks.deliveries(made["id"])] == ["delivered"]


async def test_after_a_day_it_is_disabled_with_an_alert_that_others_are_told_of(
    hooks: Any, receive: Any
) -> None:
    failing, well = await receive(), await receive()
    made = await hooks.make(failing.url, name="Broken")
    await hooks.make(well.url)
    failing.answer = ERROR
    await hooks.alert()
    await hooks.work(rounds=11)
    assert len(failing.got) == 11
    webhook = await hooks.call("GET", f"/v1/webhooks/{made['id']}")
    assert (webhook["status"], webhook["disabled_at"] is not None) == ("disabled", True)
    assert [one["status"] for one in await hooks.deliveries(made["id"])] == ["failed"]
    (alert,) = (await hooks.call("GET", "/v1/alerts?type=webhook_disabled"))["items"]
    assert alert["title"].startswith("Broken: ")
    assert alert["details"]["last_answer"] == 500
    await hooks.work()
    assert [msgspec.json.decode(got.body)["data"]["type"] for got in well.got] == [
        "budget_exceeded",
        "webhook_disabled",
    ]
    await hooks.alert("daily")
    await hooks.work()
    assert (len(failing.got), len(await hooks.deliveries(made["id"]))) == (11, 1)


async def test_one_that_takes_other_messages_is_not_disabled(hooks: Any, receiver: Any) -> None:
    made = await hooks.make(receiver.url)
    receiver.answer = ERROR
    await hooks.alert()
    await hooks.work(rounds=10)
    await hooks.do("UPDATE webhooks SET taken_at = now() WHERE id = :id", id=made["id"])
    await hooks.work(rounds=2)
    assert [one["status"] for one in await hooks.deliveries(made["id"])] == ["failed"]
    assert (await hooks.call("GET", f"/v1/webhooks/{made['id']}"))["status"] == "active"


async def test_a_message_is_sent_again_with_its_id_and_not_by_the_job_before(
    hooks: Any, receiver: Any
) -> None:
    made = await hooks.make(receiver.url)
    path = f"/v1/webhooks/{made['id']}"
    sent = await hooks.call("POST", f"{path}/test", status=201)
    again = f"{path}/deliveries/{sent['id']}/resend"
    assert (await hooks.call("POST", again))["status"] == "waiting"
    await hooks.work()
    assert [got.headers["webhook-id"] for got in receiver.got] == [sent["id"]]
    await hooks.call("POST", again)
    await hooks.work()
    assert [got.headers["webhook-id"] for got in receiver.got] == [sent["id"]] * 2
    said = Webhook(made["secret"]).verify(receiver.got[1].body, receiver.got[1].headers)
    assert (said["type"], said["data"]["webhook_id"]) == ("webhook.test", made["id"])


async def test_one_that_is_off_gets_nothing_of_what_waited(hooks: Any, receiver: Any) -> None:
    made = await hooks.make(receiver.url)
    await hooks.call("POST", f"/v1/webhooks/{made['id']}/test", status=201)
    await hooks.call("PATCH", f"/v1/webhooks/{made['id']}", {"status": "disabled"})
    await hooks.work()
    (delivery,) = await hooks.deliveries(made["id"])
    assert (receiver.got, delivery["status"], delivery["last_failure"]) == ([], "failed", "webhook_off")


async def test_for_a_day_the_secret_before_is_good_too(hooks: Any, receiver: Any) -> None:
    made = await hooks.make(receiver.url)
    path = f"/v1/webhooks/{made['id']}"
    changed = await hooks.call("POST", f"{path}/secret", status=201)
    await hooks.call("POST", f"{path}/test", status=201)
    await hooks.work()
    for secret in (made["secret"], changed["secret"]):
        Webhook(secret).verify(receiver.got[0].body, receiver.got[0].headers)
    await hooks.do("UPDATE webhooks SET previous_until = now() WHERE id = :id", id=made["id"])
    await hooks.call("POST", f"{path}/test", status=201)
    await hooks.work()
    Webhook(changed["secret"]).verify(receiver.got[1].body, receiver.got[1].headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(made["secret"]).verify(receiver.got[1].body, receiver.got[1].headers)


async def test_a_receiver_that_hangs_keeps_no_other_waiting(hooks: Any, receive: Any) -> None:
    """J4: eight places, twelve messages to one that never answers, one to another after them."""
    hanging, well = await receive(), await receive()
    hanging.answer = None
    stuck = await hooks.make(hanging.url)
    for _ in range(12):
        await hooks.call("POST", f"/v1/webhooks/{stuck['id']}/test", status=201)
    other = await hooks.make(well.url)
    await hooks.call("POST", f"/v1/webhooks/{other['id']}/test", status=201)
    working = asyncio.create_task(hooks.work())
    while not well.got:
        assert not working.done()
        await asyncio.sleep(0.01)
    assert hanging.connections <= 4
    assert [one["status"] for one in await hooks.deliveries(stuck["id"])] == ["waiting"] * 12
    hanging.let_go.set()
    await working
    assert (await hooks.deliveries(other["id"]))[0]["status"] == "delivered"


async def test_what_waits_though_its_job_is_gone_is_taken_up_and_what_is_old_forgotten(
    hooks: Any, receiver: Any
) -> None:
    made = await hooks.make(receiver.url)
    for _ in range(2):
        await hooks.call("POST", f"/v1/webhooks/{made['id']}/test", status=201)
    old, lost = sorted(one["id"] for one in await hooks.deliveries(made["id"]))
    await hooks.do("DELETE FROM procrastinate_jobs WHERE args ->> 'webhook_id' = :id", id=made["id"])
    aged = "UPDATE webhook_deliveries SET created_at = now() - interval '31 days' WHERE id = :id"
    await hooks.do(aged, id=old)
    overdue = "UPDATE webhook_deliveries SET next_try_at = now() - interval '16 minutes' WHERE id = :id"
    await hooks.do(overdue, id=lost)
    async with hooks.sessions.begin() as session:
        await service.keep_house(session, now=utc_now())
    await hooks.work()
    assert [got.headers["webhook-id"] for got in receiver.got] == [lost]
    assert [one["id"] for one in await hooks.deliveries(made["id"])] == [lost]
