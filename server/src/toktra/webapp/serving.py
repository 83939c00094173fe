"""The dashboard in front of the API: its files, its deep links; everything else is the API's to answer.

D2: no address of the API is ever answered by the dashboard.
D3: a page can load and reach nothing but this server, and nobody can frame it.
"""

from collections.abc import Awaitable, Mapping

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from toktra.kit.http import header
from toktra.webapp.built import Built, File, Variant

API = frozenset({"v1", "personal", "metrics", "schema"})
"""What the addresses of the API begin with (D2)."""

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self' 'unsafe-inline'",  # the component library sets styles on elements
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
_CLOSED = [
    "accelerometer",
    "autoplay",
    "camera",
    "clipboard-read",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "picture-in-picture",
    "publickey-credentials-get",
    "screen-wake-lock",
    "serial",
    "usb",
    "xr-spatial-tracking",
]


def _joined(policy: Mapping[str, str]) -> str:
    return "; ".join(f"{name} {sources}" for name, sources in policy.items())


_SECURITY = {
    "content-security-policy": _joined(_POLICY),
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": ", ".join(f"{feature}=()" for feature in _CLOSED),
}


def with_dashboard(app: ASGIApp, built: Built, *, personal_url: str = "") -> ASGIApp:
    """The API with the dashboard in front: no coroutine of its own, so that hot routes do not pay for it.

    `personal_url`: another server that its pages may reach (D3).
    """
    security = _SECURITY
    if personal_url:
        policy = _POLICY | {"connect-src": f"'self' {personal_url}"}
        security = _SECURITY | {"content-security-policy": _joined(policy)}

    def answer(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != ScopeType.HTTP or scope["path"].startswith("/v1/"):
            return app(scope, receive, send)
        file = _find(built, scope)
        return app(scope, receive, send) if file is None else _send(file, security, scope, send)

    return answer


def _find(built: Built, scope: HTTPScope) -> File | None:
    if scope["method"] not in ("GET", "HEAD"):
        return None
    first = scope["path"].strip("/").partition("/")[0]
    if first in API:
        return None
    if file := built.files.get(scope["path"]):
        return file
    deep_link = first != "assets" and _weights(header(scope, b"accept")).get("text/html", 0) > 0
    return built.index if deep_link else None


async def _send(file: File, security: Mapping[str, str], scope: HTTPScope, send: Send) -> None:
    scope["path_template"] = file.route
    variant = _choose(file, header(scope, b"accept-encoding"))
    headers = {**security, "cache-control": file.cache, "vary": file.vary}
    status, content = file.status, variant.content
    if status == 200:
        headers["etag"] = variant.etag
    if status == 200 and _is_known(variant, header(scope, b"if-none-match")):
        status, content = 304, b""
    else:
        headers |= {"content-type": file.media_type, "content-length": str(len(content))}
        if variant.coding != "identity":
            headers["content-encoding"] = variant.coding
    sent = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": sent})
    body = b"" if scope["method"] == "HEAD" else content
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _choose(file: File, accept_encoding: str | None) -> Variant:
    weights = _weights(accept_encoding)
    others = weights.get("*", 0)
    return next((one for one in file.packed if weights.get(one.coding, others) > 0), file.plain)


def _is_known(variant: Variant, if_none_match: str | None) -> bool:
    tags = {tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")}
    return not tags.isdisjoint({variant.etag, "*"})


def _weights(listed: str | None) -> dict[str, float]:
    """What a header such as Accept lists, each with its weight; 0 refuses."""
    found: dict[str, float] = {}
    for part in (listed or "").lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        found[name] = next((_weight(one) for one in parameters if one.startswith("q=")), 1.0)
    return found


def _weight(parameter: str) -> float:
    try:
        return float(parameter.removeprefix("q="))
    except ValueError:
        return 0
