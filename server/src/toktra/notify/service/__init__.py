"""Webhooks and their messages, mails and who wants them; and telling of what happened."""

from toktra.notify.service.deliveries import keep_house, resend, send_test
from toktra.notify.service.firings import PolicyFired, firing_letter, spread_firing, tell_of_firing
from toktra.notify.service.incidents import tell_of_incident
from toktra.notify.service.mails import Wanted, choose, letter, read_token, unsubscribe, wanted_mails
from toktra.notify.service.slack_apps import connect, disconnect, slack_app
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
    "PolicyFired",
    "Wanted",
    "WebhookChanges",
    "Where",
    "archive_webhook",
    "change_webhook",
    "choose",
    "connect",
    "create_webhook",
    "disconnect",
    "firing_letter",
    "keep_house",
    "letter",
    "note",
    "outgoing",
    "read_token",
    "resend",
    "rotate_secret",
    "send_test",
    "slack_app",
    "spread_firing",
    "tell_of_alert",
    "tell_of_firing",
    "tell_of_incident",
    "unsubscribe",
    "wanted_mails",
]
