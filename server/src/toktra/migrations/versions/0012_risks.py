"""Risk events and the GitHub integration."""

from pathlib import Path

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sql = (Path(__file__).parent.parent / "sql" / "0012_risks.sql").read_text()
    op.get_bind().connection.cursor().execute(sql)
