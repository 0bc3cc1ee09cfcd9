"""Logs: one JSON line an event, without personal data.

A request is named by its endpoint and rule, never by its address, which may hold a token or a name. An
exception is told by its type and frames; its message may quote what a person typed, so it stays out.
"""

import errno
import json
import logging
import re
import sys
import traceback
from datetime import UTC, datetime
from typing import Any

# A token in an address that some library would log by itself (werkzeug, gunicorn).
_TOKEN = re.compile(r"(/mot-de-passe/(?!oubli\b)|(?<!/planning)/calendrier/)[^\s?/\"']+")
_OURS = (
    "endpoint",
    "rule",
    "method",
    "status",
    "ms",
    "reference",
    "job",
    "kind",
    "attempt",
    "state",
)


def mask(text: str) -> str:
    return _TOKEN.sub(r"\1…", text)


class JSONFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": mask(record.getMessage()),
        }
        line.update({name: getattr(record, name) for name in _OURS if hasattr(record, name)})
        if record.exc_info and record.exc_info[1]:
            line["error"] = type(record.exc_info[1]).__qualname__
            cause = _cause(record.exc_info[1])
            if cause:
                line["cause"] = cause
            line["frames"] = [
                f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(record.exc_info[2])
            ]
        return json.dumps(line, ensure_ascii=False)


def _cause(error: BaseException | None) -> str:
    """What the system below calls it, which tells a full disk from a lost server: « SQLITE_FULL », an SQLSTATE as
    « 57P01 », « ENOSPC ». Empty when it says nothing."""
    while error is not None:
        told = getattr(error, "sqlite_errorname", None) or getattr(error, "sqlstate", None)
        number = error.errno if isinstance(error, OSError) else None
        if told or number:
            return str(told or errno.errorcode.get(number or 0, number))
        error = getattr(error, "orig", None) or error.__cause__
    return ""


def configure() -> None:
    """Send every log of this process to standard error, as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JSONFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in ("alembic", "werkzeug"):
        logging.getLogger(name).setLevel(logging.WARNING)
