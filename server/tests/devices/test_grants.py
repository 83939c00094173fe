"""Proofs for tokens, tokens for actors: T1 (own key, in time, once) and T2 (who learns why)."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from toktra.access.model import AccessToken, UsedProof
from toktra.access.rules import DEVICE_SCOPES, Reach
from toktra.access.service import InvalidGrant
from toktra.devices import service
from toktra.devices.model import Device, DeviceCertificate
from toktra.kit.secrets import digest
from toktra_wire import identity
from toktra_wire.ids import new_id

SECOND = timedelta(seconds=1)
Sessions = async_sessionmaker[AsyncSession]


async def tokens(fleet: Any, device_id: Any) -> int:
    return (
        await fleet.session.scalar(
            select(func.count()).select_from(AccessToken).where(AccessToken.device_id == device_id)
        )
        or 0
    )


async def refusal(fleet: Any, assertion: str, **at: Any) -> str:
    with pytest.raises(InvalidGrant) as refused:
        await fleet.grant(assertion, **at)
    assert (refused.value.status, refused.value.code) == (400, "invalid_grant")
    return refused.value.message


@pytest.mark.parametrize("kind", ["ed25519", "p256"])
async def test_a_proof_buys_a_token_of_fifteen_minutes(fleet: Any, kind: str) -> None:
    key = (
        ed25519.Ed25519PrivateKey.generate() if kind == "ed25519" else ec.generate_private_key(ec.SECP256R1())
    )
    laptop = await fleet.enroll(key=key)
    issued = await fleet.grant(laptop.proof(fleet.now))
    assert issued.token.startswith("tk_dat_")
    assert (issued.expires_in, set(issued.scopes)) == (900, set(DEVICE_SCOPES))
    actor = await service.resolve_token(fleet.session, digest(issued.token), fleet.now)
    assert actor is not None
    member = fleet.organization.member
    assert (actor.org_id, actor.kind, actor.role) == (fleet.organization.id, "device", None)
    assert actor.device_id == actor.credential_id == laptop.device_id
    assert (actor.user_id, actor.department_id) == (member.id, member.department_id)
    assert (actor.scopes, actor.reach) == (DEVICE_SCOPES, Reach(user_id=member.id))


async def test_the_proof_that_devices_make_is_the_one_that_is_taken(fleet: Any) -> None:
    laptop = await fleet.enroll()
    proof = identity.proof(laptop.key, device_id=str(laptop.device_id), issuer=fleet.issuer, now=fleet.now)
    assert await fleet.grant(proof)


async def test_a_proof_is_good_once(fleet: Any) -> None:
    laptop = await fleet.enroll()
    proof = laptop.proof(fleet.now)
    await fleet.grant(proof)
    assert "used before" in await refusal(fleet, proof)
    await fleet.grant(laptop.proof(fleet.now))


async def test_two_devices_may_choose_the_same_jti(fleet: Any) -> None:
    for laptop in (await fleet.enroll(), await fleet.enroll()):
        await fleet.grant(laptop.proof(fleet.now, jti="1"))


async def test_a_replayed_proof_is_refused_for_as_long_as_it_would_be_good(fleet: Any) -> None:
    laptop = await fleet.enroll()
    proof = laptop.proof(fleet.now, exp=int(fleet.now.timestamp()) + 300)
    await fleet.grant(proof)
    remembered_until = await fleet.session.scalar(
        select(UsedProof.expires_at).where(UsedProof.device_id == laptop.device_id)
    )
    assert remembered_until >= fleet.now.replace(microsecond=0) + timedelta(seconds=330)
    assert "used before" in await refusal(fleet, proof, now=fleet.now + timedelta(seconds=328))
    assert "clock" in await refusal(fleet, proof, now=fleet.now + timedelta(seconds=331))


async def test_a_proof_used_many_times_at_once_is_good_once(fleet: Any, sessions: Sessions) -> None:
    async with sessions.begin() as session:
        laptop = await fleet.using(session).enroll()
    proof = laptop.proof(fleet.now)

    async def attempt() -> Any:
        async with sessions.begin() as session:
            return await fleet.using(session).grant(proof)

    done = await asyncio.gather(*[attempt() for _ in range(8)], return_exceptions=True)
    assert sorted(type(each).__name__ for each in done) == ["InvalidGrant"] * 7 + ["IssuedToken"]
    assert await tokens(fleet, laptop.device_id) == 1


@pytest.mark.parametrize(
    "times",
    [
        {"exp": -31},
        {"exp": 331},
        {"exp": 10**18},
        {"exp": 10**400},
        {"exp": 1e300},
        {"exp": -(10**400)},
        {"iat": 31},
        {"nbf": 31},
    ],
    ids=str,
)
async def test_a_proof_out_of_time_is_told_to_look_at_its_clock(fleet: Any, times: dict[str, Any]) -> None:
    laptop = await fleet.enroll()
    present = int(fleet.now.timestamp())
    proof = laptop.proof(fleet.now, **{claim: present + offset for claim, offset in times.items()})
    assert "Set the device's clock" in await refusal(fleet, proof)


@pytest.mark.parametrize(
    "times", [{"exp": -28}, {"exp": 330}, {"iat": 29}, {"nbf": 29}, {"iat": -9000}], ids=str
)
async def test_small_differences_of_clocks_are_forgiven(fleet: Any, times: dict[str, int]) -> None:
    laptop = await fleet.enroll()
    present = int(fleet.now.timestamp())
    await fleet.grant(laptop.proof(fleet.now, **{claim: present + offset for claim, offset in times.items()}))


async def test_forgers_all_hear_the_same(fleet: Any) -> None:
    laptop, other = await fleet.enroll(), await fleet.enroll()
    revoked = await fleet.enroll()
    await service.revoke_device(fleet.session, actor=fleet.admin, device_id=revoked.device_id, now=fleet.now)
    stranger = ed25519.Ed25519PrivateKey.generate()
    unknown = str(new_id())
    said = [
        await refusal(fleet, proof)
        for proof in (
            "",
            "a.b.c",
            "\ud800.\x00.ü",
            laptop.proof(fleet.now).rpartition(".")[0] + "." + "AAAA" * 21 + "AA",
            laptop.proof(fleet.now, signed_with=stranger),
            laptop.proof(fleet.now, signed_with=other.key),
            laptop.proof(fleet.now, signed_with=ec.generate_private_key(ec.SECP256R1())),
            laptop.proof(fleet.now, iss=str(other.device_id)),
            laptop.proof(fleet.now, sub=str(other.device_id)),
            laptop.proof(fleet.now, iss=unknown, sub=unknown),
            laptop.proof(fleet.now, aud="https://other.example.com"),
            laptop.proof(fleet.now, jti=None),
            laptop.proof(fleet.now, exp=1, signed_with=stranger),
            revoked.proof(fleet.now, signed_with=stranger),
        )
    ]
    assert len(set(said)) == 1
    assert "signed (EdDSA or ES256)" in said[0]
    assert fleet.issuer in said[0]
    assert await tokens(fleet, laptop.device_id) == 0


async def test_a_revoked_device_hears_that_it_was_revoked(fleet: Any) -> None:
    laptop = await fleet.enroll()
    token = (await fleet.grant(laptop.proof(fleet.now))).token
    await service.revoke_device(fleet.session, actor=fleet.admin, device_id=laptop.device_id, now=fleet.now)
    assert "revoked" in await refusal(fleet, laptop.proof(fleet.now))
    assert await tokens(fleet, laptop.device_id) == 0
    assert await service.resolve_token(fleet.session, digest(token), fleet.now) is None


async def test_a_good_certificate_is_not_good_on_a_revoked_device(fleet: Any) -> None:
    laptop = await fleet.enroll()
    await fleet.session.execute(
        update(Device).where(Device.id == laptop.device_id).values(revoked_at=fleet.now)
    )
    assert "revoked" in await refusal(fleet, laptop.proof(fleet.now))


async def test_a_revoked_certificate_is_not_good_on_a_good_device(fleet: Any) -> None:
    laptop = await fleet.enroll()
    await fleet.session.execute(
        update(DeviceCertificate)
        .where(DeviceCertificate.device_id == laptop.device_id)
        .values(revoked_at=fleet.now)
    )
    assert "revoked" in await refusal(fleet, laptop.proof(fleet.now))


async def test_an_expired_certificate_is_called_that(fleet: Any) -> None:
    laptop = await fleet.enroll()
    last = laptop.not_after - SECOND
    await fleet.grant(laptop.proof(last), now=last)
    assert "expired" in await refusal(fleet, laptop.proof(laptop.not_after), now=laptop.not_after)


async def test_a_renewed_key_goes_on_when_the_old_one_has_expired(fleet: Any) -> None:
    laptop = await fleet.enroll()
    key = ed25519.Ed25519PrivateKey.generate()
    await fleet.renew(laptop, key, now=laptop.not_after - SECOND)
    renewed = replace(laptop, key=key)
    await fleet.grant(renewed.proof(laptop.not_after), now=laptop.not_after)
    assert "expired" in await refusal(fleet, laptop.proof(laptop.not_after), now=laptop.not_after)


async def test_a_kept_key_goes_on_with_its_newest_certificate(fleet: Any) -> None:
    laptop = await fleet.enroll()
    await fleet.renew(laptop, laptop.key, now=laptop.not_after - SECOND)
    await fleet.grant(laptop.proof(laptop.not_after), now=laptop.not_after)


async def test_a_device_of_someone_who_left_gets_nothing(fleet: Any) -> None:
    laptop = await fleet.enroll()
    token = (await fleet.grant(laptop.proof(fleet.now))).token
    (await fleet.session.merge(fleet.organization.member)).status = "deactivated"
    await fleet.session.flush()
    assert "not active" in await refusal(fleet, laptop.proof(fleet.now))
    assert await service.resolve_token(fleet.session, digest(token), fleet.now) is None


async def test_a_grant_is_a_sign_of_life(fleet: Any) -> None:
    laptop = await fleet.enroll()
    later = fleet.now + SECOND
    await fleet.grant(laptop.proof(later), now=later)
    assert await last_seen(fleet, laptop) == later


async def last_seen(fleet: Any, laptop: Any) -> Any:
    return await fleet.session.scalar(
        select(Device.last_seen_at).where(
            Device.org_id == fleet.organization.id, Device.id == laptop.device_id
        )
    )


async def test_a_device_token_ends_with_itself_and_with_the_certificate(fleet: Any) -> None:
    laptop = await fleet.enroll()
    token = digest((await fleet.grant(laptop.proof(fleet.now))).token)
    end = fleet.now + timedelta(minutes=15)
    assert await service.resolve_token(fleet.session, token, end - SECOND)
    assert await service.resolve_token(fleet.session, token, end) is None
    late = laptop.not_after - SECOND
    token = digest((await fleet.grant(laptop.proof(late), now=late)).token)
    assert await service.resolve_token(fleet.session, token, late)
    assert await service.resolve_token(fleet.session, token, laptop.not_after) is None


async def test_what_is_no_device_token_resolves_to_nobody(fleet: Any) -> None:
    assert await service.resolve_token(fleet.session, digest("tk_dat_unknown"), fleet.now) is None


async def test_requests_are_noted_as_signs_of_life_once_a_minute(fleet: Any) -> None:
    laptop = await fleet.enroll()
    token = digest((await fleet.grant(laptop.proof(fleet.now))).token)
    minute = timedelta(minutes=1)
    await service.resolve_token(fleet.session, token, fleet.now + minute)
    assert await last_seen(fleet, laptop) == fleet.now
    await service.resolve_token(fleet.session, token, fleet.now + minute + SECOND)
    assert await last_seen(fleet, laptop) == fleet.now + minute + SECOND


async def test_a_device_follows_its_user_to_another_department(fleet: Any) -> None:
    laptop = await fleet.enroll()
    token = digest((await fleet.grant(laptop.proof(fleet.now))).token)
    (await fleet.session.merge(fleet.organization.member)).department_id = fleet.organization.root_id
    await fleet.session.flush()
    actor = await service.resolve_token(fleet.session, token, fleet.now)
    assert actor is not None
    assert actor.department_id == fleet.organization.root_id
