"""HTTP of devices: enrolment tokens, enrolment, the list, and what a device asks for itself."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response
from litestar.openapi import ResponseSpec
from litestar.params import Parameter
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.guards import PUBLIC, may
from toktra.access.rules import Actor, Scope
from toktra.devices import configuration, queries, service
from toktra.devices.rules import Status
from toktra.devices.shapes import (
    DeviceAnswer,
    Enrollment,
    EnrollmentAnswer,
    EnrollmentCodeAnswer,
    EnrollmentTokenAnswer,
    NewEnrollmentToken,
    NewEnrollmentTokenAnswer,
    PrivacyHoursUse,
    Renewal,
)
from toktra.kit.http import delete, get, post, put
from toktra.kit.pages import DEFAULT_LIMIT, Cursor, Limit, Page
from toktra_wire.config import DeviceConfig

_UNCHANGED = {304: ResponseSpec(None, description="The configuration is what If-None-Match names")}


@post("/v1/enrollment-tokens", guards=[may(Scope.DEVICES_WRITE)], status_code=201)
async def create_enrollment_token(
    data: NewEnrollmentToken, actor: Actor, session: AsyncSession, now: datetime
) -> NewEnrollmentTokenAnswer:
    """A token that lets devices in. It is shown this once."""
    token, secret = await service.create_enrollment_token(
        session,
        actor=actor,
        max_uses=data.max_uses,
        expires_at=data.expires_at,
        user_email=data.user_email,
        now=now,
    )
    return NewEnrollmentTokenAnswer.of(token, secret)


@get("/v1/enrollment-tokens", guards=[may(Scope.DEVICES_WRITE)])
async def list_enrollment_tokens(
    actor: Actor, session: AsyncSession, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> Page[EnrollmentTokenAnswer]:
    """The organisation's enrolment tokens, newest first, without their secrets."""
    return await queries.list_enrollment_tokens(
        session, EnrollmentTokenAnswer.of, org_id=actor.org_id, cursor=cursor, limit=limit
    )


@post("/v1/enrollment-tokens/{token_id:uuid}/code", guards=[may(Scope.DEVICES_WRITE)], status_code=201)
async def give_enrollment_code(
    token_id: UUID, actor: Actor, session: AsyncSession, now: datetime
) -> EnrollmentCodeAnswer:
    """A short code in the token's place, for 15 minutes and one device. A new one replaces the one before."""
    code, ends_at = await service.give_code(session, org_id=actor.org_id, token_id=token_id, now=now)
    return EnrollmentCodeAnswer(code, ends_at)


@delete("/v1/enrollment-tokens/{token_id:uuid}", guards=[may(Scope.DEVICES_WRITE)], status_code=204)
async def revoke_enrollment_token(token_id: UUID, actor: Actor, session: AsyncSession, now: datetime) -> None:
    """Revoke an enrolment token: it lets no more devices in. Devices already in stay."""
    await service.revoke_enrollment_token(session, org_id=actor.org_id, token_id=token_id, now=now)


@post("/v1/devices/enroll", opt=PUBLIC, status_code=201)
async def enroll(
    data: Enrollment, request: Request[Any, Any, Any], session: AsyncSession, now: datetime
) -> EnrollmentAnswer:
    """Enrol a device with an enrolment token and a signing request. The private key stays on the device."""
    settings = request.app.state.settings
    enrolled = await service.enroll(
        session, ask=data.ask(), secret_key=settings.require_secret_key(), now=now
    )
    return EnrollmentAnswer.of(enrolled, settings.public_url)


@post("/v1/devices/me/certificate", guards=[may(Scope.DEVICE)], status_code=201)
async def renew_certificate(
    data: Renewal, request: Request[Any, Any, Any], actor: Actor, session: AsyncSession, now: datetime
) -> EnrollmentAnswer:
    """A new certificate for the calling device. The present one stays good until its end."""
    settings = request.app.state.settings
    enrolled = await service.renew_certificate(
        session, actor=actor, csr=data.csr, secret_key=settings.require_secret_key(), now=now
    )
    return EnrollmentAnswer.of(enrolled, settings.public_url)


@get(
    "/v1/devices/me/config",
    guards=[may(Scope.DEVICE)],
    responses={**get.keywords["responses"], **_UNCHANGED},
)
async def device_config(
    request: Request[Any, Any, Any], actor: Actor, session: AsyncSession
) -> Response[DeviceConfig]:
    """The calling device's configuration: hosts, estimator, intervals. With an ETag; 304 when unchanged."""
    parts = await request.app.state.device_config_source(actor)
    not_after = await queries.certificate_end(session, actor=actor)
    rendered = configuration.render(parts, not_after)
    headers = {"ETag": rendered.etag, "Cache-Control": "private, no-cache"}
    if configuration.unchanged(request.headers.get("if-none-match"), rendered.etag):
        return Response(None, status_code=304, headers=headers)  # type: ignore[arg-type]
    return Response(rendered.body, media_type="application/json", headers=headers)  # type: ignore[arg-type]


@put("/v1/devices/me/privacy-hours", guards=[may(Scope.DEVICE)], status_code=204)
async def tell_privacy_hours(data: PrivacyHoursUse, actor: Actor, session: AsyncSession) -> None:
    """The calling device says whether Privacy Hours are in use on it. Nothing else about them can be said."""
    await service.note_privacy_hours(session, actor=actor, in_use=data.in_use)


@get("/v1/devices", guards=[may(Scope.DEVICES_READ)])
async def list_devices(
    actor: Actor,
    session: AsyncSession,
    now: datetime,
    status: Status | None = None,
    user_id: UUID | None = None,
    q: Annotated[
        str | None, Parameter(min_length=1, max_length=120, description="Part of the hostname")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[DeviceAnswer]:
    """The devices within the caller's reach, newest first."""
    return await queries.list_devices(
        session,
        partial(DeviceAnswer.of, now=now),
        org_id=actor.org_id,
        reach=actor.reach,
        wanted=queries.DeviceFilter(status, user_id, q),
        now=now,
        cursor=cursor,
        limit=limit,
    )


@get("/v1/devices/{device_id:uuid}", guards=[may(Scope.DEVICES_READ)])
async def show_device(device_id: UUID, actor: Actor, session: AsyncSession, now: datetime) -> DeviceAnswer:
    """One device within the caller's reach."""
    owned = await queries.device(session, actor=actor, device_id=device_id)
    return DeviceAnswer.of(owned, now)


@delete("/v1/devices/{device_id:uuid}", guards=[may(Scope.DEVICES_WRITE)], status_code=200)
async def revoke_device(device_id: UUID, actor: Actor, session: AsyncSession, now: datetime) -> DeviceAnswer:
    """Revoke a device: its certificates and tokens stop working at once. To come back it enrols anew."""
    owned = await service.revoke_device(session, actor=actor, device_id=device_id, now=now)
    return DeviceAnswer.of(owned, now)


ROUTES = [
    create_enrollment_token,
    list_enrollment_tokens,
    give_enrollment_code,
    revoke_enrollment_token,
    enroll,
    renew_certificate,
    device_config,
    tell_privacy_hours,
    list_devices,
    show_device,
    revoke_device,
]
