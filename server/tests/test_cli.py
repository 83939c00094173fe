"""The command line: what a person can mend is said in one line, with status 2 and no traceback."""

import json
import os
import subprocess
import sys

import pytest

from toktra.app import build
from toktra.kit.settings import Settings

SECRET = "a secret key for tests, long enough"


def toktra(*words: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TOKTRA_")}
    return subprocess.run(
        [sys.executable, "-m", "toktra.cli", *words],
        env=environment | settings,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("words", "settings", "said"),
    [
        (["serve"], {"TOKTRA_SECRET_KEY": "short"}, "at least 32 characters"),
        (["worker"], {}, "TOKTRA_SECRET_KEY must be set"),
        (["migrate"], {"TOKTRA_DATABASE_URL": "mysql://x"}, "must begin with postgresql://"),
        (["migrate"], {"TOKTRA_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x"}, "TOKTRA_DATABASE_URL"),
        (
            ["worker"],
            {"TOKTRA_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x", "TOKTRA_SECRET_KEY": SECRET},
            "toktra migrate",
        ),
        (["migrate"], {"TOKTRA_PUBLIC_URL": "localhost"}, "TOKTRA_PUBLIC_URL"),
        (["audit", "verify", "--expect", "x"], {}, "ORG_ID:SEQ:HASH"),
    ],
)
def test_what_can_be_mended_is_one_line(words: list[str], settings: dict[str, str], said: str) -> None:
    ended = toktra(*words, **settings)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.startswith("error: ")
    assert "Traceback" not in ended.stderr
    assert said in " ".join(ended.stderr.split())


def test_help_names_every_command() -> None:
    said = toktra("--help").stdout
    for command in ("demo", "replay", "top", "serve", "worker", "migrate", "openapi", "bootstrap", "audit"):
        assert command in said


def test_the_openapi_document_is_that_of_the_server_and_the_same_each_time() -> None:
    first, second = (toktra("openapi", PYTHONHASHSEED=seed).stdout for seed in ("1", "2"))
    assert first == second
    assert json.loads(first) == build(Settings()).openapi_schema.to_schema()
    assert "/v1/preflight" in json.loads(first)["paths"]
