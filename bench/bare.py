"""Toktra with one more route: what a preflight check would cost if nothing had to be decided.

The same framework, middleware and authentication, the same body decoded, an answer of the same size; no budgets,
no database.
"""

import argparse
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import uvicorn
from litestar import Request
from litestar.types import ASGIApp

from toktra.access.guards import may
from toktra.access.rules import Actor, Scope
from toktra.app import build
from toktra.budgets.answers import PreflightAnswer, encode
from toktra.budgets.shapes import PreflightBody
from toktra.kit import log
from toktra.kit.decoding import DecodedOnce
from toktra.kit.edge import RequestLog
from toktra.kit.http import UNCOMPRESSED, Encoded, post
from toktra.kit.settings import from_environment

PATH = "/v1/bare"
_ANSWER = encode(
    PreflightAnswer(
        decision="allow",
        reason="within_budget",
        message="There is room for this request.",
        budget_id=UUID(int=1),
        budget_name="Acme / Engineering / Team 0",
        remaining_tokens=10**14,
        missing_tokens=0,
        resets_at=datetime(2026, 1, 1, tzinfo=UTC),
        hold_id=UUID(int=2),
        expires_at=datetime(2026, 1, 1, 0, 0, 0, 123456, tzinfo=UTC),
        approvers=[],
        exemption_url=None,
    )
)


@post(
    PATH,
    guards=[may(Scope.PREFLIGHT)],
    opt=UNCOMPRESSED,
    status_code=200,
    dto=DecodedOnce[PreflightBody],
    return_dto=None,
)
async def bare(data: PreflightBody, request: Request[Any, Actor, Any]) -> Encoded[PreflightAnswer]:
    """Decides nothing."""
    _ = request.auth, request.app.state.clock()
    return Encoded(_ANSWER)


def create_app() -> ASGIApp:
    """As `toktra.app.create_app`, and the bare route."""
    settings = from_environment()
    log.set_up(settings.log_level)
    app = build(settings)
    app.register(bare)
    return RequestLog(app)


def main() -> None:
    """Serve as `toktra serve` does."""
    parser = argparse.ArgumentParser(prog="bench.bare")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, default=1)
    asked = parser.parse_args()
    uvicorn.run(
        "bench.bare:create_app",
        factory=True,
        port=asked.port,
        workers=asked.workers,
        loop="auto",
        http="httptools",
        access_log=False,
        log_level="warning",
        server_header=False,
    )


if __name__ == "__main__":
    main()
