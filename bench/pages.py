"""What a page costs the server: time, queries, and where the time goes."""

import cProfile
import pstats
import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from flask import render_template
from sqlalchemy import event

from app import db
from app.blueprints.parent.planning.cells import cells, columns
from app.models.planning.month import Month
from bench import floors
from bench.towns import MONTH, TODAY, WAITING, Town

BROWSER = {"Accept-Encoding": "br, gzip"}
FRAGMENT = {**BROWSER, "HX-Request": "true", "HX-Request-Type": "partial"}
CALLS = 20
"""Of each thing, in each round."""
PLANNING = f"/planning/{MONTH:%Y-%m}"


@dataclass(frozen=True)
class Page:
    name: str
    address: str
    headers: dict[str, str] = field(default_factory=lambda: BROWSER)
    visitor: str = "parent"
    """Jean, an « agent », or nobody."""

    def opened(self, town: Town) -> Callable[[], bytes]:
        """A call that fetches it as its visitor does; raises AssertionError for anything but the page."""
        client = town.app.test_client()
        if self.visitor:
            client.set_cookie("preau", town.agent_cookie if self.visitor == "agent" else town.cookie)

        def fetch() -> bytes:
            answer = client.get(self.address, headers=self.headers)
            assert answer.status_code == 200, (self.address, answer.status)
            return answer.data

        return fetch


def pages(town: Town) -> list[Page]:
    return [
        Page("login page", "/connexion", visitor=""),
        Page("home page", "/"),
        Page("month page", PLANNING),
        Page("month page, uncompressed", PLANNING, headers={}),
        Page("month page, one waits", f"/planning/{WAITING:%Y-%m}"),
        menu(town),
        Page("queue", "/agent/demandes?etat=liste-attente", visitor="agent"),
        Page("family search", "/agent/familles?q=anne+n1", headers=FRAGMENT, visitor="agent"),
        Page("all families", "/agent/familles", visitor="agent"),
        Page("family file", f"/agent/familles/{town.family_id}", visitor="agent"),
    ]


def menu(town: Town) -> Page:
    return Page("menu", f"/inscriptions/{town.enrolment_id}/{MONTH.replace(day=20)}", headers=FRAGMENT)


class Stopwatch:
    """Times of calls by name and size of town. Sizes take turns, so that a busy minute weighs on all of them."""

    def __init__(self) -> None:
        self.spent: dict[tuple[str, int], list[float]] = defaultdict(list)

    def time(self, name: str, families: int, call: Callable[[], object], times: int = CALLS) -> None:
        for _ in range(3):
            call()
        for _ in range(times):
            began = time.perf_counter()
            call()
            self.spent[name, families].append((time.perf_counter() - began) * 1000)

    def ms(self, name: str, families: int = 0) -> float:
        return statistics.median(self.spent[name, families])

    def names(self) -> list[str]:
        return list(dict.fromkeys(name for name, families in self.spent if families))


def one_round(watch: Stopwatch, towns: list[Town]) -> None:
    """Everything once, at each size."""
    bare = floors.hello().test_client()
    watch.time("hello", 0, lambda: bare.get("/"), 200)
    for town in towns:
        town.enter()
        for name, call in calls(town).items():
            watch.time(name, town.families, call)
    db.disconnect()


def calls(town: Town) -> dict[str, Callable[[], object]]:
    """What is timed, by name."""
    connection = floors.opened(town.database)

    def load() -> Month:
        with town.app.app_context():
            return Month.load(town.family_id, MONTH)

    def grid() -> str:
        with town.app.test_request_context(PLANNING):
            month = Month.load(town.family_id, MONTH)
            column = columns(month.days)
            written = {row.enrolment_id: cells(row, row.cells, column) for row in month.rows}
            told = {"week": month.week_to_show(None), "column": column, "cells": written}
            return render_template("parent/planning/_grid.html", month=month, **told)

    return {
        "raw grid": lambda: floors.raw_grid(connection, town.family_id, MONTH, TODAY),
        "Month.load": load,
        "grid": grid,
        **{page.name: page.opened(town) for page in pages(town)},
    }


def queries(town: Town) -> dict[str, int]:
    """Statements sent by each call, transactions apart."""
    town.enter()
    counted = {}
    for name, call in calls(town).items():
        sent: list[str] = []

        def note(connection: object, cursor: object, statement: str, *rest: object, sent: list[str] = sent) -> None:
            if not statement.startswith(("BEGIN", "PRAGMA")):
                sent.append(statement)

        event.listen(db.engine(), "before_cursor_execute", note)
        call()
        event.remove(db.engine(), "before_cursor_execute", note)
        counted[name] = len(sent)
    return counted


def profile(page: Page, town: Town, times: int = 50, top: int = 8) -> list[str]:
    """The functions in which the page's time is spent, their own time alone, as shares of the whole."""
    town.enter()
    fetch, profiler = page.opened(town), cProfile.Profile()
    fetch()
    profiler.enable()
    for _ in range(times):
        fetch()
    profiler.disable()
    stats = pstats.Stats(profiler)
    costly = sorted(stats.stats.items(), key=lambda one: -one[1][2])[:top]
    return [
        f"{own / stats.total_tt:4.0%} {count / times:6.0f} calls   {'/'.join(Path(file).parts[-2:])}:{line} {name}"
        for (file, line, name), (_, count, own, *_rest) in costly
    ]
