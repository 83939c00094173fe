"""Use cases of access. Each file is one kind of credential."""

from toktra.access.service.clients import (
    authenticate_client,
    create_client,
    resolve_client_token,
    revoke_client,
)
from toktra.access.service.keys import create_api_key, resolve_api_key, revoke_api_key
from toktra.access.service.passwords import accept_invitation, change_password, invite, set_password, sign_in
from toktra.access.service.sessions import (
    SESSION_LIFETIME,
    Resumed,
    Started,
    end_sessions,
    resume_session,
    session_actor,
    sign_out,
    start_session,
)
from toktra.access.service.tokens import (
    InvalidGrant,
    IssuedToken,
    issue_token,
    revoke_device_tokens,
    use_proof,
)

__all__ = [
    "SESSION_LIFETIME",
    "InvalidGrant",
    "IssuedToken",
    "Resumed",
    "Started",
    "accept_invitation",
    "authenticate_client",
    "change_password",
    "create_api_key",
    "create_client",
    "end_sessions",
    "invite",
    "issue_token",
    "resolve_api_key",
    "resolve_client_token",
    "resume_session",
    "revoke_api_key",
    "revoke_client",
    "revoke_device_tokens",
    "session_actor",
    "set_password",
    "sign_in",
    "sign_out",
    "start_session",
    "use_proof",
]
