"""500 pending requests accepted in one go for 450 places, while a parent keeps opening the planning."""

import http.client
import re
import threading
import time
from datetime import date, datetime
from datetime import time as clock_time
from urllib.parse import urlencode

from app import db
from app.clock import PARIS
from app.models.enrolments import Booking
from app.models.places import PoolDay
from app.models.town import Activity, Approval, CapacityPool, DeadlineKind, Structure
from app.models.town.deadline import DeadlineRule
from bench.load import gunicorn
from bench.pages import BROWSER, PLANNING
from bench.towns import FIRST, Town, fill

REQUESTS, PLACES, DAY = 500, 450, date(2015, 5, 20)
LOT = "/agent/demandes/lots"


def lots(town: Town) -> dict[str, float]:
    """Seconds for the lot, the parent's slowest page in ms, how often it looked, and the lines accepted."""
    town.enter()
    with town.app.app_context():
        activity_id = _ask(town)
    with gunicorn("wsgi:app", town.folder) as host:
        slowest: list[float] = []
        stop = threading.Event()
        parent = threading.Thread(target=_keep_looking, args=(host, town, stop, slowest))
        parent.start()
        began = time.perf_counter()
        try:
            _accept_all(host, f"preau={town.agent_cookie}")
        finally:
            stop.set()
            parent.join()
        spent = time.perf_counter() - began
    town.enter()
    with town.app.app_context():
        booked = db.session.query(Booking).filter_by(activity_id=activity_id).count()
        pool_id = db.session.get_one(Activity, activity_id).pool_id
        taken = db.session.query(PoolDay.taken).filter_by(pool_id=pool_id, day=DAY).scalar()
        assert booked == taken == PLACES, (booked, taken)
    return {"seconds": spent, "slowest": max(slowest), "looks": len(slowest), "accepted": booked}


def _ask(town: Town) -> int:
    """One request of each of the first families, for one day of an activity with too few places."""
    eve = DeadlineRule(DeadlineKind.DAYS, 1, clock_time(20))
    with db.transaction() as writing:
        structure = writing.query(Structure).first()
        pool = CapacityPool(structure_id=structure.id, name="Grande salle", capacity=PLACES)
        activity = Activity(
            structure=structure, name="Grande sortie", weekdays=127, pool=pool, uses_morning=True,
            approval=Approval.MANUAL, booking_rule=eve, cancelling_rule=eve,
        )  # fmt: skip
        writing.add_all([pool, activity])
        writing.flush()
        numbers = range(FIRST, FIRST + REQUESTS)
        base = 2 * 10**6
        since = {"first_day": date(2014, 9, 1), "activity_id": activity.id}
        fill(writing, "enrolment", ({"id": base + n, "child_id": n, "family_id": n, **since} for n in numbers))
        sent = {"kind": "booking", "submitted_at": datetime(2015, 5, 1, 9, tzinfo=PARIS)}
        made = (
            {"id": base + n, "code": f"L-{n}", "submission": f"l{n}", "family_id": n, "submitted_by": n}
            for n in numbers
        )
        fill(writing, "request", ({**one, **sent} for one in made))
        line = {"day": DAY, "kind": "booking", "state": "submitted"}
        fill(writing, "request_line", ({"request_id": base + n, "enrolment_id": base + n, **line} for n in numbers))
        return activity.id


def _accept_all(host: str, cookie: str) -> None:
    """As the page does: open the lot, then ask for the next lines until none is left."""
    connection = http.client.HTTPConnection(host)

    def send(method: str, address: str, body: dict[str, str] | None = None, **headers: str) -> tuple[str, str]:
        nonlocal cookie
        headers |= {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request(method, address, urlencode(body or {}), headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        cookie = (answer.headers.get("Set-Cookie") or cookie).partition(";")[0]
        assert answer.status in (200, 303), (address, answer.status)
        return answer.headers.get("Location", ""), text

    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', send("GET", "/agent/demandes")[1])[1]
    lot, _ = send("POST", LOT, {"csrf_token": token, "tout": "1", "type": "booking", "etat": "a-traiter"})
    fragment = {"HX-Request": "true", "HX-Request-Type": "partial"}
    text = send("GET", lot)[1]
    while "/suite" in text:
        text = send("POST", f"{lot}/suite", {"csrf_token": token}, **fragment)[1]


def _keep_looking(host: str, town: Town, stop: threading.Event, slowest: list[float]) -> None:
    connection = http.client.HTTPConnection(host)
    while not stop.is_set():
        began = time.perf_counter()
        connection.request("GET", PLANNING, headers={**BROWSER, "Cookie": f"preau={town.cookie}"})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
        slowest.append((time.perf_counter() - began) * 1000)
        stop.wait(0.05)
