"""What the pages point at is there: links, files, commands, addresses; and they stand alone."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer.main

from toktra.app import build
from toktra.cli import app
from toktra.kit.settings import Settings
from toktra_agent import cli as agent_cli

SLICES = "server/src/toktra"
BUILT = "docs/_build"
NOT_OURS = {"/v1/chat/completions"}
FORBIDDEN = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"/(?:work|root|home|tmp)/",
        r"index-url|/simple\b|registry\.npmjs|files\.pythonhosted|proxy\.golang",
        r"\bsession of\b",
        r"\bhelper\b",
        r"\bissue #",
    )
]
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_FILE = re.compile(r"`((?:server|wire|docs|e2e|bench|data)/[\w./-]*\w|[\w/]+\.(?:py|sql))`")
_COMMAND = re.compile(r"^(toktra-agent|toktra|make) ([\w-]+)", re.MULTILINE)
_INLINE = re.compile(r"`(toktra-agent|toktra|make) ([\w-]+)[^`\n]*`")
_ROUTE = re.compile(r"(?:\b(GET|POST|PUT|PATCH|DELETE) )?(?:\$TOKTRA)?(/v1/[\w{}/-]*\w}?)")


def test_every_relative_link_leads_somewhere(pages: list[Any]) -> None:
    broken = []
    for page in pages:
        for target in _LINK.findall(page.text):
            file, _, anchor = target.partition("#")
            if target.startswith(("http:", "https:", "mailto:")):
                continue
            path = (page.path.parent / file).resolve() if file else page.path
            if not path.exists() or (anchor and anchor not in _anchors(path)):
                broken.append(f"{page.name}: {target}")
    assert broken == []


def _anchors(path: Path) -> set[str]:
    headings = _HEADING.findall(path.read_text())
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


def test_every_file_that_is_named_is_there(pages: list[Any], root: Path) -> None:
    missing = [
        f"{page.name}: {file}"
        for page in pages
        for file in _FILE.findall(page.text)
        if not file.startswith(BUILT) and not (root / file).exists() and not list((root / SLICES).rglob(file))
    ]
    assert missing == []


def test_every_command_that_is_shown_is_there(pages: list[Any], root: Path) -> None:
    known = {
        "toktra-agent": set(typer.main.get_command(agent_cli.app).commands),  # type: ignore[attr-defined]
        "toktra": set(typer.main.get_command(app).commands),  # type: ignore[attr-defined]
        "make": set(re.findall(r"^([a-z-]+):", (root / "Makefile").read_text(), re.MULTILINE)),
    }
    shown = [
        (page.name, program, command)
        for page in pages
        for text, pattern in [*((block, _COMMAND) for block in page.blocks("sh")), (page.text, _INLINE)]
        for program, command in pattern.findall(text)
    ]
    assert len(shown) > 10
    assert [one for one in shown if one[2] not in known[one[1]]] == []


def test_every_route_that_is_named_is_there_or_planned(pages: list[Any]) -> None:
    routes = build(Settings(secret_key="for the documentation's tests alone")).openapi_schema.to_schema()[
        "paths"
    ]
    named = [
        (page.name, method.lower(), path)
        for page in pages
        for passage in page.passages()
        if "planned" not in passage.lower()
        for method, path in _ROUTE.findall(passage)
        if path not in NOT_OURS
    ]
    assert len(named) > 50
    assert [one for one in named if one[2] not in routes or (one[1] and one[1] not in routes[one[2]])] == []


def test_every_route_is_on_a_page(pages: list[Any]) -> None:
    routes = build(Settings(secret_key="for the documentation's tests alone")).openapi_schema.to_schema()[
        "paths"
    ]
    named = {path for page in pages for _, path in _ROUTE.findall(page.text)}
    assert sorted(path for path in routes if path.startswith("/v1/") and path not in named) == []


def test_the_first_block_of_the_readme_that_runs_tests_is_make_test(page: dict[str, Any]) -> None:
    blocks = page["README.md"].blocks("sh", "bash", "shell", "console", "")
    assert next(block for block in blocks if "test" in block) == "make test\n"


@pytest.mark.parametrize("forbidden", FORBIDDEN, ids=lambda pattern: pattern.pattern)
def test_the_pages_stand_alone(pages: list[Any], root: Path, forbidden: re.Pattern[str]) -> None:
    texts = {page.name: page.text for page in pages}
    texts |= {
        name: (root / name).read_text() for name in ("docs/conf.py", ".ci/run", "docs/pictures/top.svg")
    }
    assert [name for name, text in texts.items() if forbidden.search(text)] == []


def test_every_decision_has_its_parts_and_is_listed(pages: list[Any], page: dict[str, Any]) -> None:
    records = [one for one in pages if re.match(r"docs/decisions/\d", one.name)]
    listed = [row[0] for row in page["docs/decisions/index.md"].tables()[0]]
    assert listed == [f"[{one.path.name[:4]}]({one.path.name})" for one in records]
    for record in records:
        parts = ["Context", "Decision", "Consequences", "The check that keeps it"]
        assert _HEADING.findall(record.text)[1:] == parts, record.name
        assert record.text.startswith(f"# {record.path.name[:4]} "), record.name
        assert "\nStatus: " in record.text, record.name
