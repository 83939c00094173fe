"""Enrolment: N1 (uses are counted exactly), R1 (one CA) and R2 (a key belongs to one device)."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from toktra.access.rules import Reach
from toktra.devices import queries, service
from toktra.devices.model import Device, DeviceAuthority, DeviceCertificate, EnrollmentToken
from toktra.devices.rules import AUTHORITY_LIFETIME, CERTIFICATE_LIFETIME, CODE_LIFETIME, read_code
from toktra.kit.errors import Conflict, Invalid, NotFound, Unauthorized
from toktra.kit.secrets import Unreadable

Sessions = async_sessionmaker[AsyncSession]
SECOND = timedelta(seconds=1)


async def count(session: AsyncSession, model: Any, org_id: Any) -> int:
    return await session.scalar(select(func.count()).select_from(model).where(model.org_id == org_id)) or 0


async def uses_of(session: AsyncSession, token: EnrollmentToken) -> int:
    await session.refresh(token)
    return token.uses


# --- tokens


async def test_a_token_is_good_for_a_week_and_one_device_unless_said_otherwise(fleet: Any) -> None:
    token, secret = await fleet.new_token()
    assert token.expires_at == fleet.now + timedelta(days=7)
    assert (token.max_uses, token.uses, token.device_id, token.revoked_at) == (1, 0, None, None)
    assert secret.startswith("tk_enr_")
    assert secret.encode() not in token.secret_hash


@pytest.mark.parametrize(
    "lifetime", [timedelta(0), -SECOND, timedelta(days=365) + SECOND, timedelta(days=10**5)]
)
async def test_a_token_ends_in_the_future_within_a_year(fleet: Any, lifetime: timedelta) -> None:
    with pytest.raises(Invalid) as refused:
        await fleet.new_token(lifetime=lifetime)
    assert refused.value.details["field"] == "expires_at"


@pytest.mark.parametrize("lifetime", [SECOND, timedelta(days=365)])
async def test_a_token_may_end_anywhere_within_a_year(fleet: Any, lifetime: timedelta) -> None:
    token, _ = await fleet.new_token(lifetime=lifetime)
    assert token.expires_at == fleet.now + lifetime


async def test_a_token_for_one_user_lets_in_one_device(fleet: Any) -> None:
    with pytest.raises(Invalid) as refused:
        await fleet.new_token(user_email=fleet.organization.member.email, max_uses=2)
    assert refused.value.details["field"] == "max_uses"


async def test_a_token_is_only_reserved_for_an_active_user_of_the_organisation(
    fleet: Any, other_organization: Any
) -> None:
    for email in ("nobody@example.com", other_organization.member.email):
        with pytest.raises(Invalid) as refused:
            await fleet.new_token(user_email=email)
        assert refused.value.details["field"] == "user_email"
    await deactivate(fleet, fleet.organization.member)
    with pytest.raises(Invalid):
        await fleet.new_token(user_email=fleet.organization.member.email)


async def deactivate(fleet: Any, user: Any) -> None:
    (await fleet.session.merge(user)).status = "deactivated"
    await fleet.session.flush()


@pytest.mark.parametrize("why", ["unknown", "expired", "revoked", "used up", "of a bearer"])
async def test_a_token_that_is_not_good_lets_nobody_in(fleet: Any, why: str) -> None:
    token, secret = await fleet.new_token()
    if why == "expired":
        token.expires_at = fleet.now
    if why == "revoked":
        await revoke(fleet, token)
    if why == "used up":
        await fleet.enroll(secret)
    before = await count(fleet.session, Device, fleet.organization.id)
    given = {"unknown": "tk_enr_" + "a" * 43, "of a bearer": "\x00\ud800"}.get(why, secret)
    with pytest.raises(Unauthorized, match="Ask an admin"):
        await fleet.enroll(given)
    assert await count(fleet.session, Device, fleet.organization.id) == before


async def test_a_token_is_good_until_just_before_its_end(fleet: Any) -> None:
    _, secret = await fleet.new_token(lifetime=SECOND)
    await fleet.enroll(secret)


async def revoke(fleet: Any, token: EnrollmentToken, org_id: Any = None, now: datetime | None = None) -> None:
    await service.revoke_enrollment_token(
        fleet.session, org_id=org_id or fleet.organization.id, token_id=token.id, now=now or fleet.now
    )


async def test_revoking_a_token_again_changes_nothing(fleet: Any) -> None:
    token, _ = await fleet.new_token()
    await revoke(fleet, token)
    await revoke(fleet, token, now=fleet.now + SECOND)
    assert token.revoked_at == fleet.now


async def test_another_organisations_token_is_not_there_to_revoke(
    fleet: Any, other_organization: Any
) -> None:
    token, secret = await fleet.new_token()
    with pytest.raises(NotFound):
        await revoke(fleet, token, org_id=other_organization.id)
    await fleet.enroll(secret)


async def test_a_revoked_token_takes_its_pending_device_with_it_but_no_enrolled_one(fleet: Any) -> None:
    pending, _ = await fleet.new_token(user_email=fleet.organization.member.email)
    used, secret = await fleet.new_token(user_email=fleet.organization.member.email)
    laptop = await fleet.enroll(secret)
    for token in (pending, used):
        await revoke(fleet, token)
    revoked = {
        device.id: device.revoked_at
        for device in await fleet.session.scalars(
            select(Device)
            .where(Device.org_id == fleet.organization.id)
            .execution_options(populate_existing=True)
        )
    }
    assert revoked == {pending.device_id: fleet.now, laptop.device_id: None}


# --- codes


async def give_code(fleet: Any, token: EnrollmentToken, **said: Any) -> str:
    where = {"org_id": fleet.organization.id, "token_id": token.id, "now": fleet.now, **said}
    code, _ = await service.give_code(fleet.session, **where)
    return code


async def test_a_code_lets_in_one_device_and_its_token_the_others(fleet: Any) -> None:
    token, secret = await fleet.new_token(max_uses=3)
    code = await give_code(fleet, token)
    await fleet.enroll(code)
    with pytest.raises(Unauthorized, match="or code"):
        await fleet.enroll(code)
    await fleet.enroll(secret)
    assert await uses_of(fleet.session, token) == 2


async def test_a_code_is_read_as_people_write_it_and_never_stored(fleet: Any) -> None:
    token, _ = await fleet.new_token()
    code = await give_code(fleet, token)
    assert code.encode() not in token.code_hash
    await fleet.enroll(f" {code.lower().replace('-', ' ')} ".replace("0", "o").replace("1", "l"))


async def test_a_token_in_use_keeps_its_code(fleet: Any) -> None:
    token, secret = await fleet.new_token(max_uses=2)
    code = await give_code(fleet, token)
    await fleet.enroll(secret)
    await fleet.enroll(code)


async def test_a_new_code_replaces_the_one_before(fleet: Any) -> None:
    token, _ = await fleet.new_token()
    first, second = await give_code(fleet, token), await give_code(fleet, token)
    with pytest.raises(Unauthorized):
        await fleet.enroll(first)
    await fleet.enroll(second)


async def test_a_code_ends_after_a_quarter_of_an_hour_or_with_its_token(fleet: Any) -> None:
    token, _ = await fleet.new_token(max_uses=2)
    code = await give_code(fleet, token)
    late = replace(fleet, now=fleet.now + CODE_LIFETIME)
    with pytest.raises(Unauthorized):
        await late.enroll(code)
    await replace(late, now=late.now - SECOND).enroll(code)
    short, _ = await fleet.new_token(lifetime=SECOND)
    where = {"org_id": fleet.organization.id, "token_id": short.id, "now": fleet.now}
    _, ends_at = await service.give_code(fleet.session, **where)
    assert ends_at == short.expires_at


@pytest.mark.parametrize("why", ["expired", "revoked", "used up"])
async def test_a_token_that_lets_nobody_in_has_no_code(fleet: Any, why: str) -> None:
    token, secret = await fleet.new_token()
    code = await give_code(fleet, token)
    if why == "expired":
        token.expires_at = fleet.now
    if why == "revoked":
        await revoke(fleet, token)
    if why == "used up":
        await fleet.enroll(secret)
    with pytest.raises(Unauthorized):
        await fleet.enroll(code)
    with pytest.raises(Conflict, match="Make a new one"):
        await give_code(fleet, token)


async def test_another_organisation_gets_no_code_for_a_token(fleet: Any, other_organization: Any) -> None:
    token, _ = await fleet.new_token()
    with pytest.raises(NotFound):
        await give_code(fleet, token, org_id=other_organization.id)


@given(st.text(max_size=14))
def test_what_is_no_code_is_read_as_none(text: str) -> None:
    code = read_code(text)
    assert code is None or (len(code) == 11 and read_code(code) == code)


# --- enrolment


@pytest.mark.parametrize("kind", ["ed25519", "p256"])
async def test_a_device_gets_a_certificate_of_its_organisations_ca(fleet: Any, kind: str) -> None:
    key = (
        ed25519.Ed25519PrivateKey.generate() if kind == "ed25519" else ec.generate_private_key(ec.SECP256R1())
    )
    laptop = await fleet.enroll(key=key)
    certificate = x509.load_pem_x509_certificate(laptop.certificate.encode())
    certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(laptop.ca_certificate.encode()))
    assert certificate.public_key() == key.public_key()
    assert certificate.not_valid_after_utc == laptop.not_after
    device = await fleet.session.get(Device, (fleet.organization.id, laptop.device_id))
    assert device.user_id == fleet.organization.member.id
    assert (device.hostname, device.platform, device.agent_version) == ("laptop-17", "linux", "0.1.0")
    assert (device.certificate_not_after, device.last_seen_at) == (laptop.not_after, fleet.now)
    (noted,) = await fleet.session.scalars(
        select(DeviceCertificate).where(DeviceCertificate.device_id == laptop.device_id)
    )
    assert int(noted.serial, 16) == certificate.serial_number
    assert (noted.not_before, noted.not_after) == (certificate.not_valid_before_utc, laptop.not_after)


async def test_a_token_counts_its_uses(fleet: Any) -> None:
    token, secret = await fleet.new_token(max_uses=2)
    first, second = await fleet.enroll(secret), await fleet.enroll(secret)
    assert first.device_id != second.device_id
    assert first.ca_certificate == second.ca_certificate
    assert await uses_of(fleet.session, token) == 2
    with pytest.raises(Unauthorized):
        await fleet.enroll(secret)


async def test_the_case_of_an_email_does_not_matter(fleet: Any) -> None:
    assert await fleet.enroll(user_email=fleet.organization.member.email.upper())


async def test_a_device_belongs_to_an_active_user_of_the_tokens_organisation(
    fleet: Any, other_organization: Any
) -> None:
    for email in ("nobody@example.com", other_organization.member.email):
        with pytest.raises(Invalid) as refused:
            await fleet.enroll(user_email=email)
        assert refused.value.details["field"] == "user_email"
    await deactivate(fleet, fleet.organization.member)
    with pytest.raises(Invalid):
        await fleet.enroll()


async def test_a_reserved_device_is_filled_in_by_its_own_user(fleet: Any) -> None:
    token, secret = await fleet.new_token(user_email=fleet.organization.manager.email)
    with pytest.raises(Invalid) as refused:
        await fleet.enroll(secret, user_email=fleet.organization.member.email)
    assert refused.value.details["field"] == "user_email"
    token.uses = 0  # what the request's rollback does
    await fleet.session.flush()
    laptop = await fleet.enroll(secret, user_email=fleet.organization.manager.email)
    assert laptop.device_id == token.device_id
    assert await count(fleet.session, Device, fleet.organization.id) == 1


async def test_a_reserved_device_that_was_revoked_stays_out(fleet: Any) -> None:
    token, secret = await fleet.new_token(user_email=fleet.organization.member.email)
    await service.revoke_device(fleet.session, actor=fleet.admin, device_id=token.device_id, now=fleet.now)
    with pytest.raises(Unauthorized):
        await fleet.enroll(secret)


async def test_a_key_belongs_to_one_device(fleet: Any) -> None:
    laptop = await fleet.enroll()
    with pytest.raises(Conflict, match="new key"):
        await fleet.enroll(key=laptop.key)


async def test_a_revoked_devices_key_stays_taken(fleet: Any) -> None:
    laptop = await fleet.enroll()
    await service.revoke_device(fleet.session, actor=fleet.admin, device_id=laptop.device_id, now=fleet.now)
    with pytest.raises(Conflict):
        await fleet.enroll(key=laptop.key)


async def test_another_organisation_knows_nothing_of_a_key(fleet: Any, other_organization: Any) -> None:
    laptop = await fleet.enroll()
    other = replace(fleet, organization=other_organization)
    again = await other.enroll(key=laptop.key)
    assert again.ca_certificate != laptop.ca_certificate


@pytest.mark.parametrize("what", ["rsa", "email", "key"])
async def test_a_refused_enrolment_leaves_nothing_behind(fleet: Any, sessions: Sessions, what: str) -> None:
    async with sessions.begin() as session:
        taken = await fleet.using(session).enroll()
        token, secret = await fleet.using(session).new_token()
    said = {"email": {"user_email": "nobody@example.com"}, "key": {"key": taken.key}}.get(what, {})
    if what == "rsa":
        said = {"key": rsa.generate_private_key(65537, 2048)}
    with pytest.raises((Invalid, Conflict)):
        async with sessions.begin() as session:
            await fleet.using(session).enroll(secret, **said)
    assert (await fleet.session.get(EnrollmentToken, (token.org_id, token.id))).uses == 0
    assert await count(fleet.session, Device, fleet.organization.id) == 1
    assert await count(fleet.session, DeviceCertificate, fleet.organization.id) == 1


# --- at once


async def outcomes(*attempts: Any) -> Counter[str]:
    done = await asyncio.gather(*attempts, return_exceptions=True)
    return Counter(type(each).__name__ for each in done)


async def test_many_at_once_never_use_a_token_more_often_than_it_says(fleet: Any, sessions: Sessions) -> None:
    async with sessions.begin() as session:
        token, secret = await fleet.using(session).new_token(max_uses=3)

    async def attempt() -> Any:
        async with sessions.begin() as session:
            return await fleet.using(session).enroll(secret)

    assert await outcomes(*[attempt() for _ in range(16)]) == {"Laptop": 3, "Unauthorized": 13}
    assert (await fleet.session.get(EnrollmentToken, (token.org_id, token.id))).uses == 3
    assert await count(fleet.session, Device, fleet.organization.id) == 3


async def test_first_enrolments_at_once_make_one_ca(fleet: Any, sessions: Sessions) -> None:
    async with sessions.begin() as session:
        secrets = [(await fleet.using(session).new_token())[1] for _ in range(6)]

    async def attempt(secret: str) -> Any:
        async with sessions.begin() as session:
            return await fleet.using(session).enroll(secret)

    laptops = await asyncio.gather(*[attempt(secret) for secret in secrets])
    (stored,) = await fleet.session.scalars(
        select(DeviceAuthority.certificate).where(DeviceAuthority.org_id == fleet.organization.id)
    )
    assert {laptop.ca_certificate for laptop in laptops} == {stored}
    ca = x509.load_pem_x509_certificate(stored.encode())
    for laptop in laptops:
        x509.load_pem_x509_certificate(laptop.certificate.encode()).verify_directly_issued_by(ca)


async def test_one_key_at_once_with_two_tokens_makes_one_device(fleet: Any, sessions: Sessions) -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    async with sessions.begin() as session:
        secrets = [(await fleet.using(session).new_token())[1] for _ in range(6)]

    async def attempt(secret: str) -> Any:
        async with sessions.begin() as session:
            return await fleet.using(session).enroll(secret, key=key)

    assert await outcomes(*[attempt(secret) for secret in secrets]) == {"Laptop": 1, "Conflict": 5}


# --- the CA at rest


async def test_the_cas_key_is_sealed_for_its_organisation(fleet: Any) -> None:
    await fleet.enroll()
    (row,) = await fleet.session.scalars(
        select(DeviceAuthority).where(DeviceAuthority.org_id == fleet.organization.id)
    )
    assert b"PRIVATE" not in row.sealed_key
    with pytest.raises(Unreadable):
        await replace(fleet, secret_key="another key, as long as this").enroll()


async def test_a_ca_about_to_end_is_followed_by_a_new_one(fleet: Any) -> None:
    first = await fleet.enroll()
    latest = replace(fleet, now=fleet.now + AUTHORITY_LIFETIME - CERTIFICATE_LIFETIME - SECOND)
    assert (await latest.enroll()).ca_certificate == first.ca_certificate
    after = await replace(latest, now=latest.now + SECOND).enroll()
    assert after.ca_certificate != first.ca_certificate
    ca = x509.load_pem_x509_certificate(after.ca_certificate.encode())
    x509.load_pem_x509_certificate(after.certificate.encode()).verify_directly_issued_by(ca)


# --- renewal


async def test_a_renewed_device_has_two_good_certificates(fleet: Any) -> None:
    laptop = await fleet.enroll()
    later = fleet.now + timedelta(days=60)
    key = ed25519.Ed25519PrivateKey.generate()
    renewed = await fleet.renew(laptop, key, now=later)
    assert renewed.device_id == laptop.device_id
    assert renewed.ca_certificate == laptop.ca_certificate
    assert renewed.not_after == later.replace(microsecond=0) + CERTIFICATE_LIFETIME
    for good in (laptop, replace(laptop, key=key)):
        await fleet.grant(good.proof(later), now=later)
    device = await fleet.session.get(Device, (fleet.organization.id, laptop.device_id))
    assert device.certificate_not_after == renewed.not_after


async def test_a_device_may_keep_its_key(fleet: Any) -> None:
    laptop = await fleet.enroll()
    renewed = await fleet.renew(laptop, laptop.key)
    assert renewed.certificate != laptop.certificate


async def test_a_device_may_not_take_another_ones_key(fleet: Any) -> None:
    laptop, other = await fleet.enroll(), await fleet.enroll()
    with pytest.raises(Conflict):
        await fleet.renew(laptop, other.key)


async def test_a_device_has_at_most_five_live_certificates(fleet: Any) -> None:
    laptop = await fleet.enroll()
    for _ in range(4):
        await fleet.renew(laptop, laptop.key)
    with pytest.raises(Conflict, match="5 live"):
        await fleet.renew(laptop, laptop.key)
    (one, *_) = await fleet.session.scalars(
        select(DeviceCertificate).where(DeviceCertificate.device_id == laptop.device_id)
    )
    one.not_after = fleet.now
    await fleet.session.flush()
    await fleet.renew(laptop, laptop.key)


async def test_another_devices_certificates_do_not_count(fleet: Any) -> None:
    laptop, other = await fleet.enroll(), await fleet.enroll()
    for _ in range(4):
        await fleet.renew(other, other.key)
    await fleet.renew(laptop, laptop.key)


async def test_neither_a_revoked_nor_an_expired_device_is_renewed(fleet: Any) -> None:
    laptop = await fleet.enroll()
    await fleet.renew(laptop, laptop.key, now=laptop.not_after - SECOND)
    expired = await fleet.enroll()
    with pytest.raises(Unauthorized):
        await fleet.renew(expired, expired.key, now=expired.not_after)
    await service.revoke_device(fleet.session, actor=fleet.admin, device_id=laptop.device_id, now=fleet.now)
    with pytest.raises(Unauthorized):
        await fleet.renew(laptop, laptop.key)


async def test_renewals_at_once_stay_within_five(fleet: Any, sessions: Sessions) -> None:
    async with sessions.begin() as session:
        laptop = await fleet.using(session).enroll()

    async def attempt() -> Any:
        async with sessions.begin() as session:
            return await fleet.using(session).renew(laptop, laptop.key)

    assert await outcomes(*[attempt() for _ in range(8)]) == {"Enrolled": 4, "Conflict": 4}


# --- revocation


async def test_a_revoked_device_is_out_for_good(fleet: Any) -> None:
    laptop = await fleet.enroll()
    first = await service.revoke_device(
        fleet.session, actor=fleet.admin, device_id=laptop.device_id, now=fleet.now
    )
    again = await service.revoke_device(
        fleet.session, actor=fleet.admin, device_id=laptop.device_id, now=fleet.now + SECOND
    )
    assert first.device.revoked_at == again.device.revoked_at == fleet.now
    (certificate,) = await fleet.session.scalars(
        select(DeviceCertificate).where(DeviceCertificate.device_id == laptop.device_id)
    )
    assert certificate.revoked_at == fleet.now


async def test_only_a_device_within_reach_can_be_revoked(fleet: Any, other_organization: Any) -> None:
    laptop = await fleet.enroll()
    near = replace(fleet.admin, reach=Reach(user_id=fleet.organization.manager.id))
    foreign = replace(fleet, organization=other_organization).admin
    for actor in (near, foreign):
        with pytest.raises(NotFound):
            await service.revoke_device(fleet.session, actor=actor, device_id=laptop.device_id, now=fleet.now)
    device = await queries.device(fleet.session, actor=fleet.admin, device_id=laptop.device_id)
    assert device.device.revoked_at is None
