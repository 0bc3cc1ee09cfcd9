"""What each answer costs one checkout, in CPU time and queries. `bench/against.py` starts it in the folder of a
checkout, and asks two of them in turn.

It knows addresses, forms and attributes, which do not change when modules move, and two things of the checkout's own
bench: how a town is built, and the raw grid. It reads a line for each measure, and answers by a line of JSON.
"""

import json
import logging
import re
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event
from werkzeug.test import TestResponse

from bench import floors, towns

SIZES = (100, 10_000)
BROWSER = {"Accept-Encoding": "br, gzip"}
READABLE = {"HX-Request": "true", "HX-Request-Type": "partial"}
FRAGMENT = {**BROWSER, **READABLE}
MONTH = "/planning/2015-05"
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
CELL = re.compile(r"<td [^>]*data-enrolment=[^>]*>")
ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
ACCEPT = re.compile(
    r'action="(/agent/demandes/\d+/lignes/\d+/acceptation)".*?name="version" value="(\d+)"', re.DOTALL
)
STYLESHEET = re.compile(r'href="([^"]*/planning\.css[^"]*)"')
MONTHS_TO_BOOK = ("2015-09", "2015-10", "2015-11", "2015-12", "2016-01", "2016-03", "2016-05", "2016-06")
MANY = 100
"""Lines of the largest request that is accepted."""
Cell = tuple[str, str]
"""A row's enrolment and a day."""
Asked = tuple[str, str]
"""Where a line is accepted, and the version that was seen."""


@dataclass
class Visitor:
    """A person in a browser of their own: what they fetch, and send."""

    client: FlaskClient
    token: str = ""

    @classmethod
    def of(cls, app: Flask, cookie: str, page: str) -> "Visitor":
        client = app.test_client()
        client.set_cookie("preau", cookie)
        visitor = cls(client)
        visitor.token = TOKEN.search(visitor.get(page).text)[1]
        return visitor

    def get(self, address: str, headers: dict[str, str] | None = None) -> TestResponse:
        answer = self.client.get(address, headers=headers or {})
        assert answer.status_code == 200, (address, answer.status)
        return answer

    def send(
        self, address: str, status: int, headers: dict[str, str] | None = None, **fields: object
    ) -> TestResponse:
        answer = self.client.post(address, data={"csrf_token": self.token, **fields}, headers=headers or {})
        assert answer.status_code == status, (address, answer.status, answer.text[:2000])
        return answer


@dataclass
class Measured:
    """One row: what is timed, and what is made ready for it outside of the time."""

    call: Callable[[object], object]
    ready: Callable[[], object] = lambda: None
    times: int = 8
    """Calls of a turn; 0: its queries alone are counted."""

    def cpu(self) -> list[float]:
        """Milliseconds of CPU of each call."""
        spent = []
        for _ in range(self.times):
            given = self.ready()
            began = time.process_time()
            self.call(given)
            spent.append((time.process_time() - began) * 1000)
        return spent

    def queries(self) -> int:
        given = self.ready()
        with counted() as sent:
            self.call(given)
        return len(sent)


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that any engine sends meanwhile, transactions apart."""
    sent: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE", "PRAGMA")):
            sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


class Place:
    """One town of this checkout, its visitors, and what is measured there."""

    def __init__(self, folder: Path, families: int) -> None:
        self.town = towns.build_town(families, folder / str(families))
        logging.getLogger().setLevel(logging.WARNING)
        self.town.enter()
        self.parent = Visitor.of(self.town.app, self.town.cookie, MONTH)
        self.agent = Visitor.of(self.town.app, self.town.agent_cookie, "/agent/")
        self.at_once, self.by_hand = self._free_cells()
        self.rows = self._rows()

    def _free_cells(self) -> tuple[Iterator[Cell], Iterator[Cell]]:
        """Cells of the coming months that may be booked: where it is decided at once, and where an agent decides."""
        free: dict[str, list[Cell]] = {}
        for month in MONTHS_TO_BOOK:
            for cell, state in _states(self.parent.get(f"/planning/{month}").text).items():
                if state == "free":
                    free.setdefault(cell[0], []).append(cell)
        whole_weeks = {row: cells for row, cells in free.items() if len(cells) > 20 * len(MONTHS_TO_BOOK) // 2}
        at_once, by_hand = [], []
        for cells in whole_weeks.values():
            tried = cells.pop(0)
            becomes = _states(self._book(tried, READABLE).text)[tried]
            (at_once if becomes == "booked" else by_hand).extend(cells)
        return iter(at_once), iter(by_hand)

    def _book(self, cell: Cell, headers: dict[str, str] = FRAGMENT) -> TestResponse:
        row, day = cell
        return self.parent.send(f"/inscriptions/{row}/{day}/reservation", 200, headers, submission=uuid.uuid4())

    def _asked(self, lines: int) -> Asked:
        """A request of so many lines, taken by the agent: where to accept one, and with what."""
        asked = [f"{row}:{day}" for row, day in islice(self.by_hand, lines)]
        assert len(asked) == lines, "no cell is left to ask for"
        form = {"type": "reservation", "ligne": asked, "submission": uuid.uuid4()}
        number = self.parent.send("/demandes/nouvelle", 303, **form).location.rpartition("/")[2]
        page = f"/agent/demandes/{number}"
        self.agent.send(f"{page}/prise-en-charge", 303)
        accepting = ACCEPT.findall(self.agent.get(page).text)
        assert len(accepting) == lines, (lines, len(accepting))
        return accepting[0]

    def _accept(self, asked: Asked) -> None:
        address, version = asked
        self.agent.send(address, 200, FRAGMENT, version=version)

    def _rows(self) -> dict[str, Measured]:
        """What is timed, by name."""
        bare, connection = floors.hello().test_client(), floors.opened(self.town.database)
        raw = (connection, self.town.family_id, towns.MONTH, towns.TODAY)
        sheet = STYLESHEET.search(self.parent.get(MONTH).text)[1]
        one_cell = f"/inscriptions/{self.town.enrolment_id}/2015-05-20"
        file = f"/agent/familles/{self.town.family_id}"

        def page(visitor: Visitor, address: str, headers: dict[str, str] = BROWSER, times: int = 8) -> Measured:
            return Measured(lambda _: visitor.get(address, headers), times=times)

        return {
            "hello": Measured(lambda _: bare.get("/"), times=200),
            "raw grid": Measured(lambda _: floors.raw_grid(*raw), times=40),
            "month page": page(self.parent, MONTH),
            "home, 30 enrolments": page(self.parent, "/"),
            "menu of a cell": page(self.parent, one_cell, FRAGMENT),
            "answer to a booking": Measured(self._book, lambda: next(self.at_once), 8),
            "agent accepts, 1 line": Measured(self._accept, lambda: self._asked(1), 4),
            "agent accepts, 12 lines": Measured(self._accept, lambda: self._asked(12), 1),
            f"agent accepts, {MANY} lines": Measured(self._accept, lambda: self._asked(MANY), 0),
            "family file": page(self.agent, file),
            "dashboard": page(self.agent, "/agent/"),
            "« Inscriptions »": page(self.agent, "/agent/inscriptions"),
            "family search": page(self.agent, "/agent/familles?q=anne+n1", FRAGMENT),
            "family list": page(self.agent, "/agent/familles"),
            "static file": page(self.parent, sheet, times=40),
        }


def _states(text: str) -> dict[Cell, str]:
    """The state of each cell that a page or an answer shows."""
    tags = (dict(ATTRIBUTE.findall(tag)) for tag in CELL.findall(text))
    return {(tag["data-enrolment"], tag["data-day"]): tag["data-state"] for tag in tags}


def main(folder: str) -> None:
    """Build the towns, then answer what is asked, a line for a line: size, « cpu » or « queries », row."""
    answers = sys.stdout
    sys.stdout = sys.stderr  # a print of the checkout's own is no answer
    places = {size: Place(Path(folder), size) for size in SIZES}
    print(json.dumps(list(places[SIZES[0]].rows)), file=answers, flush=True)
    for line in sys.stdin:
        size, what, name = line.rstrip("\n").split(" ", 2)
        place = places[int(size)]
        place.town.enter()
        row = place.rows[name]
        print(json.dumps(row.cpu() if what == "cpu" else row.queries()), file=answers, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
