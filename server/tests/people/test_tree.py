"""T1, T2: what a path means."""

from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from toktra.people.rules import Ambiguous, Node, Place, Tree, fold, names_in

NAMES = st.sampled_from(["Acme", "Sales", "sales", "EMEA", "Ops", "Straße", "STRASSE"])


@st.composite
def trees(draw: st.DrawFn, most: int = 12) -> Tree:
    """Trees whose names often repeat in different places, also the root's own."""
    tree = Tree([Node(0, None, "Acme")])
    for parent, name in draw(st.lists(st.tuples(st.integers(0, most), NAMES), max_size=most)):
        if parent in tree and tree.child(parent, name) is None:
            tree.add(parent, name)
    return tree


def acme(*paths: str) -> Tree:
    """A tree with these departments under its root, each written from the root's children down."""
    tree = Tree([Node(0, None, "Acme")])
    for path in paths:
        at = 0
        for name in names_in(path):
            found = tree.child(at, name)
            at = found if found is not None else tree.add(at, name).id
    return tree


def meant(tree: Tree, path: str) -> str | tuple[str, tuple[str, ...]] | Ambiguous:
    place = tree.find(names_in(path))
    match place:
        case Place(at, ()):
            return tree.path(at)
        case Place(at, missing):
            return tree.path(at), missing
        case _:
            return place


@given(trees())
def test_the_full_path_always_means_its_department(tree: Tree) -> None:
    for key in range(len(tree)):
        assert tree.find(names_in(tree.path(key))) == Place(key)


@given(trees(), st.lists(NAMES, min_size=1, max_size=4))
def test_a_path_leads_to_what_is_called_so(tree: Tree, names: list[str]) -> None:
    place = tree.find(tuple(names))
    called = [key for key in range(len(tree)) if fold(tree.path(key).rsplit(" / ", 1)[-1]) == fold(names[0])]
    if isinstance(place, Ambiguous):
        assert len(called) > 1
        assert fold(names[0]) != "acme"
        return
    walked = len(names) - len(place.missing)
    assert tuple(names[walked:]) == place.missing
    if walked:
        ending = [fold(name) for name in names_in(tree.path(place.at))][-walked:]
        assert ending == [fold(name) for name in names[:walked]]
    else:
        assert place.at == tree.root_id
        assert not called
    if place.missing:
        assert tree.child(place.at, place.missing[0]) is None or not walked


def test_a_name_alone_is_found_wherever_it_is() -> None:
    tree = acme("Engineering / Platform / SRE", "Sales")
    assert meant(tree, "sre") == "Acme / Engineering / Platform / SRE"
    assert meant(tree, "platform / SRE") == "Acme / Engineering / Platform / SRE"
    assert meant(tree, "platform / DBA") == ("Acme / Engineering / Platform", ("DBA",))
    assert meant(tree, "Engineering / Platform / DBA / Night") == (
        "Acme / Engineering / Platform",
        ("DBA", "Night"),
    )
    assert meant(tree, "Finance / Tax") == ("Acme", ("Finance", "Tax"))


def test_a_name_in_two_places_is_ambiguous_until_its_whole_path_is_given() -> None:
    tree = acme("Sales", "EMEA / Sales")
    assert meant(tree, "SALES") == Ambiguous("SALES", ("Acme / EMEA / Sales", "Acme / Sales"))
    assert "“Acme / EMEA / Sales”" in str(meant(tree, "Sales"))
    assert meant(tree, "Acme / Sales") == "Acme / Sales"
    assert meant(tree, "EMEA / Sales") == "Acme / EMEA / Sales"


def test_a_department_named_like_the_root_is_below_it() -> None:
    tree = acme("Acme / Labs")
    assert meant(tree, "Acme") == "Acme"
    assert meant(tree, "Acme / Acme") == "Acme / Acme"
    assert meant(tree, "Acme / Labs") == ("Acme", ("Labs",))
    assert meant(tree, "Labs") == "Acme / Acme / Labs"


def test_depth_and_height() -> None:
    tree = acme("a / b / c", "d")
    at = {tree.path(key): (tree.depth(key), tree.height(key)) for key in range(5)}
    assert at["Acme"] == (0, 3)
    assert at["Acme / a / b"] == (2, 1)
    assert at["Acme / d"] == (1, 0)


def test_ambiguity_names_a_few_places_only() -> None:
    tree = Tree([Node(0, None, "Acme")])
    for number in count(1):
        tree.add(tree.add(0, f"Region {number}").id, "Sales")
        if number == 50:
            break
    found = tree.find(("Sales",))
    assert isinstance(found, Ambiguous)
    assert len(found.paths) == 5
