"""Token Perks, the corporate side: tiers, enrolments, bonuses, the signing key, and figures of many."""

from pathlib import Path

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sql = (Path(__file__).parent.parent / "sql" / "0014_perks.sql").read_text()
    op.get_bind().connection.cursor().execute(sql)
