"""Who wants mails about policies that fired. Whoever has chosen nothing gets them."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE mail_choices ADD COLUMN policy_mails boolean NOT NULL DEFAULT true")
