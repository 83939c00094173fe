"""Policies, their firings, and blocks."""

from pathlib import Path

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sql = (Path(__file__).parent.parent / "sql" / "0009_policies.sql").read_text()
    op.get_bind().connection.cursor().execute(sql)
