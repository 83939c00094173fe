"""An enrolment token can be given as a short code for a while: typed where a token would be pasted."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE enrollment_tokens
            ADD COLUMN code_hash bytea UNIQUE,
            ADD COLUMN code_expires_at timestamptz,
            ADD CHECK ((code_hash IS NULL) = (code_expires_at IS NULL))
        """
    )
    op.execute("SELECT audit_table('enrollment_tokens', 'enrollment_token', ignored => '{uses}')")
