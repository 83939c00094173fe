"""Who wants alerts by e-mail. Whoever has chosen nothing gets them."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE mail_choices (
            org_id      uuid    NOT NULL,
            user_id     uuid    NOT NULL,
            alert_mails boolean NOT NULL,
            PRIMARY KEY (org_id, user_id),
            FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id) ON DELETE CASCADE
        )
        """
    )
    op.execute("SELECT audit_table('mail_choices', 'mail_choice')")
