"""The built dashboard, read into memory once.

D1: a request's path is looked up among the files that were there at the start; it never reaches the disk.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "web"
"""Where the build puts it."""

_CODINGS = {"br": ".br", "gzip": ".gz"}
"""What a file may lie packed beside itself as, the smallest first."""

_MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
}
_FOR_EVER = "public, max-age=31536000, immutable"  # the names of assets hold a hash of what is in them
_ASK_AGAIN = "no-cache"
_VARY_OF_PAGES = "Accept, Accept-Encoding"  # a program that asks for a deep link gets the API's 404

_NOT_BUILT = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Toktra</title>
<h1>The dashboard is not built</h1>
<p>The API works all the same. For the dashboard, run <code>make setup</code> in the folder of Toktra's
sources, then start the server again.</p>
</html>
"""


@dataclass(frozen=True, slots=True)
class Variant:
    """A file's bytes in one content coding."""

    coding: str
    content: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class File:
    """One file as it is served; `packed` in order of preference."""

    route: str
    media_type: str
    cache: str
    vary: str
    plain: Variant
    packed: tuple[Variant, ...] = ()
    status: int = 200


@dataclass(frozen=True, slots=True)
class Built:
    """All files by the path they are asked for with, and the page that every deep link gets."""

    files: dict[str, File]
    index: File


def read(folder: Path = FOLDER) -> Built:
    """What is in the folder, without hidden files; a page that says what to do when nothing is."""
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    files = {f"/{name}": _file(folder / name, name) for name in names if _is_served(name)}
    index = files.get("/index.html") or _not_built()
    return Built({**files, "/": index}, index)


def _is_served(name: str) -> bool:
    hidden = any(part.startswith(".") for part in name.split("/"))
    return not hidden and not name.endswith(tuple(_CODINGS.values()))


def _file(path: Path, name: str) -> File:
    asset = name.startswith("assets/")
    packed = {coding: path.with_name(path.name + suffix) for coding, suffix in _CODINGS.items()}
    return File(
        route="/assets/{name}" if asset else "/{page}",
        media_type=_MEDIA_TYPES.get(path.suffix, "application/octet-stream"),
        cache=_FOR_EVER if asset else _ASK_AGAIN,
        vary="Accept-Encoding" if asset else _VARY_OF_PAGES,
        plain=_variant("identity", path.read_bytes()),
        packed=tuple(_variant(coding, at.read_bytes()) for coding, at in packed.items() if at.is_file()),
    )


def _variant(coding: str, content: bytes) -> Variant:
    return Variant(coding, content, f'"{hashlib.sha256(content).hexdigest()[:32]}"')


def _not_built() -> File:
    page = _variant("identity", _NOT_BUILT.encode())
    return File("/{page}", _MEDIA_TYPES[".html"], "no-store", _VARY_OF_PAGES, page, status=503)
