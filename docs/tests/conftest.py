"""The pages as the tests read them: texts, tables, fenced blocks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Page:
    """One page: where it is, and its text."""

    path: Path
    text: str

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))

    def blocks(self, *languages: str) -> list[str]:
        """The contents of its fenced blocks in these languages, in order."""
        return [block for language, block in _FENCED.findall(self.text) if language in languages]

    def tables(self) -> list[list[list[str]]]:
        """Its tables: rows of cells, without the head."""
        tables: list[list[list[str]]] = [[]]
        for line in self.text.splitlines():
            if line.startswith("|"):
                tables[-1].append([cell.strip() for cell in line.strip("|").split(" | ")])
            elif tables[-1]:
                tables.append([])
        return [table[2:] for table in tables if table]

    def passages(self) -> Iterator[str]:
        """What is read as one: a paragraph, a row of a table, a line of a block."""
        for part in self.text.split("\n\n"):
            yield from part.splitlines() if part.startswith(("|", "```")) else [part]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def pages() -> list[Page]:
    """The README, the changelog and every page of the documentation."""
    built = ROOT / "docs" / "_build"
    found = [file for file in (ROOT / "docs").rglob("*.md") if built not in file.parents]
    found += [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "data" / "README.md"]
    return [Page(file, file.read_text()) for file in sorted(found)]


@pytest.fixture(scope="session")
def page(pages: list[Page]) -> dict[str, Page]:
    """Every page by its path from the root of the repository."""
    return {page.name: page for page in pages}
