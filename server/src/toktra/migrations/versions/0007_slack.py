"""Webhooks of Slack. Whoever knows the address can write there, so the audit log does not show it."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE webhooks ADD COLUMN kind text NOT NULL DEFAULT 'signed' "
        "CHECK (kind IN ('signed', 'slack'))"
    )
    op.execute("SELECT audit_table('webhooks', 'webhook', hidden => '{url}', ignored => '{taken_at}')")
