"""What a device does when it cannot ask."""

from datetime import datetime

from toktra.access.rules import Actor
from toktra.budgets.queries.book import OrganizationBook
from toktra.budgets.rules import strictest
from toktra_wire.config import Enforcement


def when_unsure(book: OrganizationBook, actor: Actor, now: datetime) -> Enforcement:
    """Whether hard caps stand above the actor, and the strictest of what they say for when nobody answers."""
    capped = book.above(actor.user_id, actor.department_id, now).hard
    return Enforcement(preflight=bool(capped), when_unsure=strictest(line.when_unsure for line in capped))
