"""The department tree of one organisation, in memory: paths, and which department a path means.

T1: the full path of a department, as `path` writes it, always means that department.
T2: the first name of any other path may stand anywhere, but only in one place; else it is ambiguous.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from toktra.people.rules.names import fold

SHOWN = 5
Key = UUID | int
"""A department's id; a number stands for one that is only planned."""


@dataclass(frozen=True, slots=True)
class Node:
    """One department. Only the root has no parent."""

    id: Key
    parent_id: Key | None
    name: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a path leads: a department, and the names under it that are not there yet."""

    at: Key
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Several departments have the path's first name; these are the paths of some."""

    name: str
    paths: tuple[str, ...]

    def __str__(self) -> str:
        named = ", ".join(f"“{path}”" for path in self.paths)
        return f"More than one department is called “{self.name}”. Give the whole path of one: {named}."


class Tree:
    """All departments of one organisation, with the ones that a plan adds."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self._nodes: dict[Key, Node] = {}
        self._children: dict[Key, dict[str, Key]] = defaultdict(dict)
        self._called: dict[str, list[Key]] = defaultdict(list)
        for node in nodes:
            self._keep(node)
        (self.root_id,) = (node.id for node in self._nodes.values() if node.parent_id is None)

    def __len__(self) -> int:
        return len(self._nodes)

    def __contains__(self, key: Key) -> bool:
        return key in self._nodes

    def _keep(self, node: Node) -> None:
        self._nodes[node.id] = node
        self._called[fold(node.name)].append(node.id)
        if node.parent_id is not None:
            self._children[node.parent_id][fold(node.name)] = node.id

    def add(self, parent_id: Key, name: str) -> Node:
        """Plan one more department; its number is the count of departments before it."""
        node = Node(len(self._nodes), parent_id, name)
        self._keep(node)
        return node

    def upward(self, key: Key | None) -> Iterator[Node]:
        """A department and all above it, up to the root."""
        while key is not None:
            node = self._nodes[key]
            yield node
            key = node.parent_id

    def path(self, key: Key) -> str:
        """The full path, such as `Acme / Engineering / Platform`."""
        return " / ".join(reversed([node.name for node in self.upward(key)]))

    def depth(self, key: Key) -> int:
        """How many levels are above a department; the root has none."""
        return sum(1 for _ in self.upward(key)) - 1

    def height(self, key: Key) -> int:
        """How many levels hang below a department."""
        level, levels = [key], -1
        while level:
            level = [child for above in level for child in self._children[above].values()]
            levels += 1
        return levels

    def child(self, parent_id: Key, name: str) -> Key | None:
        """The department of this name directly under another."""
        return self._children[parent_id].get(fold(name))

    def find(self, names: tuple[str, ...]) -> Place | Ambiguous:
        """What a path means (T1, T2)."""
        start = self._start(names[0])
        if isinstance(start, Ambiguous):
            return start
        if start is None:
            return Place(self.root_id, names)
        for done, name in enumerate(names[1:], start=1):
            below = self.child(start, name)
            if below is None:
                return Place(start, names[done:])
            start = below
        return Place(start)

    def _start(self, name: str) -> Key | Ambiguous | None:
        if fold(name) == fold(self._nodes[self.root_id].name):
            return self.root_id
        called = self._called.get(fold(name), [])
        if len(called) > 1:
            return Ambiguous(name, tuple(sorted(map(self.path, called[:SHOWN]))))
        return called[0] if called else None
