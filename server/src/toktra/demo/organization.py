"""Makes the demo organisation: people, sign-ins, an API key, an enrolled device for each person.

O1: it is made in one transaction: there is all of it, or none.
O2: with its record lost, the organisation is found again and only its sign-ins are made anew.
"""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from toktra import __version__
from toktra.access import service as access
from toktra.access.rules import EVERYONE, GRANTABLE_SCOPES, ROLE_SCOPES, Actor, Reach, Role
from toktra.demo import company
from toktra.demo.company import Person
from toktra.demo.record import LiveDevice, Record, SignIn
from toktra.devices import service as devices
from toktra.kit.errors import NotFound
from toktra.people import queries, service
from toktra.people.queries import User
from toktra_wire import identity

LIVE = slice(9, 17)  # members; the first of them can sign in
_NAMESAKES = 1000
_SIGN_INS = ("owner", "admin", "manager", "member")


async def is_there(session: AsyncSession, record: Record) -> bool:
    """Whether the organisation of a record is in this database."""
    try:
        await queries.organization(session, org_id=record.org_id)
    except NotFound:
        return False
    return True


async def make(
    session: AsyncSession,
    *,
    people: int,
    days: int,
    secret_key: str,
    now: datetime,
    advance: Callable[[float], None] = lambda _part: None,
) -> Record:
    """The whole organisation (O1). `advance` is told what part of it is done."""
    made = await service.create_organization(
        session, name=company.NAME, time_zone=company.TIME_ZONE, currency="USD", region="eu", now=now
    )
    owner: User | None = None
    enrolled: list[LiveDevice] = []
    token = ""
    for person in company.people(people):
        user = await _user(session, made.id, person, now)
        if owner is None:
            owner, token = user, await _enrollment_token(session, user, uses=people, now=now)
        enrolled.append(await _enroll(session, person, token, secret_key, now))
        advance(len(enrolled) / people)
    assert owner is not None
    return await _with_sign_ins(
        session, owner, people=people, days=days, made_at=now, devices=enrolled[LIVE], now=now
    )


async def find_again(
    session: AsyncSession, *, people: int, days: int, secret_key: str, now: datetime
) -> Record | None:
    """The demo organisation that is there without a record, with new sign-ins and live devices (O2)."""
    for owner in await queries.users_by_email_anywhere(session, email=_address("owner"), limit=_NAMESAKES):
        found = await queries.organization(session, org_id=owner.org_id)
        if found.name != company.NAME:
            continue
        live = company.people(people)[LIVE]
        token = await _enrollment_token(session, owner, uses=len(live), now=now)
        enrolled = [await _enroll(session, person, token, secret_key, now) for person in live]
        return await _with_sign_ins(
            session, owner, people=people, days=days, made_at=found.created_at, devices=enrolled, now=now
        )
    return None


async def _user(session: AsyncSession, org_id: UUID, person: Person, now: datetime) -> User:
    return await service.create_user(
        session,
        org_id=org_id,
        email=person.email,
        name=person.name,
        department=person.department,
        role=person.role,
        manager_email=person.manager_email,
        now=now,
    )


async def _enrollment_token(session: AsyncSession, owner: User, *, uses: int, now: datetime) -> str:
    _, secret = await devices.create_enrollment_token(
        session, actor=acting(owner), max_uses=uses, expires_at=None, user_email=None, now=now
    )
    return secret


def acting(user: User) -> Actor:
    """An owner, admin or member of the demo as an actor: members reach themselves, the others everyone."""
    role = Role(user.role)
    return Actor(
        org_id=user.org_id,
        kind="session",
        credential_id=user.id,
        scopes=ROLE_SCOPES[role],
        reach=Reach(user_id=user.id) if role is Role.MEMBER else EVERYONE,
        user_id=user.id,
        department_id=user.department_id,
        role=role,
    )


async def _enroll(
    session: AsyncSession, person: Person, token: str, secret_key: str, now: datetime
) -> LiveDevice:
    key = identity.new_key()
    ask = devices.EnrollmentAsk(
        token=token,
        csr=identity.signing_request(key, person.hostname),
        hostname=person.hostname,
        platform=person.platform,
        agent_version=__version__,
        user_email=person.email,
    )
    enrolled = await devices.enroll(session, ask=ask, secret_key=secret_key, now=now)
    return LiveDevice(person.email, str(enrolled.device_id), identity.key_to_pem(key).decode())


async def _with_sign_ins(
    session: AsyncSession,
    owner: User,
    *,
    people: int,
    days: int,
    made_at: datetime,
    devices: Sequence[LiveDevice],
    now: datetime,
) -> Record:
    """One password for the four who can sign in, and an API key with every scope."""
    password = f"demo-{secrets.token_hex(3)}-{secrets.token_hex(3)}"
    for role in _SIGN_INS:
        user = await queries.user_by_email(session, org_id=owner.org_id, email=_address(role))
        if user is not None:
            await access.set_password(
                session, org_id=owner.org_id, user_id=user.id, password=password, now=now
            )
    _, key = await access.create_api_key(
        session,
        org_id=owner.org_id,
        created_by=owner.id,
        name="demo",
        scopes=GRANTABLE_SCOPES,
        expires_at=None,
        now=now,
    )
    sign_ins = [SignIn(role, _address(role)) for role in _SIGN_INS]
    return Record(owner.org_id, key, password, sign_ins, people, days, made_at, devices=list(devices))


def _address(name: str) -> str:
    return f"{name}@{company.MAIL_DOMAIN}"
