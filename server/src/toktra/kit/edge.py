"""The HTTP edge: request ids, access log, metrics, and every exception as the one error shape.

G1: input never makes a 500; an unforeseen exception answers `internal` and is logged with its request id.
"""

import re
from collections.abc import Callable
from functools import cache
from secrets import token_hex
from time import perf_counter
from typing import Any

import psycopg
import structlog
from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.constants import RESERVED_KWARGS
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException, ValidationException
from litestar.handlers import BaseRouteHandler
from litestar.params import ParameterKwarg
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send
from litestar.typing import FieldDefinition
from prometheus_client import Counter, Histogram
from psycopg.errors import InvalidSchemaName, UndefinedTable
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from toktra.kit.errors import (
    PROBLEMS,
    BadRequest,
    Conflict,
    ErrorAnswer,
    Invalid,
    Overloaded,
    Problem,
    invalid,
)
from toktra.kit.log import log
from toktra.kit.work import Replayed, current_claim, on_replayed

REQUESTS = Counter("toktra_http_requests", "Answered requests", ["route", "method", "status"])
SECONDS = Histogram(
    "toktra_http_request_seconds",
    "Time to answer",
    ["route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 5),
)
_BY_STATUS = {problem.status: problem for problem in PROBLEMS}
_BODY = "data"  # what Litestar calls the body
_NO_SNIFFING = (b"x-content-type-options", b"nosniff")
_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
_PATH_PARAMETER = re.compile(r"\{(\w+):")


class RequestLog:
    """Gives each request an id, and writes one line and two metrics about it when it is answered."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        began = perf_counter()
        request_id = token_hex(16)
        scope.setdefault("state", {})["request_id"] = request_id
        status = 500
        started = began

        async def note_status(message: Message) -> None:
            nonlocal status, started
            if message["type"] == "http.response.start":
                status, started = message["status"], perf_counter()
                message["headers"] = [
                    *message["headers"],
                    (b"x-request-id", request_id.encode()),
                    _NO_SNIFFING,
                ]
            await send(message)

        structlog.contextvars.bind_contextvars(request_id=request_id)
        current_claim.set([])
        try:
            await self.app(scope, receive, note_status)
        finally:
            self._note(scope, status, (started if _is_streamed(scope) else perf_counter()) - began)
            structlog.contextvars.clear_contextvars()

    @staticmethod
    def _note(scope: HTTPScope, status: int, seconds: float) -> None:
        route = scope.get("path_template") or "unrouted"
        method = scope["method"] if scope["method"] in _METHODS else "other"
        requests, histogram = _metrics(route, method, status)
        requests.inc()
        histogram.observe(seconds)
        log.info("request", route=route, method=method, status=status, ms=round(seconds * 1000, 2))


def _is_streamed(scope: HTTPScope) -> bool:
    """Whether the time to answer is that to the answer's beginning."""
    handler = scope.get("route_handler")
    return handler is not None and bool(handler.opt.get("streamed"))


@cache
def _metrics(route: str, method: str, status: int) -> tuple[Counter, Histogram]:
    """Found once for each of the few there are: looking up a label takes longer than counting."""
    return REQUESTS.labels(route, method, status), SECONDS.labels(route)


def render(request: Request[Any, Any, Any], problem: Problem) -> Response[ErrorAnswer]:
    """A problem as its answer."""
    answer = ErrorAnswer(problem.code, problem.message, problem.details, request_id(request))
    return Response(
        answer, status_code=problem.status, headers=problem.headers, media_type="application/json"
    )


def request_id(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """The id of this request, also in the X-Request-Id header and in every log line."""
    return str(connection.scope["state"].get("request_id", ""))


def _invalid(exception: ValidationException) -> Problem:
    extra = exception.extra if isinstance(exception.extra, list) else []
    first: dict[str, Any] = next((e for e in extra if isinstance(e, dict)), {})
    reason, at = str(first.get("message", exception.detail)), str(first.get("key", ""))
    if reason == repr(_BODY):
        return invalid("The body is empty; this address takes one")
    return invalid(reason, at="" if at == _BODY else at)


def _problem(exception: Exception) -> Problem | None:
    match exception:
        case Problem():
            return exception
        case ValidationException():
            return _invalid(exception)
        case HTTPException(status_code=404):
            return _BY_STATUS[404]("There is nothing at this address. GET /schema lists the addresses.")
        case HTTPException(status_code=405):
            return _BY_STATUS[405](
                "This address does not take this method.", headers=dict(exception.headers or {})
            )
        case HTTPException(status_code=400):
            return BadRequest(f"The request cannot be read: {str(exception.detail).rstrip('.')}.")
        case HTTPException(status_code=413):
            return _BY_STATUS[413]("The body is larger than this address takes. Send less at once.")
        case HTTPException(status_code=status) if status in _BY_STATUS:
            return _BY_STATUS[status](str(exception.detail))
        case HTTPException(status_code=status) if status < 500:
            return BadRequest(str(exception.detail))
        case RecursionError() if "deserializing" in str(exception):
            return BadRequest("The body is nested too deeply.")
        case UnicodeDecodeError():
            return BadRequest("The body is not valid UTF-8.")
        case DataError() | psycopg.DataError():
            return Invalid("A value in the request is outside what can be stored.", field="body")
        case IntegrityError() | psycopg.IntegrityError():
            return Conflict(
                "Something else was changed at the same moment. Nothing was changed here; try again."
            )
        case ProgrammingError(orig=UndefinedTable() | InvalidSchemaName()):
            return Overloaded("The database has not been migrated. An operator must run `toktra migrate`.")
        case PoolTimeout() | OperationalError() | psycopg.OperationalError():
            return Overloaded("The database cannot take this right now. Nothing was changed; try again.")
    return None


def on_exception(request: Request[Any, Any, Any], exception: Exception) -> Response[ErrorAnswer]:
    """Every exception as the one error shape (G1)."""
    problem = _problem(exception)
    if isinstance(exception, IntegrityError):
        log.warning("contradiction", sqlstate=getattr(exception.orig, "sqlstate", None))
    if problem is not None:
        return render(request, problem)
    log.error("internal_error", exc_info=exception)
    answer = ErrorAnswer(
        "internal",
        "Something failed on our side. Nothing was changed; the request id finds it in the server's log.",
        {},
        request_id(request),
    )
    return Response(answer, status_code=500, media_type="application/json")


async def only_known_query(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Refuse query parameters that the route does not name: a mistyped filter must not widen an answer."""
    if not connection.scope["query_string"]:
        return
    known = query_names(handler)
    seen: set[str] = set()
    for name, text in connection.query_params.multi_items():
        if name in seen:
            raise Invalid(f"The query parameter {name!r} is given twice. Give it once.", field=name)
        seen.add(name)
        if name not in known:
            raise Invalid(
                f"There is no query parameter {name[:60]!r} here.", field=name[:60], known=sorted(known)
            )
        if "\x00" in text:
            raise Invalid("A NUL character cannot be part of a value.", field=name)


@cache
def query_names(handler: BaseRouteHandler) -> frozenset[str]:
    """The query parameters a route names: its arguments that nothing else provides."""
    provided = {*RESERVED_KWARGS, *handler.resolve_dependencies()}
    provided |= {name for path in handler.paths for name in _PATH_PARAMETER.findall(path)}
    parameters = handler.parsed_fn_signature.parameters
    return frozenset(_asked_as(name, one) for name, one in parameters.items() if name not in provided)


def _asked_as(name: str, parameter: FieldDefinition) -> str:
    """The name in the address, where it is another than the argument's."""
    said = parameter.kwarg_definition
    return said.query if isinstance(said, ParameterKwarg) and said.query else name


ExceptionHandlers = dict[int | type[Exception], Callable[[Request[Any, Any, Any], Any], Response[Any]]]
HANDLERS: ExceptionHandlers = {Replayed: on_replayed, Exception: on_exception, HTTPException: on_exception}
