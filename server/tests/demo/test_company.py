"""Who works in the demo (C1): the same people each time, with one address each, in a tree of three levels."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from toktra.access.rules import Role
from toktra.demo import company
from toktra.people.rules import wrong_email, wrong_name


@settings(max_examples=20, deadline=None)
@given(st.integers(company.FEWEST, company.MOST))
def test_c1_people_are_the_same_again_and_none_is_there_twice(number: int) -> None:
    people = company.people(number)
    assert people == company.people(number)
    assert len(people) == len({person.email for person in people}) == number
    assert not any(wrong_email(person.email) or wrong_name(person.name) for person in people)


def test_no_two_names_have_one_address() -> None:
    addresses = [
        address
        for zone in (company.EUROPE, company.AMERICAS, company.ASIA)
        for _, address in company._called(zone)
    ]
    assert len(set(addresses)) == len(addresses)
    assert len(addresses) > 2 * company.MOST


def test_everyone_below_the_owner_has_a_manager_made_before_them() -> None:
    made: set[str] = set()
    for person in company.people(200):
        assert person.manager_email is None or person.manager_email in made
        made.add(person.email)


def test_the_organisation_has_the_roles_and_places_a_demo_needs() -> None:
    people = company.people(200)
    roles = Counter(person.role for person in people)
    assert roles == {Role.OWNER: 1, Role.ADMIN: 2, Role.MANAGER: len(company.DEPARTMENTS), Role.MEMBER: 191}
    assert {person.department for person in people} >= {team.path for team in company.TEAMS}
    assert len({person.zone for person in people}) == 3
    assert all(person.email.endswith("@example.com") for person in people)
    signing_in = {person.email: person.role for person in people if _local(person) in set(Role)}
    assert signing_in == {f"{role}@example.com": role for role in Role}


def _local(person: company.Person) -> str:
    return person.email.partition("@")[0]


def test_teams_of_one_region_work_there() -> None:
    zones = {team.path: team.zone for team in company.TEAMS if team.zone}
    assert all(
        zones.get(person.department or "", person.zone) == person.zone for person in company.people(400)
    )
