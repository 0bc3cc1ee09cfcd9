"""Whether a copy was put in the place of the database: it is older than what this machine's worker saw last.

Its mails that wait may have left since the copy was made.
"""

from datetime import datetime, timedelta
from pathlib import Path

from flask import current_app

from app import clock
from app.models.jobs import WorkerBeat

LAG = timedelta(minutes=2)
"""What clocks and the time between two signs of life explain."""


def note_now() -> None:
    """Remember, beside the database, that a worker saw it now."""
    _file().write_text(clock.now().isoformat())


def is_copy() -> bool:
    """Whether the newest sign of life in the database is older than the one beside it."""
    newest = WorkerBeat.newest()
    try:
        seen = datetime.fromisoformat(_file().read_text())
    except (OSError, ValueError):  # the first time, or a file that was cut
        return False
    return newest is not None and newest + LAG < seen


def _file() -> Path:
    folder: Path = current_app.config["PREAU"].data_dir
    return folder / "worker-seen"
