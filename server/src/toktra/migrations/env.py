"""Alembic's environment: runs inside the connection that `migrate` opened."""

from alembic import context

from toktra.access import model as access_model  # noqa: F401 - registers its tables
from toktra.compliance import model as compliance_model  # noqa: F401
from toktra.devices import model as devices_model  # noqa: F401
from toktra.kit import work  # noqa: F401
from toktra.kit.database import Model
from toktra.people import model as people_model  # noqa: F401

# Tables that SQL files define: partitions, and the job queue's own.
_BY_SQL = (
    "usage_",
    "user_activity",
    "refused_events",
    "budget",
    "preflights",
    "blocked_requests",
    "alerts",
    "polic",
    "risk_events",
    "github_",
    "incident",
    "blocks",
    "webhook",
    "perks_",
    "mail_choices",
    "procrastinate_",
    "alembic_version",
)


def _ours(_object: object, name: str | None, kind: str, _reflected: bool, _compare_to: object) -> bool:
    return not (kind == "table" and name is not None and name.startswith(_BY_SQL))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Model.metadata,
    include_object=_ours,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
