"""What webhooks' routes take and answer."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from toktra.alerts.rules import KINDS, Kind
from toktra.kit.http import Body, Name
from toktra.notify.model import Delivery, SlackApp, Webhook
from toktra.notify.rules import (
    EVENTS,
    DeliveryStatus,
    Event,
    Failure,
    MessageKind,
    WebhookKind,
    WebhookStatus,
)

Url = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=2000,
        pattern=r"\A[!-~]+\Z",
        description="Where messages go: https, and no address inside",
    ),
]
Events = Annotated[list[Event], Meta(min_length=1, max_length=len(EVENTS), description="What it is told of")]

Channel = Annotated[
    str,
    Meta(
        pattern=r"\A(#[^\s#<>&]{1,80}|[CG][A-Z0-9]{5,30})\Z",
        description="A channel of Slack: its id, or # and its name",
    ),
]
AlertKinds = Annotated[
    list[Kind],
    Meta(min_length=1, max_length=len(KINDS), description="The alerts it is told of; null for all"),
]
FromPercent = Annotated[
    int,
    Meta(ge=0, le=1000, description="Of budgets' alerts only those at this share of the limit or above"),
]
BelowPercent = Annotated[
    int, Meta(ge=1, le=1000, description="Of budgets' alerts only those below this share of the limit")
]


class NewWebhook(Body, frozen=True, kw_only=True):
    name: Name
    events: Events
    kind: Annotated[
        WebhookKind,
        Meta(
            description="`slack`: the address is an incoming webhook of Slack; `slack_app`: the app that "
            "is connected writes into a channel"
        ),
    ] = "signed"
    url: Url | UnsetType = UNSET
    channel: Channel | UnsetType = UNSET
    alert_kinds: AlertKinds | None = None
    from_percent: FromPercent | None = None
    below_percent: BelowPercent | None = None


class WebhookChange(Body, frozen=True, kw_only=True):
    name: Name | UnsetType = UNSET
    url: Url | UnsetType = UNSET
    channel: Channel | UnsetType = UNSET
    events: Events | UnsetType = UNSET
    alert_kinds: AlertKinds | UnsetType | None = UNSET
    from_percent: FromPercent | UnsetType | None = UNSET
    below_percent: BelowPercent | UnsetType | None = UNSET
    status: WebhookStatus | UnsetType = UNSET


class Notifications(Body, frozen=True, kw_only=True):
    """What the caller wants to be told of."""

    alert_mails: Annotated[bool, Meta(description="Mails about alerts that the caller can act on")]
    policy_mails: Annotated[
        bool, Meta(description="Mails about policies that fired for the caller or their people")
    ]


class SlackToken(Body, frozen=True, kw_only=True):
    token: Annotated[
        str,
        Meta(
            pattern=r"\Axox[be]-[!-~]{10,500}\Z",
            description="The bot token of the app, with the scope chat:write; begins with xoxb-",
        ),
    ]


class SlackAppAnswer(Struct, frozen=True):
    """The organisation's Slack app, without its token."""

    connected: bool
    connected_by: UUID | None
    connected_at: datetime | None

    @classmethod
    def of(cls, app: SlackApp | None) -> "SlackAppAnswer":
        if app is None:
            return cls(connected=False, connected_by=None, connected_at=None)
        return cls(connected=True, connected_by=app.connected_by, connected_at=app.connected_at)


class WebhookAnswer(Struct, frozen=True):
    """An address that is told of events."""

    id: UUID
    name: str
    kind: WebhookKind
    url: str | None
    channel: str | None
    events: list[Event]
    alert_kinds: list[Kind] | None
    from_percent: int | None
    below_percent: int | None
    status: WebhookStatus
    created_by: UUID
    created_at: datetime
    disabled_at: datetime | None
    archived_at: datetime | None
    taken_at: Annotated[datetime | None, Meta(description="When it last took a message")]
    previous_secret_until: Annotated[
        datetime | None, Meta(description="Until then messages are signed with the secret before, too")
    ]

    @classmethod
    def of(cls, webhook: Webhook) -> "WebhookAnswer":
        return cls(
            id=webhook.id,
            name=webhook.name,
            kind=webhook.kind,
            url=webhook.url,
            channel=webhook.channel,
            events=webhook.events,
            alert_kinds=webhook.alert_kinds,
            from_percent=webhook.from_percent,
            below_percent=webhook.below_percent,
            status=webhook.status,
            created_by=webhook.created_by,
            created_at=webhook.created_at,
            disabled_at=webhook.disabled_at,
            archived_at=webhook.archived_at,
            taken_at=webhook.taken_at,
            previous_secret_until=webhook.previous_until,
        )


class SecretAnswer(Struct, frozen=True):
    """A webhook and its new secret."""

    id: UUID
    webhook: WebhookAnswer
    secret: Annotated[str, Meta(description="What messages are signed with, shown this once")]


class DeliveryAnswer(Struct, frozen=True):
    """One message to a webhook, and what became of it."""

    id: Annotated[UUID, Meta(description="The message's `webhook-id`, the same however often it is sent")]
    webhook_id: UUID
    type: MessageKind
    status: DeliveryStatus
    body: Annotated[str, Meta(description="What is sent, to the byte")]
    failures: Annotated[int, Meta(description="In a row, since it was first sent or sent again by hand")]
    created_at: datetime
    next_try_at: datetime | None
    last_try_at: datetime | None
    last_answer: Annotated[int | None, Meta(description="The status that the receiver answered")]
    last_failure: Failure | None
    last_error: Annotated[str | None, Meta(description="Slack's word for why it took no message")]

    @classmethod
    def of(cls, delivery: Delivery) -> "DeliveryAnswer":
        return cls(
            id=delivery.id,
            webhook_id=delivery.webhook_id,
            type=delivery.event,
            status=delivery.status,
            body=delivery.body,
            failures=delivery.failures,
            created_at=delivery.created_at,
            next_try_at=delivery.next_try_at,
            last_try_at=delivery.last_try_at,
            last_answer=delivery.last_answer,
            last_failure=delivery.last_failure,
            last_error=delivery.last_error,
        )
