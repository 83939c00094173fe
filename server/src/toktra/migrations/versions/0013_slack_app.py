"""Slack through an app: its token, channels, and what of the alerts a channel or a webhook is told."""

from pathlib import Path

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sql = (Path(__file__).parent.parent / "sql" / "0013_slack_app.sql").read_text()
    op.get_bind().connection.cursor().execute(sql)
