"""N1, N2: names have one spelling, and a path has one reading."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import ValidationError, convert

from toktra.kit.http import Email, Name
from toktra.people.rules import (
    fold,
    names_in,
    separated,
    tidy,
    wrong_department_name,
    wrong_email,
    wrong_name,
    wrong_path,
)

ANY_TEXT = st.text(alphabet=st.characters(codec=None), max_size=200)


@given(ANY_TEXT)
def test_tidying_and_folding_twice_changes_nothing(name: str) -> None:
    assert tidy(tidy(name)) == tidy(name)
    assert fold(fold(name)) == fold(name)
    assert fold(tidy(name)) == fold(name)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Sales", "sALES"), ("Straße", "STRASSE"), ("Café", "Cafe\u0301"), (" Sales  EMEA ", "sales emea")],
)
def test_names_that_read_alike_are_one_name(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_a_kept_name_is_composed() -> None:
    assert tidy(" Cafe\u0301  Noir ") == "Café Noir"


def accepted(kind: object, text: str) -> bool:
    try:
        convert(text, kind)
    except ValidationError:
        return False
    return True


@given(st.text(max_size=140))
def test_a_file_takes_no_name_that_the_api_refuses(name: str) -> None:
    assert wrong_name(name) is not None or accepted(Name, name)


@given(st.text(alphabet="ab@. \x00\x1f\x7f\n\u2028é", max_size=12) | st.emails() | st.text(max_size=300))
def test_a_file_takes_the_same_emails_as_the_api(email: str) -> None:
    assert (wrong_email(email) is None) == accepted(Email, email)


@pytest.mark.parametrize("name", ["", "  ", "\u3000", "a\nb", "a\x00b", "a" * 121, "\ud800"])
def test_impossible_names(name: str) -> None:
    assert wrong_name(name)
    assert wrong_department_name(name)


def test_a_departments_name_has_no_separator() -> None:
    assert wrong_name("R/D") is None
    assert wrong_department_name("R/D")
    assert wrong_department_name(separated("R/D")) is None


@pytest.mark.parametrize(
    "path", ["Engineering / Platform", "Engineering/Platform", " Engineering  /  Platform "]
)
def test_paths_are_written_with_or_without_spaces(path: str) -> None:
    assert names_in(path) == ("Engineering", "Platform")


@pytest.mark.parametrize("path", ["", "/", "a/", "/a", "a//b", "a/\x00", "a/" * 100 + "a", "a/" + "b" * 121])
def test_impossible_paths(path: str) -> None:
    assert wrong_path(names_in(path))


def test_an_email_has_an_end() -> None:
    assert wrong_email("a" * 250 + "@x.y") is None
    assert wrong_email("a" * 251 + "@x.y")


def test_an_empty_name_in_a_path_is_shown_how_to_write_it() -> None:
    assert "Engineering / Platform" in str(wrong_path(names_in("a//b")))


def test_possible_paths() -> None:
    assert wrong_path(names_in("a / b")) is None
    assert wrong_path(names_in("/".join("a" * 100))) is None
