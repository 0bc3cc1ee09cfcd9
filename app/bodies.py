"""What a request may bring: a form, of so many bytes, in so much time.

A thread that waits for a body answers nobody else. So a body is read before anything is asked of the database, is
refused unread when it is too long for where it goes, and its connection is shut when it comes too slowly.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from flask import Flask, abort, current_app, request, session
from werkzeug.exceptions import HTTPException

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
OF_STRANGERS, OF_FORMS, OF_FILES = 100_000, 1_000_000, 12_000_000
"""Bytes at most: of whoever is not logged in, of a form, of a form with a file of 10 MB."""
PATIENCE = 30
"""Seconds that any body may take."""
SLOWEST = 20_000
"""Bytes a second, below which a longer one comes too slowly: a poor line carries twice as many."""
View = TypeVar("View", bound=Callable[..., Any])


def takes_file(view: View) -> View:
    """Mark a view whose form may bring a file."""
    view.takes_file = True  # type: ignore[attr-defined]
    return view


def init_app(app: Flask) -> None:
    app.config.update(MAX_CONTENT_LENGTH=OF_FILES, MAX_FORM_MEMORY_SIZE=OF_FORMS)
    app.before_request(_receive)


def _receive() -> None:
    """Read the form, or refuse it: 415, 413, 408."""
    if request.method in ("GET", "HEAD", "OPTIONS") or request.endpoint is None:
        return
    length = request.content_length or 0
    if request.mimetype not in FORMS and (length or request.mimetype):
        abort(415)
    request.max_content_length = _longest(request.endpoint)
    if (
        length
    ):  # gunicorn says that it finds the end by itself: werkzeug would take a body that was cut for a whole one
        request.environ.pop("wsgi.input_terminated", None)
    with _in_time(PATIENCE + length / SLOWEST):
        request.form  # noqa: B018 - reading it is what takes time


def _longest(endpoint: str) -> int:
    if "_user_id" not in session and "ended" not in session:  # whose session ended sends the same form again
        return OF_STRANGERS
    return OF_FILES if hasattr(current_app.view_functions[endpoint], "takes_file") else OF_FORMS


@contextmanager
def _in_time(seconds: float) -> Iterator[None]:
    """Shut the connection's way in when the body is not read by then: what waits for it fails, and is told 408."""
    connection: socket.socket | None = request.environ.get("gunicorn.socket")
    if connection is None:  # no server's: the body is there
        yield
        return
    too_late = threading.Event()

    def shut() -> None:
        too_late.set()
        connection.shutdown(socket.SHUT_RD)

    watch = threading.Timer(seconds, shut)
    watch.daemon = True
    watch.start()
    try:
        yield
    except HTTPException:
        if too_late.is_set():
            abort(408)
        raise
    finally:
        watch.cancel()
