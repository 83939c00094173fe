"""What routes of risk events take and answer."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from toktra.kit.http import Body, Email, Name
from toktra.risks.model import GithubIntegration
from toktra.risks.queries import ListedRisk
from toktra.risks.rules import Level, Source
from toktra.risks.service.github import IntegrationChanges

_LINE = r"\A[^\x00-\x1f\x7f\ud800-\udfff]+\Z"
Line = Annotated[str, Meta(min_length=1, max_length=300, pattern=_LINE)]
Kind = Annotated[str, Meta(min_length=1, max_length=60, pattern=r"\A[a-z][a-z0-9_]*\Z")]
Login = Annotated[str, Meta(min_length=1, max_length=100, pattern=r"\A[A-Za-z0-9_\[\]-]+\Z")]
Pattern = Annotated[str, Meta(min_length=1, max_length=200, pattern=_LINE)]
Patterns = Annotated[list[Pattern], Meta(max_length=100, description="Of files that matter, as in *.pem")]
Count = Annotated[int, Meta(ge=1, le=1_000_000)]
Tokens = Annotated[int, Meta(ge=0, le=10**12)]
Hours = Annotated[int, Meta(ge=1, le=24 * 14)]


class NewRiskBody(Body, frozen=True, kw_only=True):
    """What a scanner has found. There is no field for content: a title says what it is."""

    level: Level
    kind: Annotated[Kind, Meta(description="A short code of the scanner's own, such as `secret_found`")]
    title: Line
    external_id: Annotated[
        Line, Meta(description="The scanner's own id: reported again, it is the same event")
    ]
    repository: Line | None = None
    user_email: Annotated[Email | None, Meta(description="Whose it is: a user of the organisation")] = None
    occurred_at: Annotated[datetime, Meta(tz=True)] | None = None


class RiskAnswer(Struct, frozen=True):
    """A sign that work may leave the house."""

    id: UUID
    source: Source
    kind: str
    level: Level
    title: str
    repository: str | None
    login: Annotated[str | None, Meta(description="On GitHub")]
    user_id: UUID | None
    user_email: str | None
    occurred_at: datetime
    details: Annotated[dict[str, Any], Meta(description="Figures, such as the number of files")]

    @classmethod
    def of(cls, listed: ListedRisk) -> "RiskAnswer":
        one = listed.event
        return cls(
            id=one.id,
            source=one.source,
            kind=one.kind,
            level=one.level,
            title=one.title,
            repository=one.repository,
            login=one.login,
            user_id=one.user_id,
            user_email=listed.emails.get(one.user_id) if one.user_id else None,
            occurred_at=one.occurred_at,
            details=one.details,
        )


class NewIntegrationBody(Body, frozen=True):
    name: Name


class IntegrationChangeBody(Body, frozen=True):
    """What is left out stays."""

    name: Name | UnsetType = UNSET
    patterns: Patterns | UnsetType = UNSET
    many_files: Count | UnsetType = UNSET
    heavy_tokens: Tokens | UnsetType = UNSET
    within_hours: Hours | UnsetType = UNSET

    def changes(self) -> IntegrationChanges:
        return IntegrationChanges(
            name=self.name,
            patterns=self.patterns,
            many_files=self.many_files,
            heavy_tokens=self.heavy_tokens,
            within_hours=self.within_hours,
        )


class IntegrationAnswer(Struct, frozen=True):
    """A GitHub App's webhook. A push to a personal fork counts by the four settings."""

    id: UUID
    name: str
    webhook_url: Annotated[str, Meta(description="To be entered in GitHub")]
    patterns: Annotated[list[str], Meta(description="Of files that matter")]
    many_files: Annotated[int, Meta(description="From how many files on a push counts without a match")]
    heavy_tokens: Annotated[int, Meta(description="From how many tokens on use is heavy")]
    within_hours: Annotated[int, Meta(description="How long before the push it counts")]
    created_at: datetime
    heard_at: Annotated[datetime | None, Meta(description="When GitHub was last heard")]

    @classmethod
    def of(cls, one: GithubIntegration, public_url: str) -> "IntegrationAnswer":
        return cls(
            id=one.id,
            name=one.name,
            webhook_url=f"{public_url}/v1/integrations/github/{one.id}/webhook",
            patterns=one.patterns,
            many_files=one.many_files,
            heavy_tokens=one.heavy_tokens,
            within_hours=one.within_hours,
            created_at=one.created_at,
            heard_at=one.heard_at,
        )


class IntegrationSecretAnswer(Struct, frozen=True):
    id: UUID
    integration: IntegrationAnswer
    secret: Annotated[str, Meta(description="Shown this once; to be entered in GitHub")]


class IdentityBody(Body, frozen=True):
    """Whose a GitHub login is."""

    login: Login
    user_id: UUID


class IdentityAnswer(Struct, frozen=True):
    login: str
    user_id: UUID
    user_email: str


class HeardAnswer(Struct, frozen=True):
    """What became of a delivery."""

    risk: Annotated[bool, Meta(description="Whether it was a risk")]
