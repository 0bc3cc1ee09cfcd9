"""Our style, scripts, pictures and fonts: read and compressed once, then kept in memory (a few hundred kB).

They are answered before Flask: they need no session, and their answer depends on nobody. Their address bears a hash
of their content, so that browsers keep them for a year and never ask again.
"""

import gzip
import hashlib
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import brotli
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header, parse_etags

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

FOLDER = Path(__file__).parent / "static"
PREFIX = "/static/"
KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
}
NAMES = frozenset(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.suffix in KINDS)
PACKED_ALREADY = (".png", ".woff2")
_YEAR, _HOUR = 365 * 24 * 3600, 3600


@cache
def address(name: str) -> str:
    """The address of this file, with its version."""
    return f"{PREFIX}{name}?v={version(name)}"


@cache
def version(name: str) -> str:
    return hashlib.sha256(content(name)).hexdigest()[:10]


@cache
def content(name: str, encoding: str = "identity") -> bytes:
    """The file, compressed as asked."""
    if encoding == "br":
        packed: bytes = brotli.compress(content(name))
        return packed
    if encoding == "gzip":
        return gzip.compress(content(name), mtime=0)
    return (FOLDER / name).read_bytes()


@lru_cache(maxsize=64)
def _encoding(accepted: str) -> str:
    """The best encoding that a browser says it accepts."""
    told = parse_accept_header(accepted, Accept)
    return next((one for one in ("br", "gzip") if told.quality(one) > 0), "identity")


class StaticFiles:
    """Answers for these files, and lets the portal answer for the rest: other addresses, names that do not exist."""

    def __init__(self, portal: "WSGIApplication", headers: dict[str, str]) -> None:
        """`headers` go with every file."""
        self.portal = portal
        self.headers = list(headers.items())

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path, method = environ.get("PATH_INFO", ""), environ["REQUEST_METHOD"]
        name = path.removeprefix(PREFIX)
        if name == path or name not in NAMES or method not in ("GET", "HEAD"):
            return self.portal(environ, start_response)
        packed = name.endswith(PACKED_ALREADY)
        encoding = "identity" if packed else _encoding(environ.get("HTTP_ACCEPT_ENCODING", ""))
        asked_version = environ.get("QUERY_STRING", "") == f"v={version(name)}"
        etag = f"{version(name)}-{encoding}"
        headers = [
            ("ETag", f'"{etag}"'),
            ("Cache-Control", f"public, max-age={_YEAR}, immutable" if asked_version else f"public, max-age={_HOUR}"),
            *self.headers,
        ]
        if not packed:
            headers.append(("Vary", "Accept-Encoding"))
        if parse_etags(environ.get("HTTP_IF_NONE_MATCH")).contains_weak(etag):
            start_response("304 Not Modified", headers)
            return []
        if encoding != "identity":
            headers.append(("Content-Encoding", encoding))
        body = content(name, encoding)
        headers += [("Content-Type", KINDS[Path(name).suffix]), ("Content-Length", str(len(body)))]
        start_response("200 OK", headers)
        return [] if method == "HEAD" else [body]
