"""What every answer carries, and what is believed of a request: headers, trusted proxies, compression, log."""

import ipaddress
import logging
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, request
from flask_compress import Compress
from werkzeug.middleware.proxy_fix import ProxyFix

from app import bodies, htmx
from app.config import Network, Settings
from app.static_files import StaticFiles

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_log = logging.getLogger("preau.requests")
_YEAR = 365 * 24 * 3600
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
CSP_OF_FILES = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


def init_app(app: Flask) -> None:
    settings: Settings = app.config["PREAU"]
    app.config.update(
        TRUSTED_HOSTS=None if settings.demo else [urlsplit(settings.base_url).hostname, "127.0.0.1", "localhost"],
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_BR_LEVEL=4,
        COMPRESS_MIMETYPES=[
            "text/html", "text/css", "text/javascript", "text/calendar", "text/csv", "text/plain",
            "application/json", "image/svg+xml",
        ],
    )  # fmt: skip
    if settings.trusted_proxies:
        app.wsgi_app = TrustedProxies(app.wsgi_app, settings.trusted_proxies)  # type: ignore[method-assign]
    of_files = {**_usual(settings), "Content-Security-Policy": CSP_OF_FILES}
    app.wsgi_app = StaticFiles(app.wsgi_app, of_files)  # type: ignore[method-assign]
    app.before_request(_start_the_clock)
    bodies.init_app(app)
    app.before_request(_refuse_nul)
    app.after_request(_log_request)
    Compress(app)
    app.after_request(htmx.vary)
    app.after_request(_add_headers)


class TrustedProxies:
    """Believes X-Forwarded-* only from the networks of PREAU_TRUSTED_PROXIES, and one step of it."""

    def __init__(self, wsgi_app: "WSGIApplication", networks: Iterable[Network]) -> None:
        self.direct = wsgi_app
        self.proxied = ProxyFix(wsgi_app, x_for=1, x_proto=1, x_host=1)
        self.networks = tuple(networks)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        try:
            peer = ipaddress.ip_address(environ.get("REMOTE_ADDR", ""))
        except ValueError:
            trusted = False
        else:
            trusted = any(peer in network for network in self.networks)
        return (self.proxied if trusted else self.direct)(environ, start_response)


def _usual(settings: Settings) -> dict[str, str]:
    """What pages and files carry alike."""
    return {**HEADERS, "Strict-Transport-Security": f"max-age={_YEAR}"} if settings.https else HEADERS


def _add_headers(response: Response) -> Response:
    response.headers.update(_usual(current_app.config["PREAU"]))
    # Every page holds a token or a person's data: no cache keeps any, nor the browser's Back. The calendar feed alone
    # says « private »: its reader keeps it, and asks whether it changed.
    if not response.cache_control.private:
        response.headers["Cache-Control"] = "no-store"
    response.headers["Preau-Answer"] = g.get("mark", "page")  # what bears none was sent by somebody else (flash.js)
    response.headers["Content-Security-Policy"] = f"{CSP}{_town_website()}"
    return response


def _town_website() -> str:
    """What `form-action` allows besides us: Chromium applies it to each redirect after a POST, and logging out
    leads to the town's website, which may itself lead from http to https or from the bare name to www."""
    town = g.get("surroundings", {}).get("town")
    if town is None or not town.website_url:
        return ""
    told = urlsplit(town.website_url)
    bare = told.netloc.removeprefix("www.")
    return "".join(f" {scheme}://{host}" for scheme in ("https", "http") for host in (bare, f"www.{bare}"))


def _start_the_clock() -> None:
    g.started = time.perf_counter()


def _refuse_nul() -> None:
    """No keyboard types it, and PostgreSQL stores it nowhere."""
    if any("\0" in value for _, value in request.values.items(multi=True)):
        abort(400)


def _log_request(response: Response) -> Response:
    if request.endpoint != "public.health":
        extra: dict[str, Any] = {
            "endpoint": request.endpoint,
            "rule": request.url_rule.rule if request.url_rule else None,
            "method": request.method,
            "status": response.status_code,
            "ms": round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1),
        }
        _log.info("request", extra=extra)
    return response
