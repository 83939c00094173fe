"""Webhooks and their messages, mails and who wants them; and telling of what happened."""

from toktra.notify.service.deliveries import keep_house, resend, send_test
from toktra.notify.service.mails import choose, letter, read_token, unsubscribe, wants_alert_mails
from toktra.notify.service.telling import tell_of_alert
from toktra.notify.service.tries import Outcome, note, outgoing
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
    "choose",
    "create_webhook",
    "keep_house",
    "letter",
    "note",
    "outgoing",
    "read_token",
    "resend",
    "rotate_secret",
    "send_test",
    "tell_of_alert",
    "unsubscribe",
    "wants_alert_mails",
]
