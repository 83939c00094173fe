"""The audit log, and every table that it watches so far."""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Several statements at once, with no parameters: straight to the driver."""
    sql = (Path(__file__).parent.parent / "sql" / "0002_audit_log.sql").read_text()
    op.get_bind().connection.cursor().execute(sql)
