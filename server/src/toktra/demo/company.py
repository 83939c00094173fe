"""Who works in the demo organisation: people, their place in the tree, their zone and habits. Pure.

C1: the same number of people makes the same people, in the same order.
"""

import random
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from toktra.access.rules import Role
from toktra.demo import names

NAME = "Aurora Instruments"
TIME_ZONE = "Europe/Berlin"
MAIL_DOMAIN = "example.com"
FEWEST, MOST = 20, 2000
EUROPE, AMERICAS, ASIA = "Europe/Berlin", "America/New_York", "Asia/Singapore"

_ZONES = {EUROPE: 0.55, AMERICAS: 0.28, ASIA: 0.17}
_POOLS = {EUROPE: names.EUROPE, AMERICAS: names.AMERICAS, ASIA: names.ASIA}
_PLAIN = str.maketrans({"ß": "ss", "ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "’": "", "'": "", " ": "-"})


@dataclass(frozen=True, slots=True)
class Team:
    """A department at the third level, with its share of the people; `zone` where all work in one place."""

    department: str
    name: str
    share: float
    writes_code: bool = False
    zone: str | None = None

    @property
    def path(self) -> str:
        return f"{self.department} / {self.name}"


TEAMS = (
    Team("Engineering", "Backend", 18, writes_code=True),
    Team("Engineering", "Frontend", 14, writes_code=True),
    Team("Engineering", "Data", 9, writes_code=True),
    Team("Engineering", "Platform", 7, writes_code=True),
    Team("Sales", "EMEA", 6, zone=EUROPE),
    Team("Sales", "Americas", 6, zone=AMERICAS),
    Team("Sales", "APAC", 4, zone=ASIA),
    Team("Marketing", "Brand", 5),
    Team("Marketing", "Growth", 5),
    Team("Finance", "Accounting", 4),
    Team("Finance", "Controlling", 3),
    Team("People", "Recruiting", 3),
    Team("People", "Learning", 2),
    Team("Support", "First line", 9),
    Team("Support", "Technical", 5, writes_code=True),
)
DEPARTMENTS = tuple(dict.fromkeys(team.department for team in TEAMS))


@dataclass(frozen=True, slots=True)
class Person:
    """One person. `department` is a path in the tree; None is the root."""

    email: str
    name: str
    role: Role
    department: str | None
    manager_email: str | None
    zone: str
    writes_code: bool
    platform: str

    @property
    def hostname(self) -> str:
        return f"laptop-{self.email.partition('@')[0].replace('.', '-')}"


def people(number: int) -> list[Person]:
    """The owner, two admins, a manager for each department, and members in the teams (C1)."""
    rng = random.Random(f"people of {NAME}")  # noqa: S311 - repeatable, not secret
    called = {zone: _called(zone) for zone in _ZONES}
    made = [
        _person(rng, called, Role.OWNER, None, email="owner"),
        _person(rng, called, Role.ADMIN, None, email="admin"),
        _person(rng, called, Role.ADMIN, None),
    ]
    owner = made[0].email
    heads: dict[str, str] = {}
    for department in DEPARTMENTS:
        head = _person(rng, called, Role.MANAGER, department, None if heads else "manager", manager=owner)
        heads[department] = head.email
        made.append(head)
    for team in _teams(max(number - len(made), 0)):
        email = "member" if len(made) == len(heads) + 3 else None
        made.append(
            _person(rng, called, Role.MEMBER, team.path, email, manager=heads[team.department], team=team)
        )
    return made


def _teams(members: int) -> Iterator[Team]:
    """A team for each member: every team gets its share, and the largest are not all first."""
    total = sum(team.share for team in TEAMS)
    ends = [end / total for end in accumulate(team.share for team in TEAMS)]
    golden = 0.6180339887498949
    for number in range(members):
        place = number * golden % 1.0
        yield next(team for team, end in zip(TEAMS, ends, strict=True) if place < end or end == ends[-1])


def _person(
    rng: random.Random,
    called: dict[str, Iterator[tuple[str, str]]],
    role: Role,
    department: str | None,
    email: str | None = None,
    *,
    manager: str | None = None,
    team: Team | None = None,
) -> Person:
    zone = (team and team.zone) or rng.choices(list(_ZONES), list(_ZONES.values()))[0]
    name, address = next(called[zone])
    return Person(
        email=f"{email or address}@{MAIL_DOMAIN}",
        name=name,
        role=role,
        department=department,
        manager_email=manager,
        zone=zone,
        writes_code=team.writes_code if team else department == "Engineering",
        platform=rng.choices(("macos", "windows", "linux"), (5, 4, 1))[0],
    )


def _called(zone: str) -> Iterator[tuple[str, str]]:
    """Names of a zone, each with the local part of its address. No two zones share an address."""
    firsts, lasts = (text.split() for text in _POOLS[zone])
    pairs = [(first, last) for first in firsts for last in lasts]
    random.Random(zone).shuffle(pairs)  # noqa: S311 - repeatable, not secret
    for first, last in pairs:
        yield f"{first} {last}", f"{_plain(first)}.{_plain(last)}"


def _plain(name: str) -> str:
    """A name in the letters of an address."""
    decomposed = unicodedata.normalize("NFKD", name.translate(_PLAIN))
    return decomposed.encode("ascii", "ignore").decode().lower()
