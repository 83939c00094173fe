"""Settings come from environment variables, are read once at the start, and stand in docs/settings.md."""

import os
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from email.errors import HeaderParseError
from email.headerregistry import Address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PREFIX = "TOKTRA_"

# Events are taken for 35 days: were they forgotten sooner, one sent again would count twice.
# One connection is the writer's.
_LEAST = {"retention_days": 40, "database_pool_size": 2, "hold_seconds": 1}
_DATA_DIR = Path(".toktra")


class SettingsError(Exception):
    """A setting is missing or makes no sense; the message says which, and what to set."""


def setting(help_text: str, default: Any = MISSING) -> Any:
    """A setting of the server: its default and the line that documents it."""
    if default is MISSING:
        return field(metadata={"help": help_text})
    return field(default=default, metadata={"help": help_text})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set. Each field is the variable TOKTRA_<NAME>."""

    database_url: str | None = setting(
        "PostgreSQL 16 or later, as its owner: `postgresql://user:password@host:5432/name`. "
        "Unset: an embedded PostgreSQL in the data folder.",
        None,
    )
    personal_database_url: str | None = setting(
        "The personal ledger's PostgreSQL, where it is another one. Unset: a schema of its own in this one.",
        None,
    )
    personal_url: str = setting(
        "Where the personal ledger is served, if by a server of its own (`toktra serve --only personal`). "
        "Unset: by this one.",
        "",
    )
    data_dir: Path = setting("Where the embedded database and generated files are kept.", _DATA_DIR)
    public_url: str = setting(
        "The address people and devices reach the server at; devices name it as issuer in their proofs.",
        "http://localhost:8000",
    )
    secret_key: str = setting(
        "At least 32 characters. Seals what must be stored but not readable, such as the device CA's key. "
        "`toktra demo` makes one in the data folder; `toktra serve` and `toktra worker` require it.",
        "",
    )
    log_level: str = setting("`debug`, `info`, `warning` or `error`.", "info")
    retention_days: int = setting(
        "How many days raw usage events are kept, 40 at least; roll-ups stay.",
        400,
    )
    database_pool_size: int = setting("Connections to PostgreSQL that one server process may open.", 10)

    hold_seconds: int = setting(
        "How long room is held for a request that is never heard of again, in seconds.", 600
    )

    smtp_url: str | None = setting(
        "Where mails go: `smtp://user:password@host:587`, with STARTTLS, or `smtps://host:465`. "
        "Unset: they are written as files into `mails` in the data folder.",
        None,
    )
    mail_from: str = setting("Whom mails are from. Unset: `toktra@` and the host of the public URL.", "")
    webhooks_to_private: bool = setting(
        "`true`: webhooks may go to private, loopback and link-local addresses too, and over plain HTTP.",
        False,
    )

    slack_api_url: str = setting("Where Slack's Web API is.", "https://slack.com/api")

    def require_secret_key(self) -> str:
        """The secret key, or the error that says how to make one."""
        if len(self.secret_key) < 32:
            raise SettingsError(
                "TOKTRA_SECRET_KEY must be set, to at least 32 characters. Make one with: "
                "python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
            )
        return self.secret_key

    @property
    def personal_address(self) -> str:
        """Where the personal ledger is asked."""
        return self.personal_url or self.public_url

    @property
    def secure_cookies(self) -> bool:
        """Cookies are marked Secure exactly when people come over HTTPS."""
        return urlsplit(self.public_url).scheme == "https"


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read TOKTRA_* variables. A variable that is set but empty counts as unset."""
    given = {
        f.name: environment[PREFIX + f.name.upper()]
        for f in fields(Settings)
        if environment.get(PREFIX + f.name.upper())
    }
    return Settings(**{name: _parse(name, text) for name, text in given.items()})


def _parse(name: str, text: str) -> Any:
    if name == "data_dir":
        return _folder(text)
    if name in _LEAST:
        return _whole(name, text)
    if name == "smtp_url":
        return _mail_server(text)
    if name == "mail_from":
        return _mailbox(text)
    if name == "webhooks_to_private":
        return _yes_or_no(name, text)
    if name in ("public_url", "personal_url", "slack_api_url"):
        return _address(name, text)
    if name == "log_level" and text.lower() not in ("debug", "info", "warning", "error"):
        raise SettingsError(f"TOKTRA_LOG_LEVEL is {text!r}; it can be debug, info, warning or error.")
    return text


def _folder(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError as unknown:
        raise SettingsError(f"TOKTRA_DATA_DIR is {text!r}; there is no such home folder.") from unknown


def _whole(name: str, text: str) -> int:
    least = _LEAST[name]
    if not (text.isascii() and text.isdecimal()) or len(text) > 9 or int(text) < least:
        raise SettingsError(f"{PREFIX}{name.upper()} is {text!r}; it must be a whole number from {least} up.")
    return int(text)


def _mail_server(text: str) -> str:
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("smtp", "smtps") and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise SettingsError(
            "TOKTRA_SMTP_URL must look like smtp://user:password@host:587 or smtps://host:465. "
            "Special characters in the user or password are written as %40 and so on."
        )
    return text


def _mailbox(text: str) -> str:
    try:
        return Address(addr_spec=text.encode("ascii").decode()).addr_spec
    except (ValueError, IndexError, AttributeError, HeaderParseError) as wrong:
        raise SettingsError(
            f"TOKTRA_MAIL_FROM is {text!r}; it must be an address like toktra@example.com"
        ) from wrong


def _yes_or_no(name: str, text: str) -> bool:
    if text.lower() not in ("1", "true", "0", "false"):
        raise SettingsError(f"{PREFIX}{name.upper()} is {text!r}; it can be true or false.")
    return text.lower() in ("1", "true")


def _address(name: str, text: str) -> str:
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise SettingsError(
            f"{PREFIX}{name.upper()} is {text!r}; it must look like https://toktra.example.com"
        )
    return text.rstrip("/")
