"""What may be done to an organisation's people and departments. Pure: no clock, no database, no settings."""

from toktra.people.rules.managers import cycles
from toktra.people.rules.names import (
    CURRENCIES,
    DEEPEST,
    MOST_DEPARTMENTS,
    REGIONS,
    fold,
    names_in,
    separated,
    tidy,
    wrong_department_name,
    wrong_email,
    wrong_name,
    wrong_path,
)
from toktra.people.rules.placing import NoRoom, make
from toktra.people.rules.roles import leaves_no_owner, refuse_change
from toktra.people.rules.roster import Change, Person, Plan, Roster, Row, RowError, plan
from toktra.people.rules.sheet import Sheet, read_sheet
from toktra.people.rules.tree import Ambiguous, Key, Node, Place, Tree

__all__ = [
    "CURRENCIES",
    "DEEPEST",
    "MOST_DEPARTMENTS",
    "REGIONS",
    "Ambiguous",
    "Change",
    "Key",
    "NoRoom",
    "Node",
    "Person",
    "Place",
    "Plan",
    "Roster",
    "Row",
    "RowError",
    "Sheet",
    "Tree",
    "cycles",
    "fold",
    "leaves_no_owner",
    "make",
    "names_in",
    "plan",
    "read_sheet",
    "refuse_change",
    "separated",
    "tidy",
    "wrong_department_name",
    "wrong_email",
    "wrong_name",
    "wrong_path",
]
