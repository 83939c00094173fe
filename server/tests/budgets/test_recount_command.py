"""`toktra budgets recount`, as an operator runs it."""

import os
import subprocess
import sys
from typing import Any

from sqlalchemy import text

from toktra.kit.settings import Settings


def run(settings: Settings, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "toktra.cli", "budgets", "recount", *words],
        env={**os.environ, "TOKTRA_DATA_DIR": str(settings.data_dir), "COLUMNS": "120"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


async def test_it_says_what_differed_mends_it_and_then_finds_nothing(
    purse: Any, engine: Any, settings: Settings
) -> None:
    made = await purse.budget(limit_tokens=1_000, name="Build")
    await purse.use(300)
    org = str(purse.organization.id)
    assert "All counters say" in run(settings, "--org", org).stdout
    async with engine.begin() as connection:
        wrong = text("UPDATE budget_periods SET used = 7 WHERE budget_id = :id")
        await connection.execute(wrong, {"id": made["id"]})
    for words, told in ((["--no-mend"], "Counters that differed"), ([], "Counters that differed, corrected")):
        found = run(settings, "--org", org, *words)
        assert found.returncode == 1, found.stderr
        assert told in found.stdout
        assert all(word in found.stdout for word in ("Build", "used", "7", "300"))
    again = run(settings, "--org", org)
    assert (again.returncode, "All counters say" in again.stdout) == (0, True)
