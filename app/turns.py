"""Writers of one SQLite file take turns: threads of a process, and processes of a portal.

SQLite lets one transaction write at a time, and whoever waits asks again and again; an unlucky one may never find the
file free. Here those who wait sleep in a line, and nobody waits longer than `LONGEST` in all, whoever holds the file.
"""

import fcntl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LONGEST = 15.0
"""Seconds."""


class BusyError(Exception):
    """Others kept the database busy for too long: nothing was written."""


class Turns:
    def __init__(self, database: str | None) -> None:
        """`database`: the path of its file; None for one in memory, which no other process has."""
        self._threads = threading.Lock()
        self._file = Path(f"{database}-turn") if database else None

    @contextmanager
    def taken(self) -> Iterator[float]:
        """Hold the turn for the block; gives the seconds that are left to wait for the file. Raises BusyError."""
        until = time.monotonic() + LONGEST
        if not self._threads.acquire(timeout=LONGEST):
            raise BusyError
        try:
            with self._among_processes():
                left = until - time.monotonic()
                if left <= 0:  # the one before waited in vain: so would this one
                    raise BusyError
                yield left
        finally:
            self._threads.release()

    @contextmanager
    def _among_processes(self) -> Iterator[None]:
        if self._file is None:
            yield
            return
        with self._file.open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # ends with the process, however it ends
            yield
