"""Names of people and departments, and e-mail addresses: how they are tidied, compared and bounded.

N1: two names that differ only in case or in how Unicode writes them are one name.
N2: a department's name holds no `/`, so that a path has one reading.
"""

import re
import unicodedata

LONGEST_NAME = 120
LONGEST_EMAIL = 254
DEEPEST = 100
MOST_DEPARTMENTS = 10_000
REGIONS = ("us", "eu", "au", "ca")
CURRENCIES = ("USD",)

_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f\ud800-\udfff]+@[^@\s\x00-\x1f\x7f\ud800-\udfff]+")


def tidy(name: str) -> str:
    """The one spelling that is kept: composed characters, single spaces, none at the ends."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def fold(name: str) -> str:
    """What names are compared by (N1)."""
    return unicodedata.normalize("NFC", tidy(name).casefold())


def separated(name: str) -> str:
    """A name without the separator of paths, for a root named like its organisation."""
    return tidy(name.replace("/", "-"))


def names_in(path: str) -> tuple[str, ...]:
    """The names of a path such as `Engineering / Platform`; a name alone is a path of one."""
    return tuple(tidy(name) for name in path.split("/"))


def wrong_name(name: str) -> str | None:
    """Why this cannot be a name; None when it can."""
    if not tidy(name):
        return "A name is needed."
    if len(name) > LONGEST_NAME:
        return f"A name has at most {LONGEST_NAME} characters."
    if _CONTROL.search(name):
        return "A name cannot have control characters or line breaks in it."
    return None


def wrong_department_name(name: str) -> str | None:
    """Why this cannot be a department's name; None when it can (N2)."""
    if "/" in name:
        return "A department's name cannot have a / in it: that separates the names of a path."
    return wrong_name(name)


def wrong_path(names: tuple[str, ...]) -> str | None:
    """Why these names cannot be a path; None when they can."""
    if not all(names):
        return "The path has an empty name in it. Write it like: Engineering / Platform."
    if len(names) > DEEPEST:
        return f"Departments go at most {DEEPEST} levels deep."
    return next(filter(None, map(wrong_name, names)), None)


def wrong_email(email: str) -> str | None:
    """Why this cannot be an e-mail address; None when it can."""
    if len(email) > LONGEST_EMAIL or not _EMAIL.fullmatch(email):
        return "This is not an e-mail address."
    return None
