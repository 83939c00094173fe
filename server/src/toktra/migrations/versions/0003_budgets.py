"""Budgets, holds, exemptions and alerts."""

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sql = (Path(__file__).parent.parent / "sql" / "0003_budgets.sql").read_text()
    op.get_bind().connection.cursor().execute(sql)
