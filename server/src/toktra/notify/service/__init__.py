"""Webhooks and their messages; and telling of what happened."""

from toktra.notify.service.deliveries import Outcome, keep_house, note, outgoing, resend, send_test
from toktra.notify.service.telling import tell_of_alert
from toktra.notify.service.webhooks import (
    WebhookChanges,
    Where,
    archive_webhook,
    change_webhook,
    create_webhook,
    rotate_secret,
)

__all__ = [
    "Outcome",
    "WebhookChanges",
    "Where",
    "archive_webhook",
    "change_webhook",
    "create_webhook",
    "keep_house",
    "note",
    "outgoing",
    "resend",
    "rotate_secret",
    "send_test",
    "tell_of_alert",
]
