"""HTTP of watching budgets: their levels as they move."""

from collections.abc import Sequence
from typing import Any

from litestar import Request
from litestar.response import ServerSentEvent

from toktra.access.edge import still_good
from toktra.access.guards import may
from toktra.access.rules import Actor, Scope
from toktra.budgets.streams import Streams
from toktra.kit.http import STREAMED, get

_RETRY_MS = 3_000


@get("/v1/budgets/stream", guards=[may(Scope.BUDGETS_READ)], opt=STREAMED, media_type="text/event-stream")
async def stream_levels(request: Request[Any, Actor, Any]) -> ServerSentEvent:
    """The levels of the budgets the caller can see, as server-sent events, for up to ten minutes.

    First `snapshot` with all of them, the 1,000 newest at most; then `levels` with those that have changed,
    and `gone` with the ids of those that can no longer be seen. Comments in between keep the connection open.
    """
    streams: Streams = request.app.state.streams
    streams.make_sure_of_room()
    following = streams.follow(request.auth, lambda: still_good(request))
    return ServerSentEvent(following, retry_duration=_RETRY_MS)


ROUTES: Sequence[Any] = [stream_levels]
