"""Whether Privacy Hours are in use on a device. When is kept nowhere, so not in the audit log either."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "devices",
        sa.Column("privacy_hours_in_use", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.execute("SELECT audit_table('devices', 'device', ignored => '{last_seen_at, privacy_hours_in_use}')")
