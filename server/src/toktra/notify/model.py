"""Tables of webhooks. What a row means stands in the migration that makes it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, String
from sqlalchemy.orm import Mapped, mapped_column

from toktra.alerts.rules import Kind
from toktra.kit.database import Model
from toktra.notify.rules import DeliveryStatus, Event, Failure, MessageKind, WebhookKind, WebhookStatus


class Webhook(Model):
    """An address of the organisation's own program that is told of events."""

    __tablename__ = "webhooks"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[WebhookKind] = mapped_column(String)
    url: Mapped[str | None]
    channel: Mapped[str | None]
    events: Mapped[list[Event]] = mapped_column(ARRAY(String))
    alert_kinds: Mapped[list[Kind] | None] = mapped_column(ARRAY(String))
    from_percent: Mapped[int | None]
    below_percent: Mapped[int | None]
    status: Mapped[WebhookStatus] = mapped_column(String)
    sealed_secret: Mapped[bytes]
    sealed_previous_secret: Mapped[bytes | None]
    previous_until: Mapped[datetime | None]
    taken_at: Mapped[datetime | None]
    created_by: Mapped[UUID]
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    archived_at: Mapped[datetime | None]

    @property
    def is_on(self) -> bool:
        """Whether messages go there."""
        return self.status == "active" and self.archived_at is None


class Delivery(Model):
    """One message to one webhook, and what became of it."""

    __tablename__ = "webhook_deliveries"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    webhook_id: Mapped[UUID]
    event: Mapped[MessageKind] = mapped_column(String)
    subject_id: Mapped[UUID]
    body: Mapped[str]
    status: Mapped[DeliveryStatus] = mapped_column(String)
    turn: Mapped[int]
    failures: Mapped[int]
    trying_since: Mapped[datetime]
    created_at: Mapped[datetime]
    next_try_at: Mapped[datetime | None]
    last_try_at: Mapped[datetime | None]
    last_answer: Mapped[int | None]
    last_failure: Mapped[Failure | None] = mapped_column(String)
    last_error: Mapped[str | None]


class SlackApp(Model):
    """The organisation's Slack app, which writes into the channels that it is in."""

    __tablename__ = "slack_apps"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    sealed_token: Mapped[bytes]
    connected_by: Mapped[UUID]
    connected_at: Mapped[datetime]


class MailChoice(Model):
    """What someone said about mails to them."""

    __tablename__ = "mail_choices"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    alert_mails: Mapped[bool]
    policy_mails: Mapped[bool]
