"""Which tests run on both engines.

Engines differ in their SQL, not in the pages. A page test runs on SQLite, and on PostgreSQL too when it was the first
to get some answer (endpoint, method, status). So whatever a page answers was answered on both, and a new test needs
nothing. A test that asks no page runs on both, and so does a page test marked `both_engines`.
"""

import re
from pathlib import Path

import pytest

PAGES = tuple(f"tests/{folder}/" for folder in ("parent", "agent", "auth"))
NOTHING_NEW = "what it asks was answered on PostgreSQL already"


class Answers:
    """What each engine answered in this run: names of empty files, in a folder that the processes of a run share."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.on_sqlite: dict[str, set[str]] = {}
        """What each page test was answered there, in this process."""
        self.running = ""
        for engine in ("sqlite", "postgresql"):
            (folder / engine).mkdir(exist_ok=True)

    def begin(self, item: pytest.Item) -> None:
        """Skips a page test that asks nothing new of PostgreSQL."""
        self.running = item.nodeid
        before = self.on_sqlite.get(re.sub(r"\bpostgresql\b", "sqlite", item.nodeid))
        on_both = engine_of(item) != "postgresql" or item.get_closest_marker("both_engines")
        if before and not on_both and before <= self.told_by("postgresql"):
            pytest.skip(NOTHING_NEW)

    def note(self, engine: str, endpoint: str, method: str, status: int) -> None:
        answer = f"{method} {endpoint} {status}"
        if engine == "sqlite":
            if not self.running.startswith(PAGES):
                return
            self.on_sqlite.setdefault(self.running, set()).add(answer)
        (self.folder / engine / answer).touch()

    def told_by(self, engine: str) -> set[str]:
        return {file.name for file in (self.folder / engine).iterdir()}

    def missing(self) -> list[str]:
        """What page tests got on SQLite and no test on PostgreSQL."""
        return sorted(self.told_by("sqlite") - self.told_by("postgresql"))


def engine_of(item: pytest.Item) -> str:
    """The engine of a test, or nothing."""
    return item.callspec.params.get("engine_name", "") if hasattr(item, "callspec") else ""


def together(nodeid: str) -> str:
    """The tests that one process runs one after the other: those of a page test, so that `begin` finds the first."""
    return nodeid.partition("[")[0] if nodeid.startswith(PAGES) else nodeid
