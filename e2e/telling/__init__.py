"""What follows from a device's event: mails, Slack, webhooks, incidents, blocks. All is real but Slack."""
