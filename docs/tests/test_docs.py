"""Lists in the documentation are the lists in the code: settings, errors, reasons, dependencies, words."""

import importlib
import json
import pkgutil
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

import pytest

import toktra
from toktra.access.rules import GRANTABLE_SCOPES
from toktra.budgets import answers
from toktra.budgets.ledger.counting import ENDED, UNKNOWN
from toktra.kit.errors import Problem
from toktra.kit.settings import PREFIX, Settings
from toktra.metering.rules import MESSAGES, Reason

LEDGER = "server/src/toktra/migrations/sql/0001_ledger.sql"
BUDGETS = "server/src/toktra/migrations/sql/0003_budgets.sql"
CAPTURED = {
    "id": "| id |",
    "user_id": "your account",
    "department_id": "your department",
    "device_id": "| device,",
    "occurred_at": "when it began",
    "received_at": "when the server received it",
    "source": "what noticed it",
    "provider": "and its provider",
    "provider_host": "host of the AI service",
    "model": "as it is counted",
    "reported_model": "as it was named",
    "endpoint": "kind of endpoint",
    "application": "program or browser",
    "estimator_version": "version of the estimate",
    "price_version": "version of the price list",
    "hold_id": "number of a hold",
    "request_bytes": "bytes sent",
    "response_bytes": "bytes received",
    "input_tokens": "estimated tokens in",
    "output_tokens": "and out",
    "input_low": "how sure",
    "input_high": "how sure",
    "output_low": "how sure",
    "output_high": "how sure",
    "cost_micros": "cost at list prices",
    "duration_ms": "how long it took",
    "record_count": "number of encrypted records",
    "streaming": "streamed",
}
CHECKED = {
    "id": "number of a hold",
    "user_id": "your account and your device",
    "device_id": "your account and your device",
    "key": "a key that your device made",
    "provider": "provider and model",
    "model": "provider and model",
    "tokens": "estimated tokens",
    "answer": "what was decided, with the message",
    "created_at": "and when",
    "expires_at": "how it ended",
    "ended_at": "how it ended",
    "outcome": "how it ended",
    "event_id": "how it ended",
    "budget_ids": "which budgets and exemptions",
    "period_starts": "which budgets and exemptions",
    "amounts": "and how much",
    "exempt_amounts": "and how much",
    "exemption_ids": "which budgets and exemptions",
    "exemption_tokens": "and how much",
}
RUN_BY_ALEMBIC = ("toktra.migrations.env", "toktra.migrations.versions")


def test_every_setting_is_listed_with_its_default_and_meaning(page: dict[str, Any]) -> None:
    (table,) = page["docs/settings.md"].tables()
    assert table == [
        [f"`{PREFIX}{field.name.upper()}`", _default(field.default), field.metadata["help"]]
        for field in fields(Settings)
    ]


def _default(value: object) -> str:
    return "unset" if value in (None, "") else f"`{value}`"


def test_every_error_is_listed_with_its_status(page: dict[str, Any]) -> None:
    table, _reasons = page["docs/errors.md"].tables()
    known = {(problem.code, problem.status) for problem in _problems()} | {("internal", 500)}
    assert sorted((row[0].strip("`"), int(row[1])) for row in table) == sorted(known)
    assert all(len(row) == 4 and row[2] and row[3] for row in table)


def _problems() -> Iterator[type[Problem]]:
    for module in pkgutil.walk_packages(toktra.__path__, "toktra."):
        if not module.name.startswith(RUN_BY_ALEMBIC):
            importlib.import_module(module.name)
    yield Problem
    waiting = Problem.__subclasses__()
    while waiting:
        problem = waiting.pop()
        waiting += problem.__subclasses__()
        yield problem


def test_every_reason_is_listed_with_its_message(page: dict[str, Any]) -> None:
    _errors, table = page["docs/errors.md"].tables()
    assert table == [
        [f"`{reason}`", "409" if reason is Reason.CONFLICT else "422", MESSAGES[reason]] for reason in Reason
    ]


PYTHON, DASHBOARD, EXTENSION = slice(0, 2), slice(2, 4), slice(4, 6)


def test_every_direct_dependency_has_a_reason(page: dict[str, Any], root: Path) -> None:
    tables = page["docs/dependencies.md"].tables()
    assert len(tables) == 6
    assert _named(tables[PYTHON]) == _sorted(_python_dependencies(root))
    assert _named(tables[DASHBOARD]) == _sorted(_packed(root / "dashboard"))
    assert _named(tables[EXTENSION]) == _sorted(_packed(root / "extension"))
    assert all(len(row) == 2 and row[1] for table in tables for row in table)


def _named(tables: list[list[list[str]]]) -> list[str]:
    return _sorted([row[0].strip("`") for table in tables for row in table])


def _sorted(names: Iterable[str]) -> list[str]:
    return sorted(names, key=str.lower)


def _python_dependencies(root: Path) -> set[str]:
    asked = (root / "dev-requirements.in").read_text().splitlines()
    for package in ("wire", "server", "agent"):
        asked += tomllib.loads((root / package / "pyproject.toml").read_text())["project"]["dependencies"]
    return {re.match(r"[\w.-]*", line)[0] for line in asked} - {"", "toktra-wire"}  # type: ignore[index]


def _packed(folder: Path) -> set[str]:
    packed = json.loads((folder / "package.json").read_text())
    return {*packed["dependencies"], *packed["devDependencies"]}


def test_every_word_is_in_use(page: dict[str, Any], root: Path) -> None:
    rows = [row for table in page["docs/words.md"].tables() for row in table]
    used = _folded(" ".join(_texts(page, root)))
    assert [
        word for word, meaning in rows if "(*planned*)" not in meaning and _folded(word) not in used
    ] == []
    assert len({word for word, _ in rows}) == len(rows)


def _texts(page: dict[str, Any], root: Path) -> Iterator[str]:
    yield from (other.text for name, other in page.items() if name != "docs/words.md")
    for package in ("server/src", "wire/src", "agent/src"):
        yield from (file.read_text() for file in (root / package).rglob("*.py"))
    yield from (file.read_text() for file in (root / "extension/src").rglob("*.ts"))


def _folded(text: str) -> str:
    return re.sub(r"[\s_-]+", " ", text.lower())


@pytest.mark.parametrize(
    ("table", "file", "told"), [("usage_events", LEDGER, CAPTURED), ("preflights", BUDGETS, CHECKED)]
)
def test_people_are_told_of_every_column_that_is_kept_of_a_request(
    page: dict[str, Any], root: Path, table: str, file: str, told: dict[str, str]
) -> None:
    (columns,) = re.findall(rf"CREATE TABLE {table} \((.*?)PRIMARY KEY", (root / file).read_text(), re.DOTALL)
    kept = set(re.findall(r"^\s+(\w+)", columns, re.MULTILINE)) - {"org_id"}
    text = page["docs/employees/what-is-captured.md"].text
    assert kept == set(told)
    assert [column for column in told if told[column] not in text] == []


def test_every_scope_that_can_be_given_is_listed(page: dict[str, Any]) -> None:
    table = page["docs/admins/access.md"].tables()[0]
    assert {row[0].strip("`") for row in table} == GRANTABLE_SCOPES
    assert len(table) == len(GRANTABLE_SCOPES)


def test_every_reason_of_a_preflight_is_listed(page: dict[str, Any]) -> None:
    _fields, decisions, reasons = page["docs/api/preflight.md"].tables()
    assert [row[0].strip("`") for row in decisions] == list(get_args(answers.Decision))
    assert sorted(row[0].strip("`") for row in reasons) == sorted(get_args(answers.Reason))


def test_every_reason_of_an_unsettled_event_is_listed(page: dict[str, Any]) -> None:
    rows = [row[0].strip("`") for table in page["docs/api/events.md"].tables() for row in table]
    assert {ENDED, UNKNOWN} <= set(rows)


def test_nothing_of_ours_imports_httpx(root: Path) -> None:
    """Decision 0010."""
    ours = [
        file
        for folder in ("server", "wire", "agent", "bench", "e2e")
        for file in (root / folder).rglob("*.py")
    ]
    imports = re.compile(r"^\s*(?:import|from) httpx\b", re.MULTILINE)
    assert [str(file) for file in ours if imports.search(file.read_text())] == []
