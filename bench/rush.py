"""The opening: 2 000 parents ask for the same day as soon as it opens, 120 of them get it, and the others their turn.

Through gunicorn, on this machine's own address, on each engine: PostgreSQL where it is installed.
"""

import http.client
import re
import secrets
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from queue import Empty, SimpleQueue
from urllib.parse import urlencode

from app import clock, create_app, crypto, db
from app.config import Settings
from app.demo import planning
from app.demo.command import build
from app.models.enrolments import Booking, Enrolment
from app.models.families import Civility
from app.models.places import PoolDay, door
from app.models.requests import LineState, RequestLine
from app.models.town import Activity, Approval, CapacityPool, Structure
from bench.load import CLIENTS, gunicorn
from bench.towns import FIRST, TOKEN, environ, fill
from tests import servers

PARENTS, PLACES, DAY = 2_000, 120, date(2015, 5, 20)
LONGEST = 600
"""Seconds: a rush that takes longer is given up."""
SUBMISSION = re.compile(r'name="submission"[^>]*value="([^"]+)"')


@dataclass
class Asked:
    """What one parent did: when, by the clients' clock, and how long the server took to answer."""

    enrolment_id: int
    sent: float
    answered: float
    form_ms: float

    @property
    def ms(self) -> float:
        return (self.answered - self.sent) * 1000


def rushes(folder: Path) -> Iterator[tuple[str, dict[str, float]]]:
    """The rush on each engine: its name, and what it took."""
    yield "SQLite", rush(folder / "sqlite", "")
    with ExitStack() as running:
        try:
            servers.postgres_programs()
        except RuntimeError:
            return
        home = folder / "pg"
        home.mkdir()
        address = running.enter_context(servers.postgres(home))
        yield "PostgreSQL", rush(folder / "postgresql", servers.postgres_copy(address, "rush"))
        db.disconnect()


def rush(folder: Path, url: str) -> dict[str, float]:
    """Seconds in all; ms of the answers; who got what. Raises AssertionError for an error page, or a wrong count."""
    changes = {"PREAU_DATABASE_URL": url} if url else {}
    with _town(folder, changes) as cookies:
        with gunicorn("wsgi:app", folder, **changes) as host:
            began = time.perf_counter()
            asked = _all_ask(host, cookies)
            spent = time.perf_counter() - began
        _check(asked)
        freed = _give_one_back()
    times = sorted(one.ms for one in asked)
    forms = sorted(one.form_ms for one in asked)
    return {
        "seconds": spent,
        "median": statistics.median(times),
        "p99": times[len(times) * 99 // 100],
        "slowest": times[-1],
        "form p99": forms[len(forms) * 99 // 100],
        "freed": freed,
    }


@contextmanager
def _town(folder: Path, changes: dict[str, str]) -> Iterator[dict[int, str]]:
    """The guide's town and the parents, each in a browser where they logged in. Their cookies, by enrolment."""
    app = create_app(Settings.load({**environ(folder), **changes}))
    with app.app_context():
        build(app, guide=True)
        tokens = {FIRST + n: secrets.token_urlsafe(24) for n in range(PARENTS)}
        with db.transaction() as writing:
            _parents(writing, tokens)
        signer = app.session_interface.get_signing_serializer(app)
        seen = {"_fresh": True, "seen": int(time.time())}
        yield {n: signer.dumps({"_user_id": f"{n}.{token}", **seen}) for n, token in tokens.items()}
        db.session.remove()


def _parents(writing: db.Session, tokens: dict[int, str]) -> None:
    """One number for each: the account, the family, its adult and child, the enrolment."""
    structure = writing.query(Structure).first()
    pool = CapacityPool(structure_id=structure.id, name="Grande salle", capacity=PLACES)
    rules = {"booking_rule": planning.EVE, "cancelling_rule": planning.EVE, "approval": Approval.AUTOMATIC}
    activity = Activity(structure=structure, name="Stage", weekdays=127, pool=pool, uses_morning=True, **rules)
    writing.add_all([pool, activity])
    writing.flush()
    named = {"civility": Civility.MADAME, "first_name": "ANNE", "email": "anne@exemple.fr", "rank": 1}
    child = {"last_name": "N", "first_name": "LOU", "birth_date": date(2009, 1, 1)}
    since = {"first_day": date(2014, 9, 1), "activity_id": activity.id}
    ends = clock.now() + timedelta(hours=8)
    keys = ((n, f"parent.{n}") for n in tokens)
    fill(
        writing,
        "account",
        ({"id": n, "identifiant": key, "identifiant_key": key, "password_hash": "-"} for n, key in keys),
    )
    fill(writing, "family", ({"id": n, "number": f"{2 * 10**12 + n}"} for n in tokens))
    fill(
        writing, "adult", ({"id": n, "family_id": n, "account_id": n, "last_name": f"N{n}", **named} for n in tokens)
    )
    fill(writing, "child", ({"id": n, **child} for n in tokens))
    fill(writing, "custody", ({"child_id": n, "family_id": n} for n in tokens))
    fill(writing, "enrolment", ({"id": n, "child_id": n, "family_id": n, **since} for n in tokens))
    sessions = ({"account_id": n, "token_digest": crypto.digest(t), "expires_at": ends} for n, t in tokens.items())
    fill(writing, "user_session", sessions)


def _all_ask(host: str, cookies: dict[int, str]) -> list[Asked]:
    """Every parent opens the form and sends it, through so many clients at once."""
    todo: SimpleQueue[tuple[int, str]] = SimpleQueue()
    for one in cookies.items():
        todo.put(one)
    asked: list[Asked] = []
    wrong: list[BaseException] = []
    gives_up = time.monotonic() + LONGEST

    def ask() -> None:
        connection = http.client.HTTPConnection(host, timeout=60)
        try:
            while not wrong and time.monotonic() < gives_up:
                asked.append(_ask(connection, *todo.get_nowait()))
        except Empty:
            return
        except BaseException as error:
            wrong.append(error)

    clients = [threading.Thread(target=ask) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    if wrong:
        raise wrong[0]
    assert len(asked) == PARENTS, f"given up after {LONGEST} s, {len(asked)} had asked"
    return asked


def _ask(connection: http.client.HTTPConnection, number: int, cookie: str) -> Asked:
    address = f"/inscriptions/{number}/{DAY}/reservation"
    began = time.perf_counter()
    connection.request("GET", address, headers={"Cookie": f"preau={cookie}"})
    form = connection.getresponse()
    text = form.read().decode()
    assert form.status == 200, (address, form.status)
    form_ms = (time.perf_counter() - began) * 1000
    cookie = (form.headers.get("Set-Cookie") or f"preau={cookie}").partition(";")[0]
    filled = {"csrf_token": TOKEN.search(text)[1], "submission": SUBMISSION.search(text)[1]}
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    sent = time.perf_counter()
    connection.request("POST", address, urlencode(filled), headers)
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 303, (address, answer.status)
    return Asked(number, sent, time.perf_counter(), form_ms)


def _check(asked: list[Asked]) -> None:
    """Exactly the places, to the first; the others wait in the order in which they came. An answer that came before
    another parent even sent was served before."""
    db.session.rollback()
    turns = db.session.query(RequestLine.enrolment_id, RequestLine.state).filter_by(day=DAY)
    in_order = (
        turns.filter(RequestLine.enrolment_id >= FIRST).order_by(RequestLine.waiting_from, RequestLine.id).all()
    )
    states = [state for _, state in in_order]
    assert states == [LineState.ACCEPTED] * PLACES + [LineState.WAITING_LIST] * (PARENTS - PLACES)
    booked = {n for (n,) in db.session.query(Booking.enrolment_id).filter(Booking.day == DAY) if n >= FIRST}
    assert booked == {n for n, _ in in_order[:PLACES]}
    assert _taken() == PLACES
    times, latest = {one.enrolment_id: one for one in asked}, 0.0
    for number, _ in in_order:
        assert times[number].answered > latest, f"{number} was served after who came later"
        latest = max(latest, times[number].sent)


def _taken() -> int:
    room = db.session.query(CapacityPool.id).filter_by(name="Grande salle").scalar_subquery()
    return db.session.query(PoolDay.taken).filter(PoolDay.pool_id == room, PoolDay.day == DAY).scalar()


def _give_one_back() -> float:
    """Milliseconds to give a place back while all the others wait: the first of them is offered it."""
    number = (
        db.session.query(Booking.enrolment_id).filter(Booking.day == DAY, Booking.enrolment_id >= FIRST).first()[0]
    )
    waiting = db.session.query(RequestLine.id).filter_by(day=DAY, state=LineState.WAITING_LIST)
    first = waiting.order_by(RequestLine.waiting_from, RequestLine.id).first()[0]
    began = time.perf_counter()
    with db.transaction() as writing:
        door.cancel(writing.get_one(Enrolment, number), DAY)
    spent = (time.perf_counter() - began) * 1000
    assert db.session.get_one(RequestLine, first).state is LineState.OFFERED
    assert _taken() == PLACES
    return spent
