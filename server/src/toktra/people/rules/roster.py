"""What an imported file would change: people and departments, planned before anything is written.

I1: planning again after the plan was carried out changes nothing.
I2: the order of the rows does not matter: a manager may stand in a later row.
I3: an empty cell leaves what is there; an owner is never changed or made.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from toktra.access.rules import Role
from toktra.people.rules.managers import cycles
from toktra.people.rules.names import names_in, tidy, wrong_email, wrong_name, wrong_path
from toktra.people.rules.placing import Reference, place_all
from toktra.people.rules.tree import Key, Node, Tree

_GIVABLE = {role.value: role for role in Role if role is not Role.OWNER}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the file: cells without the spaces around them, None where empty or not a column."""

    number: int
    email: str
    name: str
    department: str | None = None
    role: str | None = None
    manager_email: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A user, as far as an import can change one."""

    email: str
    name: str
    department: Key
    role: Role
    manager_email: str | None = None


@dataclass(frozen=True, slots=True)
class Roster:
    """Everyone in the organisation by e-mail, and every department."""

    people: Mapping[str, Person]
    departments: Sequence[Node]


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with a field of a row. The header is row 1."""

    row: int
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Change:
    """A user to be made (`before` is None) or changed."""

    row: int
    before: Person | None
    after: Person


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import does when there are no errors. New departments come after those above them."""

    tree: Tree
    departments: tuple[Node, ...]
    changes: tuple[Change, ...]
    unchanged: int
    errors: tuple[RowError, ...]


def plan(existing: Roster, rows: Sequence[Row]) -> Plan:
    """What the rows would change, and everything that is wrong with them."""
    tree = Tree(existing.departments)
    errors = [*_wrong_cells(rows), *_repeated(rows)]
    sound = _without(rows, errors)
    paths = [Reference(row.number, names_in(row.department)) for row in sound if row.department]
    departments, places, lost = place_all(tree, paths)
    errors += [RowError(number, "department", reason) for number, reason in lost]
    changes = [
        _change(existing, row, places.get(row.number), tree.root_id) for row in _without(sound, errors)
    ]
    errors += [*_owners(changes), *_managers(existing, rows, changes)]
    made = [change for change in changes if change.before != change.after]
    ordered = sorted(errors, key=lambda error: (error.row, error.field))
    return Plan(tree, departments, tuple(made), len(changes) - len(made), tuple(ordered))


def _without(rows: Iterable[Row], errors: Iterable[RowError]) -> list[Row]:
    wrong = {error.row for error in errors}
    return [row for row in rows if row.number not in wrong]


def _wrong_cells(rows: Iterable[Row]) -> Iterator[RowError]:
    for row in rows:
        reasons = {
            "email": wrong_email(row.email),
            "name": wrong_name(row.name),
            "department": row.department and wrong_path(names_in(row.department)),
            "role": row.role and _wrong_role(row.role),
            "manager_email": row.manager_email and wrong_email(row.manager_email),
        }
        yield from (RowError(row.number, field, reason) for field, reason in reasons.items() if reason)


def _wrong_role(role: str) -> str | None:
    if role.lower() in (*_GIVABLE, Role.OWNER):
        return None
    return f"This is not a role. It can be {', '.join(_GIVABLE)}."


def _repeated(rows: Iterable[Row]) -> Iterator[RowError]:
    first: dict[str, int] = {}
    for row in rows:
        earlier = first.setdefault(row.email.lower(), row.number)
        if earlier != row.number:
            yield RowError(row.number, "email", f"This e-mail is in row {earlier} already.")


def _change(existing: Roster, row: Row, place: Key | None, root: Key) -> Change:
    """The row's user before and after (I3)."""
    before = existing.people.get(row.email.lower())
    known = before or Person(row.email.lower(), "", root, Role.MEMBER)
    after = replace(
        known,
        name=tidy(row.name),
        department=known.department if place is None else place,
        role=Role(row.role.lower()) if row.role else known.role,
        manager_email=row.manager_email.lower() if row.manager_email else known.manager_email,
    )
    return Change(row.number, before, after)


def _owners(changes: Iterable[Change]) -> Iterator[RowError]:
    for change in changes:
        before, after = change.before, change.after
        if before is not None and before.role is Role.OWNER and before != after:
            reason = "This is an owner, and an import does not change owners. Take the row out of the file."
            yield RowError(change.row, "email", reason)
        elif after.role is Role.OWNER and before != after:
            yield RowError(change.row, "role", "An import cannot make an owner. Give the role afterwards.")


def _managers(existing: Roster, rows: Iterable[Row], changes: Sequence[Change]) -> Iterator[RowError]:
    """Managers that nobody has heard of, and people who would be their own manager's manager (I2)."""
    known = {*existing.people, *(row.email.lower() for row in rows)}
    managers = {email: person.manager_email for email, person in existing.people.items()}
    managers |= {change.after.email: change.after.manager_email for change in changes}
    circular = cycles(managers)
    for change in changes:
        manager, before = change.after.manager_email, change.before and change.before.manager_email
        if manager is None or manager == before:
            continue
        if manager not in known:
            yield RowError(change.row, "manager_email", "Nobody here and nobody in the file has this e-mail.")
        elif circle := circular.get(change.after.email):
            reason = f"This would be a circle of managers: {circle}."
            yield RowError(change.row, "manager_email", reason)
