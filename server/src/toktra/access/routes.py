"""HTTP of access: session, invitations, API keys, OAuth clients, the token endpoint."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.enums import RequestEncodingType
from litestar.handlers import BaseRouteHandler
from litestar.openapi import ResponseSpec
from litestar.params import Body as BodyParameter
from msgspec import Meta, Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access import service
from toktra.access.edge import session_cookie
from toktra.access.guards import OWN, PUBLIC, may
from toktra.access.model import ApiKey, OAuthClient
from toktra.access.rules import GRANTABLE_SCOPES, Actor, Scope
from toktra.access.service.keys import check_grant
from toktra.kit.errors import BadRequest, Invalid
from toktra.kit.http import Body, Email, Name, Password, Secret, delete, get, post, put
from toktra.kit.pages import DEFAULT_LIMIT, Cursor, Limit, Page, page_by_id
from toktra.people import queries as people

ScopeNames = Annotated[list[Scope], Meta(min_length=1, max_length=len(GRANTABLE_SCOPES))]


class SignIn(Body, frozen=True, kw_only=True):
    email: Email
    password: Password


class PasswordChange(Body, frozen=True, kw_only=True):
    current_password: Password
    new_password: Password


class InvitationAcceptance(Body, frozen=True, kw_only=True):
    token: Secret
    password: Password


class SessionAnswer(Struct, frozen=True):
    """Who is signed in, and what they may do."""

    user_id: UUID
    org_id: UUID
    organization: str
    email: str
    name: str
    role: str
    scopes: list[str]
    csrf_token: Annotated[str, Meta(description="Send it as X-CSRF-Token with every unsafe request")]


class InvitationAnswer(Struct, frozen=True):
    token: Annotated[str, Meta(description="Shown this once")]
    url: Annotated[str, Meta(description="The page where the user sets their password")]
    expires_at: datetime


class NewApiKey(Body, frozen=True, kw_only=True):
    name: Name
    scopes: ScopeNames
    expires_at: Annotated[datetime, Meta(tz=True)] | None = None


class ApiKeyAnswer(Struct, frozen=True):
    id: UUID
    name: str
    hint: Annotated[str, Meta(description="The end of the secret, to tell keys apart")]
    scopes: list[str]
    created_by: UUID
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


class NewApiKeyAnswer(ApiKeyAnswer, frozen=True):
    key: Annotated[str, Meta(description="The secret, shown this once")]


class NewClient(Body, frozen=True, kw_only=True):
    name: Name
    scopes: ScopeNames


class ClientAnswer(Struct, frozen=True):
    id: Annotated[UUID, Meta(description="The client_id")]
    name: str
    scopes: list[str]
    created_by: UUID
    created_at: datetime
    revoked_at: datetime | None


class NewClientAnswer(ClientAnswer, frozen=True):
    client_secret: Annotated[str, Meta(description="The secret, shown this once")]


class TokenRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """RFC 6749 (client_credentials) or RFC 7523 (jwt-bearer), form-encoded."""

    grant_type: str
    client_id: str | None = None
    client_secret: str | None = None
    scope: str | None = None
    assertion: str | None = None


class TokenAnswer(Struct, frozen=True):
    access_token: str
    token_type: str
    expires_in: Annotated[int, Meta(description="Seconds")]
    scope: str


@post("/v1/session", opt=PUBLIC, status_code=201)
async def sign_in(
    data: SignIn, request: Request[Any, Any, Any], session: AsyncSession, now: datetime
) -> Response[SessionAnswer]:
    """Sign in with e-mail and password; sets the session cookie."""
    address = request.client.host if request.client else ""
    started = await service.sign_in(
        session, email=data.email, password=data.password, address=address, now=now
    )
    return await _signed_in(request, session, started, now)


@get("/v1/session", opt=OWN)
async def who_am_i(request: Request[Any, Any, Any], actor: Actor, session: AsyncSession) -> SessionAnswer:
    """Who the credential stands for. For a session also the CSRF token."""
    return await _session_answer(session, actor, request.scope["state"].get("csrf_token", ""))


@delete(
    "/v1/session",
    opt=OWN,
    status_code=204,
    responses={**delete.keywords["responses"], 204: ResponseSpec(None, description="Signed out")},
)
async def sign_out(request: Request[Any, Any, Any], actor: Actor, session: AsyncSession) -> Response[None]:
    """End the session; the cookie is cleared."""
    await service.sign_out(session, session_id=actor.credential_id)
    return Response(None, status_code=204, headers={"Set-Cookie": session_cookie(request, "", ends=True)})


@put("/v1/session/password", opt=OWN)
async def change_password(
    data: PasswordChange, request: Request[Any, Any, Any], actor: Actor, session: AsyncSession, now: datetime
) -> Response[SessionAnswer]:
    """Change one's own password. Every session ends; this browser gets a new one."""
    user = await people.user(session, org_id=actor.org_id, user_id=actor.user_id)
    if actor.kind != "session" or user is None:
        raise Invalid("Only a signed-in person has a password to change. Sign in first.", field="body")
    started = await service.change_password(
        session, user=user, current_password=data.current_password, new_password=data.new_password, now=now
    )
    return await _signed_in(request, session, started, now, status=200)


@post("/v1/users/{user_id:uuid}/invitation", guards=[may(Scope.PEOPLE_WRITE)], status_code=201)
async def invite(
    user_id: UUID, request: Request[Any, Any, Any], actor: Actor, session: AsyncSession, now: datetime
) -> InvitationAnswer:
    """A link with which the user sets their password, good for 7 days and one use."""
    token, expires_at = await service.invite(session, actor=actor, user_id=user_id, now=now)
    url = f"{request.app.state.settings.public_url}/welcome#token={token}"
    return InvitationAnswer(token, url, expires_at)


@post("/v1/invitations/accept", opt=PUBLIC, status_code=201)
async def accept_invitation(
    data: InvitationAcceptance, request: Request[Any, Any, Any], session: AsyncSession, now: datetime
) -> Response[SessionAnswer]:
    """Set the password with a link's token, and sign in."""
    started = await service.accept_invitation(session, token=data.token, password=data.password, now=now)
    return await _signed_in(request, session, started, now)


@get("/v1/api-keys", guards=[may(Scope.ACCESS_WRITE)])
async def list_api_keys(
    actor: Actor, session: AsyncSession, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> Page[ApiKeyAnswer]:
    """The organisation's API keys, newest first, without their secrets."""
    statement = select(ApiKey).where(ApiKey.org_id == actor.org_id)
    return await page_by_id(session, statement, ApiKey.id, _key_answer, cursor=cursor, limit=limit)


@post("/v1/api-keys", guards=[may(Scope.ACCESS_WRITE)], status_code=201)
async def create_api_key(
    data: NewApiKey, actor: Actor, session: AsyncSession, now: datetime
) -> NewApiKeyAnswer:
    """A new API key. Its secret is shown this once."""
    check_grant(actor, data.scopes)
    key, secret = await service.create_api_key(
        session,
        org_id=actor.org_id,
        created_by=actor.user_id,
        name=data.name,
        scopes=data.scopes,
        expires_at=data.expires_at,
        now=now,
    )
    return NewApiKeyAnswer(**_fields(key, ApiKeyAnswer), key=secret)


@delete("/v1/api-keys/{key_id:uuid}", guards=[may(Scope.ACCESS_WRITE)], status_code=204)
async def revoke_api_key(key_id: UUID, actor: Actor, session: AsyncSession, now: datetime) -> None:
    """Revoke an API key: it stops working at once."""
    await service.revoke_api_key(session, org_id=actor.org_id, key_id=key_id, now=now)


@get("/v1/oauth/clients", guards=[may(Scope.ACCESS_WRITE)])
async def list_clients(
    actor: Actor, session: AsyncSession, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> Page[ClientAnswer]:
    """The organisation's OAuth clients, newest first, without their secrets."""
    statement = select(OAuthClient).where(OAuthClient.org_id == actor.org_id)
    return await page_by_id(session, statement, OAuthClient.id, _client_answer, cursor=cursor, limit=limit)


@post("/v1/oauth/clients", guards=[may(Scope.ACCESS_WRITE)], status_code=201)
async def create_client(
    data: NewClient, actor: Actor, session: AsyncSession, now: datetime
) -> NewClientAnswer:
    """A new OAuth client. Its secret is shown this once."""
    check_grant(actor, data.scopes)
    client, secret = await service.create_client(
        session, org_id=actor.org_id, created_by=actor.user_id, name=data.name, scopes=data.scopes, now=now
    )
    return NewClientAnswer(**_fields(client, ClientAnswer), client_secret=secret)


@delete("/v1/oauth/clients/{client_id:uuid}", guards=[may(Scope.ACCESS_WRITE)], status_code=204)
async def revoke_client(client_id: UUID, actor: Actor, session: AsyncSession, now: datetime) -> None:
    """Revoke an OAuth client and every token it holds."""
    await service.revoke_client(session, org_id=actor.org_id, client_id=client_id, now=now)


def form_encoded(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """A body of another kind would come back in an error about its fields, the secret with it."""
    kind = connection.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != RequestEncodingType.URL_ENCODED.value:
        raise BadRequest(f"This address takes {RequestEncodingType.URL_ENCODED.value} (RFC 6749).")


@post("/v1/oauth/token", opt=PUBLIC, guards=[form_encoded], status_code=200)
async def token(
    data: Annotated[TokenRequest, BodyParameter(media_type=RequestEncodingType.URL_ENCODED)],
    request: Request[Any, Any, Any],
    session: AsyncSession,
    now: datetime,
) -> Response[TokenAnswer]:
    """A short-lived bearer token: client_credentials, or jwt-bearer with a device's signed proof."""
    grant = request.app.state.grants.get(data.grant_type)
    if grant is None:
        raise UnsupportedGrant(
            "grant_type must be client_credentials or urn:ietf:params:oauth:grant-type:jwt-bearer."
        )
    issued = await grant(session, data, now)
    answer = TokenAnswer(issued.token, "Bearer", issued.expires_in, " ".join(issued.scopes))
    return Response(answer, headers={"Cache-Control": "no-store"})


class UnsupportedGrant(BadRequest):
    """There is no such grant here (RFC 6749, 5.2)."""

    code = "unsupported_grant_type"


async def client_credentials(session: AsyncSession, data: TokenRequest, now: datetime) -> service.IssuedToken:
    """The client-credentials grant (RFC 6749, 4.4)."""
    if not data.client_id or not data.client_secret:
        raise BadRequest("grant_type=client_credentials needs client_id and client_secret.")
    return await service.authenticate_client(
        session, client_id=data.client_id, client_secret=data.client_secret, scope=data.scope, now=now
    )


async def _signed_in(
    request: Request[Any, Any, Any],
    session: AsyncSession,
    started: service.Started,
    now: datetime,
    status: int = 201,
) -> Response[SessionAnswer]:
    resumed = await service.resume_session(session, token=started.token, now=now)
    assert resumed is not None
    answer = await _session_answer(session, resumed.actor, started.csrf_token)
    return Response(
        answer, status_code=status, headers={"Set-Cookie": session_cookie(request, started.token)}
    )


async def _session_answer(session: AsyncSession, actor: Actor, csrf_token: str) -> SessionAnswer:
    user = await people.user(session, org_id=actor.org_id, user_id=actor.user_id)
    organization = await people.organization(session, org_id=actor.org_id)
    assert user is not None
    return SessionAnswer(
        user_id=user.id,
        org_id=actor.org_id,
        organization=organization.name,
        email=user.email,
        name=user.name,
        role=user.role,
        scopes=sorted(actor.scopes),
        csrf_token=csrf_token,
    )


def _key_answer(key: ApiKey) -> ApiKeyAnswer:
    return ApiKeyAnswer(**_fields(key, ApiKeyAnswer))


def _client_answer(client: OAuthClient) -> ClientAnswer:
    return ClientAnswer(**_fields(client, ClientAnswer))


def _fields(row: ApiKey | OAuthClient, shape: type[Struct]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in shape.__struct_fields__}


ROUTES = [
    sign_in,
    who_am_i,
    sign_out,
    change_password,
    invite,
    accept_invitation,
    list_api_keys,
    create_api_key,
    revoke_api_key,
    list_clients,
    create_client,
    revoke_client,
    token,
]
