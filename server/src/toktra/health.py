"""Is the server alive, is it ready, and if not, why; and its metrics for Prometheus."""

import os
from typing import Any

from litestar import Request, Response
from msgspec import Struct
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest, multiprocess
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from toktra import __version__
from toktra.access.guards import PUBLIC
from toktra.kit.http import get


class Health(Struct, frozen=True):
    """`live`: the process answers. `ready`: it can do its work; otherwise `problems` says why not."""

    live: bool
    ready: bool
    problems: list[str]
    version: str


@get("/v1/health", opt=PUBLIC)
async def get_health(request: Request[Any, Any, Any]) -> Response[Health]:
    """200 when ready, 503 when not, with the reasons in words."""
    problems = [problem for problem in (await _database(request), _writer(request)) if problem]
    health = Health(live=True, ready=not problems, problems=problems, version=__version__)
    return Response(health, status_code=503 if problems else 200)


async def _database(request: Request[Any, Any, Any]) -> str | None:
    try:
        async with request.app.state.engine.connect() as connection:
            await connection.execute(text("SELECT 1 FROM alembic_version"))
    except (SQLAlchemyError, OSError):
        return "The database does not answer, or has not been migrated: run `toktra migrate`."
    return None


def _writer(request: Request[Any, Any, Any]) -> str | None:
    if any(work.done() for work in request.app.state.working):
        return "The server does not keep events or answer checks any more: restart it."
    return None


@get("/metrics", opt=PUBLIC, media_type="text/plain")
async def get_metrics() -> Response[bytes]:
    """Prometheus metrics of all worker processes. No label names a person or an organisation."""
    registry: CollectorRegistry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return Response(generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


ROUTES = [get_health, get_metrics]
