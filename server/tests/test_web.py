"""The dashboard in front of the API: what it answers, with which headers, what it leaves alone (D1 to D3)."""

import gzip
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from litestar import Litestar
from prometheus_client import REGISTRY

from toktra.app import create_app
from toktra.kit.settings import Settings
from toktra.webapp.serving import API

SCRIPT = b"console.log('toktra');" * 200
PAGE = b'<!doctype html><script type="module" src="/assets/index-Ab12.js"></script>'
FILES = {
    "index.html": PAGE,
    "favicon.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "assets/index-Ab12.js": SCRIPT,
    "assets/index-Ab12.js.br": b"as if packed by brotli",
    "assets/index-Ab12.js.gz": gzip.compress(SCRIPT),
    "assets/index-Cd34.css": b"body{margin:0}",
    "assets/inter-Ef56.woff2": b"wOF2",
    ".vite/manifest.json": b"{}",
}
ASSET = "/assets/index-Ab12.js"
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


@pytest.fixture(scope="module")
def front(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The whole server with a dashboard of a few files, and a file beside their folder."""
    beside = tmp_path_factory.mktemp("built")
    for name, content in FILES.items():
        (beside / "web" / name).parent.mkdir(parents=True, exist_ok=True)
        (beside / "web" / name).write_bytes(content)
    (beside / "secret.txt").write_text("outside")
    return create_app(settings, dashboard=beside / "web")


@asynccontextmanager
async def browsing(front: Any) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=front),
        base_url="http://toktra.test",
        headers={"Accept-Encoding": ""},
    ) as client:
        yield client


@pytest.fixture
async def web(front: Any) -> AsyncIterator[httpx2.AsyncClient]:
    async with browsing(front) as client:
        yield client


@pytest.fixture
async def not_built(settings: Settings, tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    async with browsing(create_app(settings, dashboard=tmp_path / "nothing")) as client:
        yield client


@pytest.fixture
def answer_to(front: Any) -> Callable[..., Any]:
    """What the server sends for a path as it is: clients tidy up dots, and drop the body of a HEAD."""

    async def answer_to(path: str, method: str = "GET") -> tuple[int, bytes]:
        said: list[Any] = []
        scope: Any = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": [(b"accept", b"text/html")],
        }

        async def send(message: Any) -> None:
            said.append(message)

        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        await front(scope, receive, send)
        return said[0]["status"], said[1]["body"]

    return answer_to


def is_the_api_s_404(answer: httpx2.Response) -> None:
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/json"
    assert "content-security-policy" not in answer.headers
    assert answer.json()["error"] == "not_found"


@pytest.mark.parametrize("path", ["/", ASSET, "/favicon.svg", "/people/7"])
async def test_a_page_can_load_and_reach_nothing_but_this_server(web: httpx2.AsyncClient, path: str) -> None:
    answer = await web.get(path, headers=BROWSER)
    assert answer.status_code == 200
    assert answer.headers["content-security-policy"] == POLICY
    assert answer.headers.get_list("x-content-type-options") == ["nosniff"]
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    closed = answer.headers["permissions-policy"].split(", ")
    assert {"camera=()", "geolocation=()", "microphone=()", "payment=()"} <= set(closed)
    assert all(feature.endswith("=()") for feature in closed)
    assert len(answer.headers["x-request-id"]) == 32


@pytest.mark.parametrize(
    ("path", "media_type", "content"),
    [
        (ASSET, "text/javascript; charset=utf-8", SCRIPT),
        ("/assets/index-Cd34.css", "text/css; charset=utf-8", b"body{margin:0}"),
        ("/assets/inter-Ef56.woff2", "font/woff2", b"wOF2"),
    ],
)
async def test_an_asset_is_kept_for_ever(
    web: httpx2.AsyncClient, path: str, media_type: str, content: bytes
) -> None:
    answer = await web.get(path)
    assert (answer.status_code, answer.content) == (200, content)
    assert answer.headers["content-type"] == media_type
    assert answer.headers["content-length"] == str(len(content))
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    ("asked", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("BR", "br"),
        ("gzip", "gzip"),
        ("gzip;q=1.0, br;q=0", "gzip"),
        ("*", "br"),
        ("*, br;q=0", "gzip"),
        ("*;q=0", None),
        ("identity", None),
        ("gzip;q=nonsense", None),
        ("brotli", None),
        (" ; q=1,,", None),
        ("", None),
    ],
)
async def test_a_packed_file_goes_to_who_can_unpack_it(
    web: httpx2.AsyncClient, asked: str, coding: str | None
) -> None:
    headers = {"Accept-Encoding": asked}
    async with web.stream("GET", ASSET, headers=headers) as answer:
        sent = b"".join([chunk async for chunk in answer.aiter_raw()])
    file = {"br": f"{ASSET}.br", "gzip": f"{ASSET}.gz", None: ASSET}[coding]
    assert answer.headers.get("content-encoding") == coding
    assert sent == FILES[file.removeprefix("/")]
    assert answer.headers["content-length"] == str(len(sent))
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"


async def test_each_coding_has_its_own_etag(web: httpx2.AsyncClient) -> None:
    etags = set()
    for coding in ("br", "gzip", "identity"):
        answer = await web.head(ASSET, headers={"Accept-Encoding": coding})
        etags.add(answer.headers["etag"])
    assert len(etags) == 3


@pytest.mark.parametrize("path", ["/", "/index.html", "/favicon.svg"])
async def test_what_has_no_hash_in_its_name_is_asked_for_again(web: httpx2.AsyncClient, path: str) -> None:
    first = await web.get(path)
    assert first.headers["cache-control"] == "no-cache"
    assert first.headers["vary"] == "Accept, Accept-Encoding"
    etag = first.headers["etag"]
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = await web.get(path, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b""), known
        assert again.headers["etag"] == etag
        assert again.headers["content-security-policy"] == POLICY
        assert "content-type" not in again.headers
    assert (await web.get(path, headers={"If-None-Match": '"other"'})).content == first.content


@pytest.mark.parametrize("path", ["/", ASSET, "/favicon.svg"])
async def test_head_answers_as_get_without_a_body(
    web: httpx2.AsyncClient, answer_to: Callable[..., Any], path: str
) -> None:
    assert await answer_to(path, "HEAD") == (200, b"")
    got, head = await web.get(path), await web.head(path)
    for answer in (got, head):
        del answer.headers["x-request-id"]
    assert head.headers == got.headers


@pytest.mark.parametrize("path", ["/people", "/budgets/7/history?period=last&sort=name", "/v2/usage"])
async def test_a_deep_link_gets_the_page(web: httpx2.AsyncClient, path: str) -> None:
    answer = await web.get(path, headers=BROWSER)
    assert (answer.status_code, answer.content) == (200, PAGE)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/html;q=0", ""])
async def test_a_program_that_asks_for_a_deep_link_gets_the_api_s_404(
    web: httpx2.AsyncClient, accept: str
) -> None:
    is_the_api_s_404(await web.get("/people", headers={"Accept": accept}))


@pytest.mark.parametrize(
    "path", ["/v1", "/v1/", "/v1/unknown", "//v1/unknown", "/metrics/x", "/v1/users/7", "/assets"]
)
async def test_the_api_s_addresses_stay_the_api_s(web: httpx2.AsyncClient, path: str) -> None:
    is_the_api_s_404(await web.get(f"http://toktra.test{path}", headers=BROWSER))


async def test_every_route_begins_as_the_dashboard_knows(app: Litestar) -> None:
    assert {route.path.split("/")[1] for route in app.routes} | {"personal"} == API


async def test_the_api_answers_a_browser_too(web: httpx2.AsyncClient) -> None:
    assert "/v1/usage" in (await web.get("/schema", headers=BROWSER)).json()["paths"]
    metrics = await web.get("/metrics", headers=BROWSER)
    assert metrics.headers["content-type"].startswith("text/plain")
    refused = await web.get("/v1/usage", headers=BROWSER)
    assert (refused.status_code, refused.json()["error"]) == (401, "unauthorized")
    for answer in (metrics, refused):
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/", "/people", ASSET])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_only_reads_are_the_dashboard_s(web: httpx2.AsyncClient, method: str, path: str) -> None:
    is_the_api_s_404(await web.request(method, path, headers=BROWSER))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_wrong_method_of_the_api_is_still_a_405(web: httpx2.AsyncClient, method: str) -> None:
    answer = await web.request(method, "/v1/events", headers=BROWSER)
    assert (answer.status_code, "POST" in answer.headers["allow"]) == (405, True)


@pytest.mark.parametrize(
    "path",
    [
        "/assets/",
        "/assets/unknown-Zz99.js",
        "/assets/index-Ab12.js.br",
        "/assets/index-Ab12.js.gz",
        "/assets/../index.html",
        "/assets/../../secret.txt",
        "/assets//index-Ab12.js",
        "/assets/%2e%2e/index.html",
        "/assets/..%2f..%2fsecret.txt",
        "/assets/..\\..\\secret.txt",
        "/assets/index-Ab12.js\x00.css",
    ],
)
async def test_an_unknown_asset_is_a_404(answer_to: Callable[..., Any], path: str) -> None:
    status, body = await answer_to(path)
    assert (status, b'"not_found"' in body) == (404, True)


@pytest.mark.parametrize("path", ["/../secret.txt", "/%2e%2e/secret.txt", "/.vite/manifest.json", "/./x"])
async def test_no_path_leads_out_of_the_folder(answer_to: Callable[..., Any], path: str) -> None:
    assert await answer_to(path) == (200, PAGE)


async def test_metrics_have_one_label_for_all_assets_and_one_for_all_pages(web: httpx2.AsyncClient) -> None:
    def count(route: str) -> float:
        labels = {"route": route, "method": "GET", "status": "200"}
        return REGISTRY.get_sample_value("toktra_http_requests_total", labels) or 0

    before = {route: count(route) for route in ("/assets/{name}", "/{page}")}
    for path in (ASSET, "/assets/index-Cd34.css", "/", "/people", "/people/7", "/favicon.svg"):
        await web.get(path, headers=BROWSER)
    assert count("/assets/{name}") == before["/assets/{name}"] + 2
    assert count("/{page}") == before["/{page}"] + 4
    assert count("/people") == 0


@pytest.mark.parametrize("path", ["/", "/people"])
async def test_when_nothing_is_built_the_page_says_what_to_do(
    not_built: httpx2.AsyncClient, path: str
) -> None:
    answer = await not_built.get(path, headers={**BROWSER, "If-None-Match": "*"})
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-security-policy"] == POLICY
    assert "The dashboard is not built" in answer.text
    assert "make setup" in answer.text


async def test_when_nothing_is_built_the_api_answers(not_built: httpx2.AsyncClient) -> None:
    is_the_api_s_404(await not_built.get(ASSET, headers=BROWSER))
    is_the_api_s_404(await not_built.get("/v1/unknown", headers=BROWSER))
    assert (await not_built.get("/schema")).status_code == 200
