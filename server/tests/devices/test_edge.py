"""Devices over HTTP: the whole path of a device, and who may do what."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from toktra_wire import WIRE_VERSION, identity
from toktra_wire.config import DeviceConfig

Answer = httpx2.Response
Client = httpx2.AsyncClient
RequestFor = Callable[..., str]


async def new_token(client: Client, organization: Any, **body: Any) -> dict[str, Any]:
    answer = await client.post("/v1/enrollment-tokens", json=body, headers=organization.as_("admin"))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def enrollment(token: str, organization: Any, csr: str, **said: Any) -> dict[str, Any]:
    return {
        "token": token,
        "csr": csr,
        "hostname": "laptop-17",
        "platform": "linux",
        "agent_version": "0.1.0",
        "user_email": organization.member.email,
        **said,
    }


async def enroll(client: Client, organization: Any, key: Any, **changes: Any) -> dict[str, Any]:
    token = (await new_token(client, organization))["token"]
    body = enrollment(token, organization, identity.signing_request(key, "laptop"), **changes)
    answer = await client.post("/v1/devices/enroll", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def prove(client: Client, key: Any, enrolled: dict[str, Any], now: datetime) -> Answer:
    assertion = identity.proof(key, device_id=enrolled["device_id"], issuer=enrolled["issuer"], now=now)
    form = {"grant_type": identity.JWT_BEARER, "assertion": assertion}
    return await client.post("/v1/oauth/token", data=form)


async def device(client: Client, organization: Any, now: datetime) -> tuple[dict[str, Any], dict[str, str]]:
    """An enrolled device and its bearer header."""
    key = ed25519.Ed25519PrivateKey.generate()
    enrolled = await enroll(client, organization, key)
    answer = await prove(client, key, enrolled, now)
    assert answer.status_code == 200, answer.text
    return enrolled, {"Authorization": f"Bearer {answer.json()['access_token']}"}


def refused(answer: Answer, status: int, field: str | None = None) -> str:
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert set(body) == {"error", "message", "details", "request_id"}
    if field is not None:
        assert body["details"]["field"].removeprefix("data.") == field, body
    return str(body["message"])


async def test_the_whole_path_of_a_device(client: Client, organization: Any, now: datetime) -> None:
    enrolled, bearer = await device(client, organization, now)
    assert set(enrolled) == {"device_id", "certificate", "ca_certificate", "not_after", "issuer"}
    answer = await client.get("/v1/devices/me/config", headers=bearer)
    config = msgspec.json.decode(answer.content, type=DeviceConfig)
    assert config.wire_version == WIRE_VERSION
    assert config.hosts
    assert datetime.fromisoformat(config.certificate_not_after) == datetime.fromisoformat(
        enrolled["not_after"]
    )
    shown = (
        await client.get(f"/v1/devices/{enrolled['device_id']}", headers=organization.as_("admin"))
    ).json()
    assert shown["status"] == "enrolled"
    assert shown["silent"] is False
    assert shown["user_email"] == organization.member.email
    listed = (await client.get("/v1/devices", headers=organization.as_("admin"))).json()
    assert listed["items"] == [shown]


async def test_a_token_is_shown_once(client: Client, organization: Any) -> None:
    made = await new_token(client, organization, max_uses=3)
    assert set(made) == {"id", "token", "max_uses", "uses", "expires_at", "created_at", "device_id"}
    answer = await client.get("/v1/enrollment-tokens", headers=organization.as_("admin"))
    (listed,) = answer.json()["items"]
    assert listed["id"] == made["id"]
    assert made["token"] not in answer.text
    assert "token" not in listed


async def test_a_reserved_device_is_pending_until_it_enrols(
    client: Client, organization: Any, request_for: RequestFor
) -> None:
    made = await new_token(client, organization, user_email=organization.member.email)
    answer = await client.get("/v1/devices?status=pending", headers=organization.as_("admin"))
    (pending,) = answer.json()["items"]
    assert (pending["id"], pending["status"], pending["silent"]) == (made["device_id"], "pending", False)
    body = enrollment(made["token"], organization, request_for(ed25519.Ed25519PrivateKey.generate()))
    answer = await client.post("/v1/devices/enroll", json=body)
    assert answer.json()["device_id"] == made["device_id"]
    answer = await client.get("/v1/devices?status=pending", headers=organization.as_("admin"))
    assert answer.json()["items"] == []


async def test_a_revoked_token_is_refused(client: Client, organization: Any, request_for: RequestFor) -> None:
    made = await new_token(client, organization)
    for _ in range(2):
        answer = await client.delete(f"/v1/enrollment-tokens/{made['id']}", headers=organization.as_("admin"))
        assert answer.status_code == 204
    body = enrollment(made["token"], organization, request_for(ed25519.Ed25519PrivateKey.generate()))
    assert "Ask an admin" in refused(await client.post("/v1/devices/enroll", json=body), 401)


async def test_many_at_once_use_a_single_use_token_once(
    client: Client, organization: Any, request_for: RequestFor
) -> None:
    token = (await new_token(client, organization))["token"]
    bodies = [
        enrollment(token, organization, request_for(ed25519.Ed25519PrivateKey.generate())) for _ in range(12)
    ]
    answers = await asyncio.gather(*[client.post("/v1/devices/enroll", json=body) for body in bodies])
    assert sorted(answer.status_code for answer in answers) == [201] + [401] * 11
    listed = await client.get("/v1/devices", headers=organization.as_("admin"))
    assert listed.json()["total_count"] == 1


async def test_a_refused_enrolment_uses_nothing_up(
    client: Client, organization: Any, request_for: RequestFor
) -> None:
    token = (await new_token(client, organization))["token"]
    good = enrollment(token, organization, request_for(ed25519.Ed25519PrivateKey.generate()))
    for field, value in {
        "csr": good["csr"][:120],
        "user_email": "nobody@example.com",
    }.items():
        refused(await client.post("/v1/devices/enroll", json={**good, field: value}), 422, field)
    assert (await client.post("/v1/devices/enroll", json=good)).status_code == 201


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("csr", ""),
        ("csr", "x" * 16_385),
        ("csr", None),
        ("csr", 7),
        ("hostname", ""),
        ("hostname", "a\x00b"),
        ("hostname", "a\nb"),
        ("hostname", "h" * 121),
        ("platform", []),
        ("agent_version", {}),
        ("user_email", "nobody"),
        ("user_email", "a\x00@example.com"),
        ("token", ""),
        ("token", "t" * 1001),
        ("prompt", "hello"),
    ],
    ids=repr,
)
async def test_what_is_wrong_is_named(client: Client, organization: Any, field: str, value: Any) -> None:
    body = {**enrollment("tk_enr_x", organization, "csr"), field: value}
    refused(await client.post("/v1/devices/enroll", json=body), 422, field)


@pytest.mark.parametrize(
    "raw", [b"", b"{", b'{"token": "\\ud800"}', b"\xff\xfe", b"[]", b"null", b"[" * 5000]
)
async def test_an_unreadable_body_is_refused(client: Client, raw: bytes) -> None:
    answer = await client.post(
        "/v1/devices/enroll", content=raw, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in (400, 422), answer.text


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"max_uses": 0}, "max_uses"),
        ({"max_uses": 10_001}, "max_uses"),
        ({"max_uses": 10**30}, "max_uses"),
        ({"max_uses": "two"}, "max_uses"),
        ({"max_uses": 1.5}, "max_uses"),
        ({"max_uses": 2, "user_email": "nobody@example.com"}, "max_uses"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "9999-12-31T23:59:59-12:00"}, "expires_at"),
        ({"expires_at": "0001-01-01T00:00:00+12:00"}, "expires_at"),
        ({"expires_at": "2030-01-01T00:00:00"}, "expires_at"),
        ({"expires_at": 5}, "expires_at"),
        ({"user_email": "nobody@example.com"}, "user_email"),
        ({"user_email": "a\x00@example.com"}, "user_email"),
        ({"note": "hello"}, "note"),
    ],
    ids=repr,
)
async def test_a_token_that_cannot_be_is_not_made(
    client: Client, organization: Any, body: dict[str, Any], field: str
) -> None:
    answer = await client.post("/v1/enrollment-tokens", json=body, headers=organization.as_("admin"))
    refused(answer, 422, field)
    listed = await client.get("/v1/enrollment-tokens", headers=organization.as_("admin"))
    assert listed.json()["total_count"] == 0


async def test_a_member_sees_their_own_devices_and_revokes_none(
    client: Client, organization: Any, now: datetime
) -> None:
    enrolled, bearer = await device(client, organization, now)
    address = f"/v1/devices/{enrolled['device_id']}"
    for role, status in {"owner": 200, "admin": 200, "manager": 200, "member": 200}.items():
        assert (await client.get(address, headers=organization.as_(role))).status_code == status
    for role in ("manager", "member"):
        headers = organization.as_(role)
        refused(await client.delete(address, headers=headers), 403)
        refused(await client.get("/v1/enrollment-tokens", headers=headers), 403)
        refused(await client.post("/v1/enrollment-tokens", json={}, headers=headers), 403)
    refused(await client.delete(address, headers=bearer), 403)
    refused(await client.get("/v1/devices/me/config", headers=organization.as_("admin")), 403)
    refused(await client.get("/v1/devices/me/config", headers=organization.api_key), 403)
    refused(await client.get(address), 401)


async def test_a_member_does_not_see_anothers_device(client: Client, organization: Any) -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    enrolled = await enroll(client, organization, key, user_email=organization.admin.email)
    for role in ("manager", "member"):
        refused(await client.get(f"/v1/devices/{enrolled['device_id']}", headers=organization.as_(role)), 404)
        assert (await client.get("/v1/devices", headers=organization.as_(role))).json()["items"] == []


async def test_another_organisation_finds_nothing_here(
    client: Client, organization: Any, other_organization: Any, now: datetime
) -> None:
    made = await new_token(client, organization)
    enrolled, bearer = await device(client, organization, now)
    outsider = other_organization.as_("owner")
    refused(await client.get(f"/v1/devices/{enrolled['device_id']}", headers=outsider), 404)
    refused(await client.delete(f"/v1/devices/{enrolled['device_id']}", headers=outsider), 404)
    refused(await client.delete(f"/v1/enrollment-tokens/{made['id']}", headers=outsider), 404)
    for address in ("/v1/devices", "/v1/enrollment-tokens"):
        assert (await client.get(address, headers=outsider)).json()["total_count"] == 0
    assert (await client.get("/v1/devices/me/config", headers=bearer)).status_code == 200


async def test_another_organisations_user_cannot_be_enrolled(
    client: Client, organization: Any, other_organization: Any, request_for: RequestFor
) -> None:
    token = (await new_token(client, organization))["token"]
    csr = request_for(ed25519.Ed25519PrivateKey.generate())
    body = enrollment(token, organization, csr, user_email=other_organization.member.email)
    refused(await client.post("/v1/devices/enroll", json=body), 422, "user_email")


async def test_a_revoked_device_is_out_at_once(client: Client, organization: Any, now: datetime) -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    enrolled = await enroll(client, organization, key)
    token = (await prove(client, key, enrolled, now)).json()["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    assert (await client.get("/v1/devices/me/config", headers=bearer)).status_code == 200
    for _ in range(2):
        answer = await client.delete(
            f"/v1/devices/{enrolled['device_id']}", headers=organization.as_("admin")
        )
        assert (answer.status_code, answer.json()["status"]) == (200, "revoked")
    refused(await client.get("/v1/devices/me/config", headers=bearer), 401)
    answer = await prove(client, key, enrolled, now)
    assert "revoked" in refused(answer, 400)
    assert answer.json()["error"] == "invalid_grant"


async def test_a_proof_cannot_be_sent_twice(client: Client, organization: Any, now: datetime) -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    enrolled = await enroll(client, organization, key)
    assertion = identity.proof(key, device_id=enrolled["device_id"], issuer=enrolled["issuer"], now=now)
    form = {"grant_type": identity.JWT_BEARER, "assertion": assertion}
    assert (await client.post("/v1/oauth/token", data=form)).status_code == 200
    assert "used before" in refused(await client.post("/v1/oauth/token", data=form), 400)


@pytest.mark.parametrize("assertion", ["a.b.c", "\x00", "ü.ü.ü", "e30.e30.e30", "." * 50, "[" * 9000])
async def test_nonsense_for_a_proof_is_a_bad_grant(client: Client, assertion: str) -> None:
    form = {"grant_type": identity.JWT_BEARER, "assertion": assertion}
    answer = await client.post("/v1/oauth/token", data=form)
    refused(answer, 400)
    assert answer.json()["error"] == "invalid_grant"


async def test_a_device_renews_its_certificate(
    client: Client, organization: Any, now: datetime, request_for: RequestFor
) -> None:
    enrolled, bearer = await device(client, organization, now)
    key = ed25519.Ed25519PrivateKey.generate()
    answer = await client.post("/v1/devices/me/certificate", json={"csr": request_for(key)}, headers=bearer)
    assert answer.status_code == 201, answer.text
    renewed = answer.json()
    assert set(renewed) == set(enrolled)
    assert renewed["device_id"] == enrolled["device_id"]
    assert renewed["certificate"] != enrolled["certificate"]
    assert (await prove(client, key, renewed, now)).status_code == 200
    refused(await client.post("/v1/devices/me/certificate", json={"csr": "no"}, headers=bearer), 422, "csr")
    refused(
        await client.post(
            "/v1/devices/me/certificate", json={"csr": request_for(key)}, headers=organization.api_key
        ),
        403,
    )


async def test_a_configuration_is_only_sent_when_it_changed(
    client: Client, organization: Any, now: datetime
) -> None:
    _, bearer = await device(client, organization, now)
    first = await client.get("/v1/devices/me/config", headers=bearer)
    tag = first.headers["etag"]
    assert tag.startswith('"')
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = await client.get("/v1/devices/me/config", headers={**bearer, "If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    for other in ('"other"', "", tag.strip('"'), "\x7f"):
        again = await client.get("/v1/devices/me/config", headers={**bearer, "If-None-Match": other})
        assert (again.status_code, again.content) == (200, first.content)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=lost", "status"),
        ("user_id=7", "user_id"),
        ("q=", "q"),
        (f"q={'x' * 121}", "q"),
        ("q=%00", "q"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("cursor=x", "cursor"),
        ("hostname=x", "hostname"),
    ],
)
async def test_a_wrong_filter_is_named(client: Client, organization: Any, query: str, field: str) -> None:
    refused(await client.get(f"/v1/devices?{query}", headers=organization.as_("admin")), 422, field)


@pytest.mark.parametrize("address", ["me", "0", "%00", "00000000-0000-0000-0000-000000000000", "a" * 300])
async def test_an_address_of_no_device_is_not_found(client: Client, organization: Any, address: str) -> None:
    answer = await client.get(f"/v1/devices/{address}", headers=organization.as_("admin"))
    assert answer.status_code == 404, answer.text


async def test_strange_query_texts_only_find_nothing(client: Client, organization: Any) -> None:
    for q in ("%25", "%ff", "%ed%a0%80", "a%5C", "'"):
        answer = await client.get(f"/v1/devices?q={q}", headers=organization.as_("admin"))
        assert (answer.status_code, answer.json()["items"]) == (200, [])


async def test_a_device_asked_for_again_with_its_key_is_one_device(client: Client, organization: Any) -> None:
    """Idempotency: the same request twice makes one reserved device, and shows the same token."""
    headers = {**organization.as_("admin"), "Idempotency-Key": "one"}
    body = {"user_email": organization.member.email, "expires_at": _in_a_day()}
    answers = [await client.post("/v1/enrollment-tokens", json=body, headers=headers) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    listed = await client.get("/v1/devices", headers=organization.as_("admin"))
    assert listed.json()["total_count"] == 1


def _in_a_day() -> str:
    return (datetime.now(UTC) + timedelta(days=1)).isoformat()


async def test_the_document_names_the_304(client: Client, organization: Any) -> None:
    answer = await client.get("/schema/openapi.json", headers=organization.as_("admin"))
    document = json.loads(answer.content)
    answers = document["paths"]["/v1/devices/me/config"]["get"]["responses"]
    assert {"200", "304", "401", "403"} <= set(answers)
    assert "content" not in answers["304"]
