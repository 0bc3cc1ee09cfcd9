"""`make bench`: what pages and verbs cost, as ratios to a floor taken in the same run (a bare Flask hello).

A figure alone says what machine it was; a ratio says what the code is. See README.md beside this file.
"""

import gzip
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from flask import Flask
from sqlalchemy import event, insert

from app import create_app, db
from app.config import Settings
from app.demo import PASSWORD
from app.demo.command import build
from app.models import Adult, Civility, Family, Invoice, InvoiceSeries, Job
from tests.conftest import CheckingClient

TIMES = 150


def median_ms(call: Callable[[], object], times: int = TIMES) -> float:
    """The median time of a call, in milliseconds, after a few to warm up."""
    for _ in range(10):
        call()
    spent = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        spent.append((time.perf_counter() - began) * 1000)
    return statistics.median(spent)


def hello_ms() -> float:
    """The floor: what Flask itself costs."""
    bare = Flask("hello")
    bare.add_url_rule("/", view_func=lambda: "hello")
    client = bare.test_client()
    return median_ms(lambda: client.get("/"), 500)


def town_of(families: int, folder: Path) -> Flask:
    """The guide's town among this many other families, each with twelve invoices, most of them paid."""
    environ = {
        "PREAU_ENV": "demo", "PREAU_DATA_DIR": str(folder), "PREAU_TODAY": "2015-05-04",
        "PREAU_BASE_URL": "http://localhost",
    }  # fmt: skip
    app = create_app(Settings.load(environ))
    with app.app_context():
        build(app, guide=True)
        ledger = db.Base.metadata.tables["ledger_entry"]
        day = date(2015, 4, 8)
        with db.transaction() as writing:
            first, invoice = 1000, 1000
            numbers = range(families)
            writing.execute(insert(Family), [{"id": first + n, "number": f"{2 * 10**12 + n}"} for n in numbers])
            people = {"rank": 1, "civility": Civility.MADAME, "first_name": "Anne"}
            writing.execute(
                insert(Adult), [{"family_id": first + n, "last_name": f"N{n}", **people} for n in numbers]
            )
            writing.add(InvoiceSeries(code="BE", last_number=12 * families))
            writing.flush()
            bills = [(invoice + 12 * n + m, first + n) for n in numbers for m in range(12)]
            same = {"series": "BE", "issued_on": day, "due_on": day, "total_cents": 1000}
            writing.execute(
                insert(Invoice),
                [{"id": i, "number": i, "family_id": f, **same} for i, f in bills],
            )
            debts = [
                {"family_id": f, "day": day, "kind": "invoice", "amount_cents": -1000, "invoice_id": i}
                for i, f in bills
            ]
            writing.execute(ledger.insert(), debts)
    return app


def page_figures(app: Flask, address: str, *, login: str = "") -> tuple[float, int, int, int]:
    """Milliseconds, queries, bytes raw and gzipped of a page."""
    client = app.test_client()
    if login:
        app.test_client_class = CheckingClient
        filled = app.test_client()
        filled.log_in(login, PASSWORD)
        client.set_cookie("preau", filled.get_cookie("preau").value)
    sent: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if not statement.startswith("BEGIN"):
            sent.append(statement)

    event.listen(db.engine(), "before_cursor_execute", note)
    body = client.get(address).data
    event.remove(db.engine(), "before_cursor_execute", note)
    return median_ms(lambda: client.get(address)), len(sent), len(body), len(gzip.compress(body))


def jobs_per_second(app: Flask) -> float:
    """Mails claimed and ended, one at a time, as the worker does, without a mail server."""
    with app.app_context():
        with db.transaction():
            for _ in range(300):
                Job.post_mail("a@exemple.fr", "email_changed", identifiant="x")
        began = time.perf_counter()
        for _ in range(300):
            with db.transaction():
                job = Job.claim()
            assert job is not None
            with db.transaction():
                Job.finish(job.id, job.lease_token or "")
        return 300 / (time.perf_counter() - began)


def main() -> None:
    import logging  # noqa: PLC0415

    floor = hello_ms()
    print(f"hello (Flask alone)                 {floor:7.2f} ms   1.0 ×")
    for families in (100, 10_000):
        with tempfile.TemporaryDirectory() as folder:
            app = town_of(families, Path(folder))
            logging.getLogger().setLevel(logging.WARNING)
            for name, address, login in (("login page", "/connexion", ""), ("home page", "/", "jean.dupont")):
                ms, queries, raw, packed = page_figures(app, address, login=login)
                print(
                    f"{name:<11} {families:>6} families         {ms:7.2f} ms {ms / floor:5.1f} ×   "
                    f"{queries} queries   {raw / 1000:.1f} kB, {packed / 1000:.1f} kB gzipped"
                )
            print(f"jobs        {families:>6} families         {jobs_per_second(app):7.0f} a second")
            db.disconnect()


main()
