"""Webhooks and what was sent to them."""

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sql = (Path(__file__).parent.parent / "sql" / "0005_notify.sql").read_text()
    op.get_bind().connection.cursor().execute(sql)
