"""Which departments the paths of a file mean, and which of them must be made.

L1: what is found does not depend on the order of the rows.
L2: once the planned departments are there, every path still means the same one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from toktra.people.rules.names import DEEPEST, MOST_DEPARTMENTS, fold
from toktra.people.rules.tree import Ambiguous, Key, Node, Tree

Folded = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """The department a row names."""

    row: int
    names: tuple[str, ...]


class NoRoom(Exception):
    """The path would make the tree too deep or too large."""


def make(tree: Tree, names: tuple[str, ...]) -> tuple[Key | Ambiguous, list[Node]]:
    """The department a path means, with those that had to be added for it."""
    place = tree.find(names)
    if isinstance(place, Ambiguous):
        return place, []
    if tree.depth(place.at) + len(place.missing) > DEEPEST:
        raise NoRoom(f"Departments go at most {DEEPEST} levels deep.")
    if len(tree) + len(place.missing) > MOST_DEPARTMENTS:
        raise NoRoom(f"An organisation has at most {MOST_DEPARTMENTS:,} departments.")
    at, made = place.at, []
    for name in place.missing:
        made.append(tree.add(at, name))
        at = made[-1].id
    return at, made


def place_all(
    tree: Tree, references: Sequence[Reference]
) -> tuple[tuple[Node, ...], dict[int, Key], list[tuple[int, str]]]:
    """New departments, the department of each row, and the rows whose path leads nowhere, with the reason.

    Longer paths go first, so that a name alone can mean a department that another row gives the path of.
    """
    spelled: dict[Folded, tuple[str, ...]] = {}
    for reference in references:
        spelled.setdefault(_folded(reference.names), reference.names)
    made, found = _make_all(tree, spelled)
    for folded, names in spelled.items():
        if isinstance(found[folded], Key):
            found[folded] = _still(tree, names, found[folded])
    places, lost = {}, []
    for reference in references:
        match found[_folded(reference.names)]:
            case str(reason):
                lost.append((reference.row, reason))
            case key:
                places[reference.row] = key
    return tuple(made), places, lost


def _make_all(
    tree: Tree, spelled: dict[Folded, tuple[str, ...]]
) -> tuple[list[Node], dict[Folded, Key | str]]:
    made: list[Node] = []
    found: dict[Folded, Key | str] = {}
    for folded in sorted(spelled, key=lambda folded: (-len(folded), folded)):
        try:
            at, added = make(tree, spelled[folded])
        except NoRoom as reason:
            found[folded] = str(reason)
            continue
        made += added
        found[folded] = str(at) if isinstance(at, Ambiguous) else at
    return made, found


def _still(tree: Tree, names: tuple[str, ...], meant: Key | str) -> Key | str:
    """What the path means in the finished tree, when that is what it meant before (L2)."""
    place = tree.find(names)
    if isinstance(place, Ambiguous):
        return str(place)
    return meant


def _folded(names: Iterable[str]) -> Folded:
    return tuple(map(fold, names))
