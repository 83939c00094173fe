"""Which events of GitHub are risks, and how grave. Pure.

R1: of a payload only what is named here is read: no code, no file's content, no secret has a field.
R2: a secret that was found is high, one known to be public is critical.
R3: a repository that was private and is public now is critical.
R4: a push to a personal fork is a risk where its files are many or matter, and its person has used AI heavily
    within the hours before: high where files matter, else medium.
"""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any, Literal, get_args

from msgspec import Struct

Level = Literal["low", "medium", "high", "critical"]
LEVELS: tuple[Level, ...] = get_args(Level)
Source = Literal["github", "api"]

PATTERNS = ["*.pem", "*.key", "*.env", "*.tfstate", "*/secrets/*", "*/credentials/*"]
MANY_FILES = 100
HEAVY_TOKENS = 200_000
WITHIN_HOURS = 24


class Owner(Struct, frozen=True):
    login: str = ""
    type: str = ""


class Repository(Struct):
    full_name: str = ""
    private: bool = False
    fork: bool = False
    owner: Owner = Owner()


class SecretAlert(Struct):
    number: int = 0
    secret_type: str = ""
    created_at: datetime | None = None
    publicly_leaked: bool | None = None


class Author(Struct, frozen=True):
    email: str | None = None
    username: str | None = None


class Commit(Struct):
    id: str = ""
    timestamp: datetime | None = None
    author: Author = Author()
    added: list[str] = []
    modified: list[str] = []


class Pusher(Struct, frozen=True):
    name: str | None = None
    email: str | None = None


class Payload(Struct):
    """What is read of an event (R1); GitHub's other fields are passed over."""

    action: str = ""
    repository: Repository | None = None
    sender: Owner = Owner()
    alert: SecretAlert | None = None
    after: str = ""
    commits: list[Commit] = []
    pusher: Pusher = Pusher()


@dataclass(frozen=True, slots=True, kw_only=True)
class Watching:
    """When a push counts, as an admin set it."""

    patterns: tuple[str, ...] = tuple(PATTERNS)
    many_files: int = MANY_FILES


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """A risk that was seen. `needs_heavy_use`: only one where its person has used AI heavily (R4)."""

    kind: str
    level: Level
    title: str
    repository: str
    external_id: str
    login: str | None
    emails: tuple[str, ...] = ()
    occurred_at: datetime | None = None
    details: dict[str, Any] = field(default_factory=dict)
    needs_heavy_use: bool = False


def is_signed(secret: str, body: bytes, signature: str | None) -> bool:
    """Whether GitHub's X-Hub-Signature-256 is that of this body; compared in constant time."""
    expected = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return signature is not None and hmac.compare_digest(
        expected.encode(), signature.encode("utf-8", "replace")
    )


def risk_in(event: str, payload: Payload, watching: Watching) -> Risk | None:
    """The risk in an event of GitHub; None where there is none."""
    if payload.repository is None:
        return None
    match event, payload.action:
        case "secret_scanning_alert", "created" | "reopened" | "publicly_leaked":
            return _secret(payload, payload.repository)
        case "repository", "publicized":
            return _publicized(payload, payload.repository)
        case "push", _:
            return _push(payload, payload.repository, watching)
    return None


def _secret(payload: Payload, repository: Repository) -> Risk | None:
    alert = payload.alert
    if alert is None:
        return None
    leaked = alert.publicly_leaked is True or payload.action == "publicly_leaked"
    return Risk(
        kind="secret_found",
        level="critical" if leaked else "high",
        title=f"A secret was found in {repository.full_name}",
        repository=repository.full_name,
        external_id=f"secret/{repository.full_name}/{alert.number}/{payload.action}",
        login=payload.sender.login or None,
        occurred_at=alert.created_at,
        details={"secret_type": alert.secret_type[:200], "alert_number": alert.number, "public": leaked},
    )


def _publicized(payload: Payload, repository: Repository) -> Risk:
    return Risk(
        kind="repository_made_public",
        level="critical",
        title=f"{repository.full_name} was private and is public now",
        repository=repository.full_name,
        external_id="",
        login=payload.sender.login or None,
    )


def _push(payload: Payload, repository: Repository, watching: Watching) -> Risk | None:
    if not repository.fork or repository.owner.type != "User":
        return None
    files = {name for commit in payload.commits for name in (*commit.added, *commit.modified)}
    matching = sum(any(fnmatchcase(name, one) for one in watching.patterns) for name in files)
    if not matching and len(files) < watching.many_files:
        return None
    emails = [payload.pusher.email, *(commit.author.email for commit in payload.commits)]
    times = [commit.timestamp for commit in payload.commits if commit.timestamp is not None]
    return Risk(
        kind="push_to_personal_fork",
        level="high" if matching else "medium",
        title=f"{len(files)} files were pushed to the personal fork {repository.full_name}",
        repository=repository.full_name,
        external_id=f"push/{repository.full_name}/{payload.after}",
        login=payload.pusher.name or payload.sender.login or None,
        emails=tuple(dict.fromkeys(email for email in emails if email)),
        occurred_at=max(times, default=None),
        details={"files": len(files), "matching_files": matching, "commits": len(payload.commits)},
        needs_heavy_use=True,
    )
