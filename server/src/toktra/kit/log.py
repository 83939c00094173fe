"""Structured logs: one JSON object a line, with the request's id and without personal data.

L1: a log line names ids and codes, never an address, an e-mail, a token or a body. Tracebacks are
    without local variables, and database errors without the values of a row, for the same reason.
"""

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

_tracebacks = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False, max_frames=30)
)


def _without_row_values(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """PostgreSQL puts the row it refuses into the error's DETAIL."""
    for raised in event.get("exception", ()):
        raised["exc_value"] = raised["exc_value"].partition("\nDETAIL:")[0]
    return event


_rendering: list[Any] = [_tracebacks, _without_row_values, structlog.processors.JSONRenderer()]


def set_up(level: str) -> None:
    """JSON lines on standard error, for our own logs and those of libraries."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, *_rendering],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendering],
        )
    )
    logging.basicConfig(handlers=[handler], level=max(logging.WARNING, _number(level)), force=True)


def _number(level: str) -> int:
    return logging.getLevelNamesMapping()[level.upper()]


log = structlog.get_logger("toktra")
