"""Incidents, their timelines and links."""

from pathlib import Path

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sql = (Path(__file__).parent.parent / "sql" / "0010_incidents.sql").read_text()
    op.get_bind().connection.cursor().execute(sql)
