"""I1, I2, I3, L1, L2: what an import plans."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toktra.access.rules import Role
from toktra.people.rules import Node, Person, Plan, Roster, Row, Tree, cycles, plan

EMAILS = st.sampled_from(["a@x.org", "b@x.org", "C@X.org", "c@x.org", "d@x.org", "e@x.org"])
PATHS = st.sampled_from(
    ["Acme", "Sales", "EMEA/Sales", "emea / Ops", "Acme/Sales", "Ops", "Ops / EMEA", "Acme/Ops/x", "a/a/a"]
)
ROLES = st.sampled_from(["member", "Manager", "admin", "owner"])


def maybe(values: st.SearchStrategy[str]) -> st.SearchStrategy[str | None]:
    return st.none() | values


@st.composite
def files(draw: st.DrawFn) -> list[Row]:
    cells = st.tuples(EMAILS, st.sampled_from(["Ada", "Bo"]), maybe(PATHS), maybe(ROLES), maybe(EMAILS))
    some = draw(st.lists(cells, max_size=5, unique_by=lambda cell: cell[0].lower()))
    return [Row(number, *cell) for number, cell in enumerate(some, start=2)]


@st.composite
def rosters(draw: st.DrawFn) -> Roster:
    """What some imports have made of a new organisation with one owner."""
    roster = NEW
    for rows in draw(st.lists(files(), max_size=3)):
        planned = plan(roster, rows)
        roster = roster if planned.errors else carried_out(roster, planned)
    return roster


NEW = Roster({"o@x.org": Person("o@x.org", "Owner", 0, Role.OWNER)}, [Node(0, None, "Acme")])


def carried_out(roster: Roster, planned: Plan) -> Roster:
    changed = {change.after.email: change.after for change in planned.changes}
    return Roster({**roster.people, **changed}, [*roster.departments, *planned.departments])


@given(rosters(), files())
@settings(max_examples=500)
def test_a_plan_carried_out_leaves_nothing_to_do(roster: Roster, rows: list[Row]) -> None:
    planned = plan(roster, rows)
    if planned.errors:
        return
    again = plan(carried_out(roster, planned), rows)
    assert again.errors == ()
    assert again.changes == ()
    assert again.departments == ()
    assert again.unchanged == len(rows)


@given(rosters(), files(), st.randoms())
@settings(max_examples=500)
def test_the_order_of_the_rows_does_not_matter(roster: Roster, rows: list[Row], random: object) -> None:
    mixed = list(rows)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    one, other = plan(roster, rows), plan(roster, mixed)
    assert one.errors == other.errors
    assert people_after(roster, one) == people_after(roster, other)


def people_after(roster: Roster, planned: Plan) -> dict[str, tuple[object, ...]]:
    after = carried_out(roster, planned)
    tree = Tree(after.departments)
    return {
        email: (one.name, tree.path(one.department).casefold(), one.role, one.manager_email)
        for email, one in after.people.items()
    }


@given(rosters(), files())
def test_the_result_is_always_an_organisation(roster: Roster, rows: list[Row]) -> None:
    planned = plan(roster, rows)
    assert roster.people["o@x.org"] == NEW.people["o@x.org"]
    if planned.errors:
        return
    after = carried_out(roster, planned)
    assert not cycles({email: one.manager_email for email, one in after.people.items()})
    assert {one.manager_email for one in after.people.values()} <= {None, *after.people}
    assert {one.department for one in after.people.values()} <= {node.id for node in after.departments}
    assert [one for one in after.people.values() if one.role is Role.OWNER] == [NEW.people["o@x.org"]]
    siblings = [(node.parent_id, node.name.casefold()) for node in after.departments]
    assert len(set(siblings)) == len(siblings)
    assert all(email == one.email == email.lower() for email, one in after.people.items())


def acme(*people: Person, departments: Sequence[Node] = ()) -> Roster:
    return Roster({one.email: one for one in people}, [Node(0, None, "Acme"), *departments])


ADA = Person("ada@x.org", "Ada", 0, Role.MEMBER)
BO = Person("bo@x.org", "Bo", 0, Role.MANAGER, "ada@x.org")
OWNER = Person("own@x.org", "Owner", 0, Role.OWNER)


def wrong(roster: Roster, *rows: Row) -> list[tuple[int, str]]:
    return [(error.row, error.field) for error in plan(roster, rows).errors]


def test_a_new_user_has_defaults() -> None:
    (change,) = plan(acme(), [Row(2, "ADA@x.org", " Ada  Lovelace ")]).changes
    assert change.before is None
    assert change.after == Person("ada@x.org", "Ada Lovelace", 0, Role.MEMBER, None)


def test_empty_cells_leave_what_is_there() -> None:
    bo = replace(BO, department=1)
    planned = plan(acme(ADA, bo, departments=[Node(1, 0, "Ops")]), [Row(2, "BO@x.org", "Bo")])
    assert planned.changes == ()
    assert planned.unchanged == 1


def test_every_field_can_change() -> None:
    planned = plan(
        acme(ADA, BO), [Row(2, "ada@x.org", "Ada K", "Ops", "Admin", "new@x.org"), Row(3, "new@x.org", "N")]
    )
    ops = planned.departments[0]
    assert (ops.parent_id, ops.name) == (0, "Ops")
    assert planned.changes[0].before == ADA
    assert planned.changes[0].after == Person("ada@x.org", "Ada K", ops.id, Role.ADMIN, "new@x.org")
    assert planned.changes[1].before is None


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (Row(2, "ada", "Ada"), "email"),
        (Row(2, "", "Ada"), "email"),
        (Row(2, "ada@x.org", ""), "name"),
        (Row(2, "ada@x.org", "a\nb"), "name"),
        (Row(2, "ada@x.org", "Ada", "a//b"), "department"),
        (Row(2, "ada@x.org", "Ada", "/".join("a" * 101)), "department"),
        (Row(2, "ada@x.org", "Ada", None, "boss"), "role"),
        (Row(2, "ada@x.org", "Ada", None, "owner"), "role"),
        (Row(2, "ada@x.org", "Ada", None, None, "nobody@x.org"), "manager_email"),
        (Row(2, "ada@x.org", "Ada", None, None, "nobody"), "manager_email"),
        (Row(2, "ada@x.org", "Ada", None, None, "ADA@x.org"), "manager_email"),
        (Row(2, "ada@x.org", "Ada", None, None, "bo@x.org"), "manager_email"),
        (Row(2, "own@x.org", "Renamed"), "email"),
        (Row(2, "own@x.org", "Owner", None, "member"), "email"),
    ],
)
def test_a_wrong_cell_is_named(row: Row, field: str) -> None:
    assert wrong(acme(ADA, BO, OWNER), row) == [(2, field)]


def test_an_owner_in_the_file_is_no_error_as_they_are() -> None:
    planned = plan(acme(OWNER), [Row(2, "own@x.org", "Owner", "Acme", "owner")])
    assert planned.errors == ()
    assert planned.unchanged == 1


def test_an_email_twice_is_an_error_of_the_later_row() -> None:
    assert wrong(acme(), Row(2, "a@x.org", "A"), Row(3, "A@X.org", "A")) == [(3, "email")]


def test_a_circle_of_managers_names_only_the_rows_that_close_it() -> None:
    rows = [Row(2, "ada@x.org", "Ada", None, None, "c@x.org"), Row(3, "c@x.org", "C", None, None, "bo@x.org")]
    assert wrong(acme(ADA, BO), *rows, Row(4, "bo@x.org", "Bo", None, None, "ada@x.org")) == [
        (2, "manager_email"),
        (3, "manager_email"),
    ]
    reason = plan(acme(ADA, BO), rows).errors[0].reason
    assert reason.endswith("ada@x.org → c@x.org → bo@x.org → ada@x.org.")


def test_managers_can_be_swapped_round() -> None:
    rows = [Row(2, "bo@x.org", "Bo", None, None, "c@x.org"), Row(3, "c@x.org", "C")]
    rows.append(Row(4, "ada@x.org", "Ada", None, None, "bo@x.org"))
    assert wrong(acme(ADA, BO), *rows) == []


def test_a_manager_whose_own_row_is_wrong_is_not_wrong_twice() -> None:
    rows = [Row(2, "a@x.org", "A", None, None, "b@x.org"), Row(3, "b@x.org", "")]
    assert wrong(acme(), *rows) == [(3, "name")]


def test_new_departments_come_after_those_above_them_and_once() -> None:
    rows = [
        Row(2, "a@x.org", "A", "Eng / Platform"),
        Row(3, "b@x.org", "B", "ENG"),
        Row(4, "c@x.org", "C", "platform"),
    ]
    planned = plan(acme(), rows)
    assert [planned.tree.path(node.id) for node in planned.departments] == [
        "Acme / Eng",
        "Acme / Eng / Platform",
    ]
    assert planned.errors == ()


def test_a_name_that_another_row_makes_ambiguous_is_an_error() -> None:
    sales = Node(1, 0, "Sales")
    assert wrong(acme(departments=[sales]), Row(2, "a@x.org", "A", "Sales")) == []
    rows = [Row(2, "a@x.org", "A", "Sales"), Row(3, "b@x.org", "B", "EMEA / Sales")]
    assert wrong(acme(departments=[sales]), *rows) == [(2, "department")]


def test_departments_are_bounded_in_number_and_depth() -> None:
    full = [Node(number, 0, f"d{number}") for number in range(1, 9_999)]
    roster = acme(departments=full)
    assert wrong(roster, Row(2, "a@x.org", "A", "one more")) == []
    assert wrong(roster, Row(2, "a@x.org", "A", "one / two")) == [(2, "department")]
    deep = acme(departments=[Node(number, number - 1, f"d{number}") for number in range(1, 100)])
    assert wrong(deep, Row(2, "a@x.org", "A", "d99 / x")) == []
    assert wrong(deep, Row(2, "a@x.org", "A", "d99 / x / y")) == [(2, "department")]
