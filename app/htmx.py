"""What htmx 4 needs of the server: is this a fragment, and a redirect that works with and without it."""

from urllib.parse import urlsplit

from flask import Response, redirect, request
from werkzeug.urls import iri_to_uri
from werkzeug.wrappers import Response as BaseResponse


def is_fragment() -> bool:
    """Whether the answer is swapped into a page (then it is only the parts that change)."""
    return asks() and request.headers.get("HX-Request-Type") != "full"


def asks() -> bool:
    """Whether htmx asks, for a part of a page or for a page of which it takes a part."""
    return request.headers.get("HX-Request") == "true"


def is_poll() -> bool:
    """Whether the page asks by itself: such a request neither prolongs the session nor redirects."""
    return request.headers.get("HX-Poll") == "1"


def go_to(url: str) -> BaseResponse:
    """See Other for a browser; for htmx, which would follow it within the swap, a whole new page."""
    if asks():
        return Response(status=204, headers={"HX-Redirect": iri_to_uri(url)})
    return redirect(url, 303)


def page_of_origin() -> str:
    """The address (path and query) of the page that sent this request; "/" when unknown or elsewhere."""
    if request.method == "GET" and not is_fragment():
        return request.full_path.rstrip("?")
    told = urlsplit(request.headers.get("HX-Current-URL") or request.headers.get("Referer") or "")
    if told.netloc != request.host:
        return "/"
    return told.path + (f"?{told.query}" if told.query else "")


def vary(response: BaseResponse) -> BaseResponse:
    """A cache must not serve a fragment for a page, nor the other way round."""
    response.vary.add("HX-Request")
    return response
